import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CheckpointError } from '../../src/engine/checkpoint/checkpoint-error.ts';
import { partName } from '../../src/files/abandoned-parts.ts';
import { writeModelFolder } from '../../src/model-folders/model-folder.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let place: { path: string; remove: () => Promise<void> };
beforeEach(async () => {
  place = await temporaryFolder();
});
afterEach(() => place.remove());

const written = (write: (folder: string) => Promise<void>): Promise<unknown> =>
  writeModelFolder(join(place.path, 'captioner-toy'), write, 'A card.', () => '');

it('a model that finds the disk full says so once, names its own place, and leaves nothing', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const target = join(place.path, 'captioner-toy');
  await expect(
    written((folder) => {
      throw new CheckpointError(`The model cannot be saved to ${folder}: the disk is full.`, { cause: full });
    }),
  ).rejects.toThrow(
    new Error(`The model cannot be written to ${target}: the disk is full. Free some space or choose another folder.`),
  );
  expect(await readdir(place.path)).toEqual([]);
});

it('what a process that was killed had begun goes when the next model is written there', async () => {
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const abandoned = partName(join(place.path, 'captioner-toy')).replace(`-${process.pid}-`, `-${dead}-`);
  await mkdir(abandoned);
  await writeFile(join(abandoned, 'weights.bin'), 'half');
  await written((folder) => writeFile(join(folder, 'model.json'), '{}'));
  expect(await readdir(place.path)).toEqual(['captioner-toy']);
});
