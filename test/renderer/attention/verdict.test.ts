import { describe, expect, it } from 'vitest';
import { verdictOf } from '../../../src/renderer/attention/verdict.ts';

describe('whether it matters where a word looked', () => {
  it.each([
    ['only that region takes the word away', 0.8, 0.1, [0.75, 0.7, 0.8], 'falls'],
    ['the centre takes it away as well', 0.8, 0.1, [0.75, 0.1, 0.8], 'fallsAlike'],
    ['another word’s region takes away nearly as much', 0.8, 0.1, [0.75, 0.8, 0.12], 'fallsAlike'],
    ['there is nothing to compare with', 0.8, 0.1, [], 'falls'],
    ['hardly anything changes', 0.8, 0.7, [0.3, 0.8], 'stays'],
    ['the word gets likelier', 0.4, 0.6, [0.4], 'rises'],
  ] as const)('%s', (_, whole, blanked, controls, verdict) => {
    expect(verdictOf(whole, blanked, controls)).toBe(verdict);
  });
});
