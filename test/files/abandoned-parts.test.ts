import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { partName } from '../../src/files/abandoned-parts.ts';
import { writeFileAtomically } from '../../src/files/write-file.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let place: { path: string; remove: () => Promise<void> };
beforeEach(async () => {
  place = await temporaryFolder();
});
afterEach(() => place.remove());

/** The number of a process that is no more. */
const { pid: dead } = spawnSync(process.execPath, ['--version']);
const own = (name: string): string => basename(partName(name));

it('what a process that is no more had begun to write is removed when something is written there', async () => {
  const abandoned = ['beach.jpg', 'b', 'two\nlines.png'].map((name) =>
    own(name).replace(`-${process.pid}-`, `-${dead}-`),
  );
  const kept = [
    // Of a living process, of one on another computer, and what is called alike.
    own('c.png'),
    own('d.png').replace(`-${process.pid}-`, `-${process.ppid}-`),
    abandoned[0]!.replace(/[0-9a-f]{8}-/, '00000000-'),
    abandoned[0]!.slice(1),
    '.beach.0123456789ab.part.jpg',
  ];
  for (const name of [...abandoned, ...kept]) await writeFile(join(place.path, name), 'half');
  await mkdir(join(place.path, 'folder'));
  await writeFileAtomically(join(place.path, 'beach.jpg'), 'whole');
  expect((await readdir(place.path)).sort()).toEqual([...kept, 'beach.jpg', 'folder'].sort());
});

it('a name for what is written is hidden, of its own, and ends as the file does', () => {
  expect(partName('/x/beach.jpg')).toMatch(/^\/x\/\.beach\..+\.part\.jpg$/);
  expect(partName('/x/beach.jpg')).not.toBe(partName('/x/beach.jpg'));
  expect(Buffer.byteLength(own(`${'ä'.repeat(200)}.jpeg`))).toBeLessThan(255);
});
