import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readManifest } from '../../src/model-folders/read-manifest.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

it('says what model.json says', async () => {
  await writeFile(join(folder.path, 'model.json'), '\ufeff{"architecture":"toy"}');
  expect(await readManifest(folder.path)).toEqual({ architecture: 'toy' });
});

it.skipIf(process.platform === 'win32')('waits for no pipe', async () => {
  execFileSync('mkfifo', [join(folder.path, 'model.json')]);
  await expect(readManifest(folder.path)).rejects.toThrow('JSON');
});
