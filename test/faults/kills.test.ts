import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';
import { useTestBackend } from '../support/backend.ts';
import { killFolderRun } from './kill-folder.ts';
import { killLibrary } from './kill-library.ts';
import { tinyPhoto } from './tiny-photo.ts';

useTestBackend();
const cli = useCli();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  model = await writeTinyModel(folder.path);
});
afterEach(() => folder.remove());

// The short version of `npm run faults -- kills`. On Windows every end is such an end, but the signal has another name.
describe.skipIf(process.platform === 'win32')('what is ended with SIGKILL', () => {
  it('loses and doubles nothing of a folder of photos', async () => {
    await mkdir(join(folder.path, 'photos'));
    for (let i = 0; i < 8; i++) await writeTinyPhoto(join(folder.path, 'photos', `${i}.png`), i);
    const run = await killFolderRun(cli.start, folder.path, { kills: 2, seed: 1, args: ['--model', model] });
    expect(run).toMatchObject({ photos: 8, lost: 0, doubled: 0 });
  }, 120_000);

  it('keeps every photo and every caption that was acknowledged', async () => {
    const args = ['--model', model];
    const found = await killLibrary(cli.start, folder.path, tinyPhoto, { kills: 2, seed: 1, args });
    expect(found).toMatchObject({ lostUploads: 0, lostEdits: 0, damaged: 0 });
    expect(found.uploads).toBeGreaterThan(0);
  }, 120_000);
});
