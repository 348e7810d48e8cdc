import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWeightFiles } from '../../../src/model-folders/published/weight-files.ts';

describe('readWeightFiles', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attend-weights-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('reads a file that is larger than memory is taken for at once, in parts', async () => {
    // Almost all of it is a hole, which takes no room on the disk.
    const large = 5 * 2 ** 30;
    const header = JSON.stringify({
      hole: { dtype: 'F32', shape: [large / 4], data_offsets: [0, large] },
      last: { dtype: 'F32', shape: [2], data_offsets: [large, large + 8] },
    });
    const handle = await open(join(folder, 'model.safetensors'), 'w');
    await handle.write(new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer), 0, 8, 0);
    await handle.write(Buffer.from(header), 0, header.length, 8);
    await handle.write(new Uint8Array(Float32Array.of(1.5, -2).buffer), 0, 8, 8 + header.length + large);
    await handle.close();
    const tensors = await readWeightFiles(folder);
    expect(tensors.get('hole')?.shape).toEqual([large / 4]);
    expect([...(tensors.get('last')?.data ?? [])]).toEqual([1.5, -2]);
  });

  it('says where there are none', async () => {
    await expect(readWeightFiles(folder)).rejects.toThrow('There are no weights in');
  });
});
