import { describe, expect, it } from 'vitest';
import { assertOnly, assertTruth, assertWithin } from '../../src/model-folders/bounds.ts';

const BOUNDS = { beam: { least: 1, most: 50 }, 'alpha?': { least: 0, most: 1, fraction: true } } as const;

describe('the bounds of a model', () => {
  it.each([{ beam: 1 }, { beam: 50, alpha: 0.5 }, { beam: 3, other: 'x' }])('let %j pass', (values) => {
    expect(() => assertWithin('decoding', values, BOUNDS)).not.toThrow();
  });

  it.each<[unknown, string]>([
    [{ beam: 0 }, 'decoding.beam is 0; it must be a whole number from 1 to 50'],
    [{ beam: 1e9 }, 'decoding.beam is 1000000000'],
    [{ beam: 1.5 }, 'decoding.beam is 1.5'],
    [{ beam: '3' }, 'decoding.beam is "3"'],
    [{ beam: null }, 'decoding.beam is null'],
    [{}, 'decoding.beam is missing'],
    [undefined, 'decoding.beam is missing'],
    [{ beam: 3, alpha: -0.1 }, 'decoding.alpha is -0.1; it must be a number from 0 to 1'],
    [{ beam: 3, alpha: { a: 'x'.repeat(1000) } }, 'decoding.alpha is {'],
  ])('refuse %j with a sentence', (values, message) => {
    expect(() => assertWithin('decoding', values, BOUNDS)).toThrow(message);
    expect(() => assertWithin('decoding', values, BOUNDS)).toThrow(/^.{0,160}$/);
  });
});

it.each<[unknown, string]>([
  ['x', 'decoding is "x"; it must be an object'],
  [null, 'decoding is null'],
  [[3], 'decoding is [3]'],
  [{ beam: 3, beems: 4 }, 'decoding has "beems", which this Attend does not know; it knows beam, alpha.'],
])('what nobody would read is refused: %j', (values, message) => {
  expect(() => assertOnly('decoding', values, ['beam', 'alpha'])).toThrow(message);
});

it('what is known, or left out, is not', () => {
  for (const values of [undefined, {}, { beam: 3 }])
    expect(() => assertOnly('decoding', values, ['beam'])).not.toThrow();
  expect(() => assertOnly('decoding', { any: 3 })).not.toThrow();
  for (const value of [undefined, true, false]) expect(() => assertTruth('x', value)).not.toThrow();
  expect(() => assertTruth('decoding.refill', 'yes')).toThrow('decoding.refill is "yes"; it must be true or false');
});
