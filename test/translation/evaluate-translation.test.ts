import { describe, expect, it } from 'vitest';
import { faithfulness } from '../../src/translation/evaluate-translation.ts';

describe('faithfulness', () => {
  it('counts lines whose numbers are kept, among those that have some', () => {
    const sources = ['Room 12.', 'At 9:30 or 10:30.', 'It costs 1,500.', 'No number.'];
    const translations = ['Zimmer 21.', 'Um 10:30 oder 9:30.', 'Es kostet 1.500.', '1 Zahl.'];
    expect(faithfulness(sources, translations)).toMatchObject({ numbersKept: 2 / 3, linesWithNumbers: 3 });
  });

  it('counts lines that say two words three times and more', () => {
    const loop = 'a dog and a dog and a dog';
    expect(faithfulness(['Dogs.', loop, 'A cat.', 'A ball.'], [loop, loop, 'Eine Katze.', 'Ein Ball.'])).toEqual({
      numbersKept: 1,
      linesWithNumbers: 0,
      repetitions: 0.25,
    });
  });
});
