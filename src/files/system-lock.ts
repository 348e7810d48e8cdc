import { createHash } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The lock of a folder of data. */
const DATA = 'lock';
/** Milliseconds from try to try. */
const NEXT_TRY = 10;

/** Held until it is released, or until its process ends, however it ends. */
export interface SystemLock {
  release(): Promise<void>;
}

/**
 * Takes a lock of a folder, which the system itself keeps: it is free when its holder is no more, a holder that
 * sleeps still has it, and no two processes that come at the same moment get it. Files with process numbers in them can
 * do none of these. On Linux it is a name among the abstract sockets, elsewhere a file opened for this process alone.
 *
 * @param name of the lock: a folder may have several; left out: that of a folder of data
 * @returns undefined where another one of the same user, on this computer, holds it
 */
export function takeLock(
  folder: string,
  name = DATA,
  platform: NodeJS.Platform = process.platform,
): Promise<SystemLock | undefined> {
  return platform === 'linux' || platform === 'android'
    ? bindName(name === DATA ? realpathSync(folder) : join(realpathSync(folder), name))
    : openExclusively(join(folder, name), platform);
}

/**
 * Does something while no other process, nor another part of this one, does something under the same lock. For what takes
 * a moment.
 * @param patience milliseconds to wait for the lock
 * @throws Error where the lock is not free by then
 */
export async function underLock<T>(
  folder: string,
  name: string,
  action: () => Promise<T>,
  patience = 30_000,
): Promise<T> {
  const end = performance.now() + patience;
  for (;;) {
    const lock = await takeLock(folder, name);
    if (lock) {
      try {
        return await action();
      } finally {
        await lock.release();
      }
    }
    if (performance.now() > end) throw new Error('another Attend does not let go of this folder. Close it, or wait.');
    await new Promise((resolve) => setTimeout(resolve, NEXT_TRY));
  }
}

function bindName(what: string): Promise<SystemLock | undefined> {
  const place = createHash('sha256')
    .update(`${process.getuid?.() ?? ''} ${what}`)
    .digest('hex');
  // Nobody has anything to say to it.
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0attend-${place.slice(0, 40)}`, () => {
      // A lock is no reason to go on running.
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** Opens a file for one process alone: macOS and the BSDs have O_EXLOCK; for Windows, libuv knows UV_FS_O_EXLOCK. */
export const EXCLUSIVE: Readonly<Record<'windows' | 'bsd', number>> = {
  windows: 0x1000_0000,
  bsd: 0x20 | constants.O_NONBLOCK,
};

async function openExclusively(file: string, platform: NodeJS.Platform): Promise<SystemLock | undefined> {
  const { O_CREAT, O_RDWR } = constants;
  const exclusive = platform === 'win32' ? EXCLUSIVE.windows : EXCLUSIVE.bsd;
  let handle: FileHandle;
  try {
    handle = await open(file, O_CREAT | O_RDWR | exclusive, 0o600);
  } catch (error) {
    if (['EAGAIN', 'EWOULDBLOCK', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  return { release: () => handle.close() };
}
