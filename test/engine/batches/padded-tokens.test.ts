import { expect, test } from 'vitest';
import { padTokens, slotsOf } from '../../../src/engine/batches/padded-tokens.ts';

test('tokens of sentences of different lengths know their places, and places their tokens', () => {
  const { places, slots } = slotsOf(padTokens([[7, 8], [9, 5, 6], [4]]));
  expect([...places]).toEqual([0, 1, 3, 4, 5, 6]);
  expect([...slots]).toEqual([0, 1, 0, 2, 3, 4, 5, 0, 0]);
});
