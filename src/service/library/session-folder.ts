import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of a session, held until it is released. */
export interface SessionFolder {
  readonly path: string;
  release(): void;
}

/** A holder says so often that it still runs, in milliseconds. */
const HEARTBEAT = 30_000;
/** Who has said nothing for so long is gone, even where its process number belongs to another one by now. */
const SILENCE = 150_000;

/** The locks of this process: after a crash the next process may well have the same number. */
const ours = new Set<string>();

/**
 * Takes the first session folder in `data` that no running process holds: `session`, `session-2` and so on. Two
 * processes that wrote the same library would lose each other's captions. What a crash left is taken over.
 */
export function openSessionFolder(data: string): SessionFolder {
  for (let number = 1; ; number++) {
    const path = join(data, number === 1 ? 'session' : `session-${number}`);
    mkdirSync(path, { recursive: true });
    const lock = join(path, 'lock');
    if (isHeld(lock)) continue;
    rmSync(lock, { force: true });
    if (!make(lock)) continue;
    ours.add(lock);
    const heartbeat = setInterval(() => touch(lock), HEARTBEAT).unref();
    return {
      path,
      release() {
        clearInterval(heartbeat);
        ours.delete(lock);
        rmSync(lock, { force: true });
      },
    };
  }
}

function isHeld(lock: string): boolean {
  if (ours.has(lock)) return true;
  try {
    const holder = Number.parseInt(readFileSync(lock, 'utf8'), 10);
    const silence = Date.now() - statSync(lock).mtimeMs;
    return Number.isInteger(holder) && holder !== process.pid && silence < SILENCE && isRunning(holder);
  } catch {
    return false;
  }
}

/** @returns false where another process was quicker */
function make(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function touch(lock: string): void {
  const now = new Date();
  try {
    utimesSync(lock, now, now);
  } catch {
    // Somebody removed it; there is nothing to say any more.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process runs, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
