import { chmod, copyFile, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyAttributes } from '../../files/copy-attributes.ts';
import { partName, removeAbandonedParts } from '../../files/abandoned-parts.ts';
import { flushFolder, OutputError, overwrite } from '../../files/write-file.ts';

/**
 * Changes a copy of a file, which then takes the file's place: with its permissions, its extended attributes and, where
 * wanted, its times. A file with several names (hard links) keeps them all: its bytes are replaced where they are, while
 * the whole copy lies beside it.
 * @param file not a link
 * @param extension of the copy, by which ExifTool tells what it is
 * @throws OutputError where the file is write-protected; whatever `change` throws: the file is then as it was
 */
export async function replacePhoto(
  file: string,
  { extension, keepTimes }: { extension: string; keepTimes: boolean },
  change: (copy: string) => Promise<void>,
): Promise<void> {
  const { atime, mode, mtime, nlink } = await stat(file);
  // The superuser may write it all the same, but was not meant to.
  if ((mode & 0o222) === 0) throw new OutputError(file, 'it is write-protected. Allow writing, or export a sidecar.');
  await removeAbandonedParts(dirname(file));
  const copy = partName(join(dirname(file), `attend${extension}`));
  try {
    await copyFile(file, copy);
    await change(copy);
    if (nlink > 1) {
      await overwrite(file, await readFile(copy));
      await rm(copy);
    } else {
      if (!(await copyAttributes(file, copy))) await chmod(copy, mode & 0o7777);
      await flush(copy);
      const now = new Date();
      await utimes(copy, keepTimes ? atime : now, keepTimes ? mtime : now);
      await rename(copy, file);
      await flushFolder(dirname(file));
    }
    if (nlink > 1 && keepTimes) await utimes(file, atime, mtime);
  } catch (error) {
    await rm(copy, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
