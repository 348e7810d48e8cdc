import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Gives a file all that another has beside its bytes, where the system has a means: permissions, owner, extended attributes
 * (tags, colours, notes) and times. Node knows nothing of these; on Linux the system's `cp` does. Elsewhere Node's own copies
 * have them, so whoever wants them begins with one.
 * @returns whether it was done
 */
export async function copyAttributes(from: string, to: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return promisify(execFile)('cp', ['--attributes-only', '--preserve=all', '--', from, to]).then(
    () => true,
    () => false,
  );
}
