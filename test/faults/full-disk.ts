import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ask, startServe, type Start } from './attend-process.ts';

/** A disk of three megabytes. */
export interface SmallDisk {
  readonly path: string;
  /** Leaves so many bytes free. */
  fill(left: number): Promise<void>;
  /** Takes away what it was filled with. */
  empty(): Promise<void>;
  release(): Promise<void>;
}

/** A file system in memory, where this system and this user may have one. @param path of a folder to be made */
export async function smallDisk(path: string): Promise<SmallDisk | undefined> {
  const run = promisify(execFile);
  await mkdir(path, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path]);
  } catch {
    return undefined;
  }
  const filler = join(path, 'filler');
  return {
    path,
    async fill(left) {
      const { bavail, bsize } = await statfs(path);
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - left)));
    },
    empty: () => rm(filler, { force: true }),
    release: async () => {
      await run('umount', ['-l', path]);
    },
  };
}

export interface OnFullDisk {
  /** Acknowledged before the disk was full, and while it was; and not there after a start on the full disk or later. */
  acknowledged: number;
  lost: number;
  /** Refused, and there all the same. */
  revenants: number;
  refused: number;
  /** What was said that is no sentence about the disk. */
  unclear: string[];
}

/**
 * Sends photos and edits to a server whose library is on a disk that gets full, starts it anew on the full disk, and
 * again when there is room.
 */
export async function fillLibrary(
  start: Start,
  disk: SmallDisk,
  photo: (number: number) => Promise<Buffer>,
  { args, env }: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<OnFullDisk> {
  const data = join(disk.path, 'data');
  const found: OnFullDisk = { acknowledged: 0, lost: 0, revenants: 0, refused: 0, unclear: [] };
  const captions = new Map<string, string>();
  let server = await startServe(start, data, args, env);

  const told = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
  ): Promise<Record<string, unknown> | undefined> => {
    const { status, value } = await ask(server, path, body);
    if (status === 200) return value;
    found.refused++;
    const { message = '' } = (value['error'] ?? {}) as { message?: string };
    if (!message.includes('the disk is full')) found.unclear.push(message);
    return undefined;
  };
  const upload = async (number: number): Promise<string | undefined> =>
    (await told(`/api/photos.upload?name=${number}.png`, new Uint8Array(await photo(number))))?.['id'] as
      string | undefined;
  const edit = async (photoId: string, caption: string): Promise<void> => {
    if (await told('/api/caption.edit', JSON.stringify({ photoId, caption }))) captions.set(photoId, caption);
  };
  const check = async (): Promise<void> => {
    const { value } = await ask(server, '/api/photos.list');
    const photos = value['photos'] as { id: string; caption: string | null }[];
    const there = new Map(photos.map(({ id, caption }) => [id, caption]));
    for (const [id, caption] of captions) if (there.get(id) !== caption) found.lost++;
    found.revenants += photos.filter(({ id }) => !captions.has(id)).length;
  };

  try {
    for (let i = 0; i < 5; i++) await edit((await upload(i)) ?? '', `Photo ${i}.`);
    await disk.fill(0);
    for (let i = 5; i < 10; i++) await upload(i);
    for (const id of captions.keys()) await edit(id, 'x'.repeat(4900));
    found.acknowledged = captions.size;
    await check();
    await server.end('SIGKILL');
    server = await startServe(start, data, args, env);
    await check();
    await server.end('SIGKILL');
    await disk.empty();
    server = await startServe(start, data, args, env);
    await check();
    const [first] = captions.keys();
    await edit(first as string, 'There is room.');
    await check();
  } finally {
    await server.end('SIGKILL');
  }
  return found;
}
