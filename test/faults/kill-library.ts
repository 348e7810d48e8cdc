import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../../src/engine/random.ts';
import { ask, startServe, type RunningServer, type Start } from './attend-process.ts';

export interface KilledLibrary {
  kills: number;
  /** What was acknowledged, and is not there after the next start. */
  uploads: number;
  lostUploads: number;
  edits: number;
  lostEdits: number;
  /** Starts at which the library said that it was damaged. */
  damaged: number;
  /** Files of photos that are in no list. */
  orphans: number;
}

/** What was promised of a photo: this caption, or one that was on its way when the server was killed. */
interface Promised {
  caption: string | undefined;
  onItsWay: string | undefined;
}

const AT_ONCE = 4;

/**
 * Sends photos to a server and writes captions by hand, ends it with SIGKILL at a moment of chance, starts it again over
 * the same library and looks for all that was acknowledged; again and again.
 * @param photo makes the bytes of one, each another
 */
export async function killLibrary(
  start: Start,
  folder: string,
  photo: (number: number) => Promise<Buffer>,
  { kills, seed, args, env }: { kills: number; seed: number; args?: readonly string[]; env?: Record<string, string> },
): Promise<KilledLibrary> {
  const random = new Random(seed);
  const data = join(folder, 'data');
  const promised = new Map<string, Promised>();
  const found: KilledLibrary = { kills, uploads: 0, lostUploads: 0, edits: 0, lostEdits: 0, damaged: 0, orphans: 0 };
  let sent = 0;

  /** Sends and edits until the server is gone. */
  async function work(server: RunningServer): Promise<void> {
    try {
      for (;;) {
        const number = sent++;
        const upload = await ask(server, `/api/photos.upload?name=${number}.png`, new Uint8Array(await photo(number)));
        if (upload.status !== 200) throw new Error(JSON.stringify(upload.value));
        const own: Promised = { caption: undefined, onItsWay: undefined };
        const photoId = upload.value['id'] as string;
        promised.set(photoId, own);
        found.uploads++;
        for (const text of [`Photo ${number}.`, `Photo ${number}, again.`]) {
          own.onItsWay = text;
          const edit = await ask(server, '/api/caption.edit', JSON.stringify({ photoId, caption: text }));
          if (edit.status !== 200) throw new Error(JSON.stringify(edit.value));
          own.caption = text;
          found.edits++;
        }
      }
    } catch (error) {
      // "fetch failed": the server was killed.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async function check(server: RunningServer): Promise<void> {
    const { value } = await ask(server, '/api/photos.list');
    const photos = value['photos'] as { id: string; caption: string | null; width: number }[];
    const there = new Map(photos.map((one) => [one.id, one]));
    for (const [id, { caption, onItsWay }] of promised) {
      const own = there.get(id);
      if (!own || own.width === 0) found.lostUploads++;
      else if (caption !== undefined && own.caption !== caption && own.caption !== onItsWay) found.lostEdits++;
    }
    if (server.said().includes('damaged')) found.damaged++;
    const files = await readdir(join(data, 'session', 'uploads')).catch(() => []);
    found.orphans = files.filter((name) => !there.has(name.replace(/\.\w+$/, ''))).length;
  }

  for (let kill = 0; kill < kills; kill++) {
    const server = await startServe(start, data, args, env);
    await check(server);
    const workers = Array.from({ length: AT_ONCE }, () => work(server));
    // Not before something was acknowledged: the first photos wait for their decoders to start.
    const before = found.uploads;
    while (found.uploads < before + AT_ONCE) await pause(5);
    await pause(random.next() * 500);
    await server.end('SIGKILL');
    await Promise.all(workers);
  }
  const last = await startServe(start, data, args, env);
  await check(last);
  await last.end('SIGTERM');
  return found;
}
