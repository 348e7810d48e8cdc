import { expect, it } from 'vitest';
import { deletionBounds, windowOn, type NounRegions } from '../../../src/captioning/faithfulness/bounds.ts';
import { windowsOf } from '../../../src/captioning/faithfulness/windows.ts';
import { Bootstrap } from '../../../src/engine/metrics/bootstrap.ts';

const bootstrap = new Bootstrap(2, 100, 1);
const dog: NounRegions = { falls: [1, 2, 4], chosen: { attention: 1, posterior: 2, most: 2, others: 0, thing: 1 } };
const snow: NounRegions = { falls: [3, 1, 0], chosen: { attention: 2, posterior: 0, most: 0 } };

it('compares the regions that were chosen for the same nouns, as falls and as many times the centre', () => {
  const { all, boxes, others } = deletionBounds([[dog, snow], [dog]], 1, bootstrap);
  // By attention (2 + 0 + 2) / 3, by the most (4 + 3 + 4) / 3, in the centre (2 + 1 + 2) / 3.
  expect(all.nouns).toBe(3);
  expect(all.falls.attention!.value).toBeCloseTo(4 / 3, 10);
  expect(all.overCentre.attention!.value).toBeCloseTo(4 / 5, 10);
  expect(all.overCentre.posterior!.value).toBeCloseTo(11 / 5, 10);
  expect(all.overCentre.most!.value).toBeCloseTo(11 / 5, 10);
  expect(all.falls.others).toBeUndefined();
  // Of the dogs alone, which have a choice of others and a box.
  expect([others!.nouns, boxes!.nouns]).toEqual([2, 2]);
  expect(others!.overCentre.others!.value).toBeCloseTo(1 / 2, 10);
  expect(others!.overCentre.most!.value).toBeCloseTo(2, 10);
  expect(boxes!.overCentre.thing!.value).toBeCloseTo(1, 10);
});

it('leaves out what no noun has', () => {
  expect(Object.keys(deletionBounds([[snow], []], 1, bootstrap))).toEqual(['all']);
});

it('finds the window with most of a thing, of equals the one around its middle', () => {
  const grid = [4, 5] as const;
  const windows = windowsOf(grid, 2);
  const at = (...cells: number[]): number[] => Array.from({ length: 20 }, (_, cell) => Number(cells.includes(cell)));
  expect(windows[windowOn(at(18, 19), grid, 2)]).toEqual([13, 14, 18, 19]);
  expect(windows[windowOn(at(0, 5, 6, 10), grid, 2)]).toEqual([0, 1, 5, 6]);
  // All of it: the middle of four rows and five columns is between rows, and two windows are as near.
  expect(windows[windowOn(at(...Array(20).keys()), grid, 2)]).toEqual([6, 7, 11, 12]);
});
