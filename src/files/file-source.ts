import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { unreadable } from './read-file.ts';

/**
 * A file that is read in parts, however long it is.
 * @throws Error that names the file and says why it cannot be read; at each reading as well
 */
export function fileSource(path: string): { readonly length: number; read(from: number, to: number): Uint8Array } {
  const open = <T>(use: (handle: number) => T): T => {
    let handle: number | undefined;
    try {
      handle = openSync(path, 'r');
      return use(handle);
    } catch (error) {
      throw error instanceof Ended ? error : unreadable(path, error);
    } finally {
      if (handle !== undefined) closeSync(handle);
    }
  };
  return {
    length: open((handle) => fstatSync(handle).size),
    read: (from, to) =>
      open((handle) => {
        const bytes = new Uint8Array(to - from);
        for (let done = 0; done < bytes.length;) {
          // No more at once: a system call may not take as much.
          const count = readSync(handle, bytes, done, Math.min(MOST, bytes.length - done), from + done);
          if (count === 0) throw new Ended(`${path} ends before its byte ${to}.`);
          done += count;
        }
        return bytes;
      }),
  };
}

const MOST = 2 ** 30;

class Ended extends Error {}
