import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel } from '../support/tiny-captioner.ts';
import { useTestBackend } from '../support/backend.ts';
import { fillLibrary, smallDisk, type SmallDisk } from './full-disk.ts';
import { tinyPhoto } from './tiny-photo.ts';

useTestBackend();
const cli = useCli();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let disk: SmallDisk | undefined;
let model: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  model = await writeTinyModel(folder.path);
  disk = await smallDisk(join(folder.path, 'disk'));
});
afterAll(async () => {
  await disk?.release();
  await folder.remove();
});
/** Who may not mount one has no small disk. */
const diskOrSkip = (context: TestContext): SmallDisk => disk ?? context.skip('a small disk cannot be mounted here');

// The short version of `npm run faults -- disk`.
it('a full disk loses nothing that was acknowledged, and keeps nothing that was refused', async (context) => {
  const found = await fillLibrary(cli.start, diskOrSkip(context), tinyPhoto, { args: ['--model', model] });
  expect(found).toMatchObject({ acknowledged: 5, lost: 0, revenants: 0, unclear: [] });
  expect(found.refused).toBeGreaterThan(5);
}, 120_000);

it('a full disk ends a run of captions with a sentence', async (context) => {
  const small = diskOrSkip(context);
  await small.fill(0);
  const photo = join(folder.path, 'a.png');
  await writeFile(photo, await tinyPhoto(1));
  const { code, stderr } = await cli.run(['caption', photo, '--overlay', join(small.path, 'out'), '--model', model]);
  expect(stderr).toContain('the disk is full. Free some space or choose another folder.');
  expect(stderr).not.toMatch(/ {4}at |ENOSPC/);
  expect(code).toBe(1);
}, 60_000);
