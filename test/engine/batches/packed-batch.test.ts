import { describe, expect, it } from 'vitest';
import { packBatch } from '../../../src/engine/batches/packed-batch.ts';

describe('packBatch', () => {
  const batch = packBatch([[5], [6, 7, 8], [9, 10]], [0, 0, 1], 1, 2);

  it('puts the longest rows first and remembers where they came from', () => {
    expect([...batch.order]).toEqual([1, 2, 0]);
    expect([...batch.source]).toEqual([0, 1, 0]);
  });

  it('lays tokens out step by step, for the rows that still run', () => {
    expect(batch.active).toEqual([3, 3, 2, 1]);
    expect([...batch.inputs]).toEqual([1, 1, 1, 6, 9, 5, 7, 10, 8]);
    expect([...batch.targets]).toEqual([6, 9, 5, 7, 10, 2, 8, 2, 2]);
    expect([...batch.row]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 0]);
  });

  it('predicts the end at once for an empty sequence', () => {
    const empty = packBatch([[]], [0], 1, 2);
    expect([...empty.inputs]).toEqual([1]);
    expect([...empty.targets]).toEqual([2]);
  });

  it('is empty for no rows', () => {
    expect(packBatch([], [], 1, 2).active).toEqual([]);
  });
});
