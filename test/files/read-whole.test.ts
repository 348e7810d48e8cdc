import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWhole } from '../../src/files/read-whole.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-whole-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([0, 1, 3_000_000])('reads a file of %d bytes into memory of its own', async (length) => {
  const bytes = Buffer.from(Uint8Array.from({ length }, (_, i) => i % 251));
  const file = join(folder, String(length));
  await writeFile(file, bytes);
  const read = await readWhole(file);
  expect(read.equals(bytes)).toBe(true);
  expect([read.byteOffset, read.buffer.byteLength]).toEqual([0, length]);
});

it('says as the system does what cannot be read', async () => {
  await expect(readWhole(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readWhole(folder)).rejects.toMatchObject({ code: 'EISDIR' });
});

it.skipIf(process.platform === 'win32')('does not wait for the other end of a pipe', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await readWhole(pipe)).toHaveLength(0);
});
