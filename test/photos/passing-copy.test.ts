import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { passingCopy } from '../../src/photos/passing-copy.ts';

it('leaves nothing behind; on Linux not even where the process is ended meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attend-copies-'));
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const copy = await passingCopy(Uint8Array.of(1, 2, 3));
  expect([...(await readFile(copy!.path))]).toEqual([1, 2, 3]);
  if (process.platform === 'linux') expect(await readdir(folder)).toEqual([]);
  await copy!.remove();
  expect(await readdir(folder)).toEqual([]);
});
