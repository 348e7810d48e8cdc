import { createHash } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Held until it is released, or until its process ends, however it ends. */
export interface DataLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a data folder, which the system itself keeps: it is free when its holder is no more, a holder that
 * sleeps still has it, and no two processes that come at the same moment get it. Files with process numbers in them can
 * do none of these. On Linux it is a name among the abstract sockets, elsewhere a file opened for this process alone.
 *
 * @returns undefined where another one holds it
 */
export function takeDataLock(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<DataLock | undefined> {
  return platform === 'linux' || platform === 'android'
    ? bindName(folder)
    : openExclusively(join(folder, 'lock'), platform);
}

function bindName(folder: string): Promise<DataLock | undefined> {
  const place = createHash('sha256')
    .update(`${process.getuid?.() ?? ''} ${realpathSync(folder)}`)
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

async function openExclusively(file: string, platform: NodeJS.Platform): Promise<DataLock | undefined> {
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
