import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addUpload } from '../../src/service/library/add-photos.ts';
import { Library } from '../../src/service/library/library.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';
import { useTestBackend } from '../support/backend.ts';
import { flipLibrary, flipModel } from './flips.ts';
import { tinyPhoto } from './tiny-photo.ts';

useTestBackend();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

// The short version of `npm run faults -- flips`.
describe('a bit that changed on the disk', () => {
  it('of a model is told in a sentence, or changes nothing', async () => {
    const model = await writeTinyModel(folder.path);
    const photo = join(folder.path, 'a.png');
    await writeTinyPhoto(photo, 1);
    const found = await flipModel(model, photo, 40, 1);
    expect(found).toMatchObject({ silent: 0, unclear: [] });
    expect(found.noticed).toBeGreaterThan(20);
  }, 60_000);

  it('of a library is told, or changes nothing', async () => {
    const home = join(folder.path, 'library');
    const library = await Library.open(home);
    for (let i = 0; i < 3; i++) {
      await library.keep((await addUpload(library, `${i}.png`, await tinyPhoto(i))).id, { edited: 'Mine.' });
    }
    await library.close();
    // A photo's own bytes are its sender's.
    await rm(join(home, 'uploads'), { recursive: true });
    const found = await flipLibrary(home, 60, 1);
    expect(found).toMatchObject({ silent: 0, unclear: [] });
    expect(found.noticed).toBeGreaterThan(20);
  }, 60_000);
});
