import { expect, it } from 'vitest';
import { attendedWindow, centreWindow, windowsOf } from '../../../src/captioning/faithfulness/windows.ts';

it('has every square of a size, row by row', () => {
  expect(windowsOf([2, 3], 2)).toEqual([
    [0, 1, 3, 4],
    [1, 2, 4, 5],
  ]);
  expect(windowsOf([7, 7], 3)).toHaveLength(25);
});

it('finds the window with the most attention, the least, and the middle one', () => {
  const windows = windowsOf([3, 3], 2);
  const weights = [0, 0, 0.1, 0, 0, 0.2, 0, 0.3, 0.4];
  expect(windows[attendedWindow(windows, weights, 'most')]).toEqual([4, 5, 7, 8]);
  expect(windows[attendedWindow(windows, weights, 'least')]).toEqual([0, 1, 3, 4]);
  expect(windowsOf([7, 7], 3)[centreWindow([7, 7], 3)]).toEqual([16, 17, 18, 23, 24, 25, 30, 31, 32]);
});
