import { existsSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file that is there for a moment. */
export interface PassingCopy {
  readonly path: string;
  remove(): Promise<void>;
}

/** Where Linux keeps the files that this process has open, also those that have no name any more. */
const OPEN_FILES = '/proc/self/fd';

/**
 * A file with these bytes, for what reads no others. On Linux it has no name: a process that is ended at once, as decoders
 * are, leaves nothing of somebody's photo.
 * @returns nothing where the folder of temporary files is missing, full or not writable
 */
export async function passingCopy(bytes: Uint8Array): Promise<PassingCopy | undefined> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), 'attend-'));
  } catch {
    return undefined;
  }
  const path = join(folder, 'photo');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(path, bytes, { mode: 0o600 });
    if (!existsSync(OPEN_FILES) || process.platform !== 'linux') return { path, remove };
    const file = await open(path);
    await remove();
    return { path: `${OPEN_FILES}/${file.fd}`, remove: () => file.close() };
  } catch {
    await remove();
    return undefined;
  }
}
