import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordFile } from '../../src/files/record-file.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

type Fill = (append: (bytes: Uint8Array) => void) => Promise<void>;
const open = (key: unknown, fill: Fill): Promise<RecordFile> => RecordFile.open(folder.path, key, 2, 3, fill);
/** Records (from, from + 1), (from + 2, from + 3) and so on. */
const counting =
  (from: number): Fill =>
  async (append) => {
    for (let i = 0; i < 3; i++) append(Uint8Array.of(from + 2 * i, from + 2 * i + 1));
  };

describe('RecordFile', () => {
  it('reads records in any order, also twice', async () => {
    const file = await open('a', counting(0));
    expect(file.records).toBe(3);
    expect([...file.read([2, 0, 2])]).toEqual([4, 5, 0, 1, 4, 5]);
    expect(() => file.read([3])).toThrow('The cache has no record 3.');
    file.close();
  });

  it('is filled once for a key', async () => {
    (await open({ key: 'a' }, counting(0))).close();
    const again = await open({ key: 'a' }, () => Promise.reject(new Error('filled again')));
    const other = await open({ key: 'b' }, counting(10));
    expect([...again.read([0]), ...other.read([0])]).toEqual([0, 1, 10, 11]);
    expect(again.digest).not.toBe(other.digest);
    again.close();
    other.close();
  });

  it.each<[string, Fill]>([
    [
      'was stopped',
      async (append) => {
        append(Uint8Array.of(1, 2));
        throw new Error('stopped');
      },
    ],
    ['came out too short', async (append) => append(Uint8Array.of(1, 2))],
  ])('leaves nothing of a filling that %s', async (_, fill) => {
    await expect(open('a', fill)).rejects.toThrow();
    expect(await readdir(folder.path)).toEqual([]);
  });
});
