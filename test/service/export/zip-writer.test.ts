import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ZipWriter } from '../../../src/service/export/zip-writer.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';

it.each([-1e12, 0, 1e13, 8.64e15])('writes a zip at any time that a clock may say: %d', async (time) => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'captions.zip');
  const zip = await ZipWriter.create(path, new Date(time));
  await zip.add('a.txt', 'A dog.');
  await zip.end();
  expect((await stat(path)).size).toBeGreaterThan(100);
  await folder.remove();
});
