import { describe, expect, it } from 'vitest';
import { PositionalEncoding } from '../../../src/engine/layers/positional-encoding.ts';
import { useTestBackend } from '../../support/backend.ts';

useTestBackend();

describe('PositionalEncoding', () => {
  it('is the sine and cosine of the paper, from any position on', () => {
    const positions = new PositionalEncoding(4);
    const all = positions.at(0, 50).arraySync();
    expect(all[0]).toEqual([0, 1, 0, 1]);
    for (const [i, value] of [Math.sin(7), Math.cos(7), Math.sin(0.07), Math.cos(0.07)].entries()) {
      expect(all[7]![i]).toBeCloseTo(value, 6);
    }
    expect(positions.at(7, 2).arraySync()).toEqual(all.slice(7, 9));
    expect(positions.at(100, 1).arraySync()[0]![0]).toBeCloseTo(Math.sin(100), 6);
  });
});
