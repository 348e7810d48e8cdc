import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CannotDecode } from '../../../src/photos/decoders/decoder-pool.ts';
import { GivenUp } from '../../../src/photos/decoders/given-up.ts';
import type { Decoded, DecodeTask } from '../../../src/photos/decoders/protocol.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'a.svg');
  await writeFile(path, 'endless');
});
afterEach(() => folder.remove());

const DECODED: Decoded = { header: { width: 1, height: 2, format: 'png' }, pixels: undefined };
const ofPath = (file = path): DecodeTask => ({ data: { path: file }, pixelLimit: 1e6 });
const ofBytes = (text: string): DecodeTask => ({ data: { bytes: Buffer.from(text) }, pixelLimit: 1e6 });
const failing = (isLasting: boolean): (() => Promise<Decoded>) => {
  const error = new CannotDecode({ code: 'too-large', reason: 'it takes too long.' }, isLasting);
  return () => Promise.reject(error);
};
const sound = (): Promise<Decoded> => Promise.resolve(DECODED);

it.each([
  ['of a path', () => ofPath()],
  ['of bytes', () => ofBytes('endless')],
])('a photo that was given up is not tried again: %s', async (_, task) => {
  const memory = new GivenUp();
  await expect(memory.decode(task(), failing(true))).rejects.toThrow('it takes too long.');
  await expect(memory.decode(task(), sound)).rejects.toThrow('it takes too long.');
});

it('another photo is tried, and another content, time or place of the same', async () => {
  const memory = new GivenUp();
  await expect(memory.decode(ofBytes('endless'), failing(true))).rejects.toThrow();
  expect(await memory.decode(ofBytes('another'), sound)).toBe(DECODED);

  await expect(memory.decode(ofPath(), failing(true))).rejects.toThrow();
  await utimes(path, new Date(), new Date(1e12));
  expect(await memory.decode(ofPath(), sound)).toBe(DECODED);
  await expect(memory.decode(ofPath(), failing(true))).rejects.toThrow();
  await rm(path);
  await writeFile(`${path}.other`, 'endless');
  await writeFile(path, 'another');
  expect(await memory.decode(ofPath(), sound)).toBe(DECODED);
});

it('the same photo at another size is tried', async () => {
  const memory = new GivenUp();
  await expect(memory.decode({ ...ofPath(), size: { width: 2560, height: 2560 } }, failing(true))).rejects.toThrow();
  expect(await memory.decode({ ...ofPath(), size: { width: 224, height: 224 } }, sound)).toBe(DECODED);
});

it('what may go well the next time is tried again', async () => {
  const memory = new GivenUp();
  await expect(memory.decode(ofPath(), failing(false))).rejects.toThrow();
  await expect(memory.decode(ofPath(), () => Promise.reject(new Error('no memory')))).rejects.toThrow();
  expect(await memory.decode(ofPath(), sound)).toBe(DECODED);
});

it('a file that was changed while it was read is tried as it is now', async () => {
  const memory = new GivenUp();
  const changing = async (): Promise<Decoded> => {
    await writeFile(path, 'a sound photo by now');
    return failing(true)();
  };
  await expect(memory.decode(ofPath(), changing)).rejects.toThrow();
  expect(await memory.decode(ofPath(), sound)).toBe(DECODED);
});
