import { stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import { dataSize } from '../../files/data-size.ts';

/** What a folder, which need not be there yet, will have to take. */
export interface Wanted {
  readonly folder: string;
  readonly bytes: number;
}

/** What is free where a folder is or will be, and which disk that is. */
export type FreeSpace = (folder: string) => Promise<{ disk: number; free: number }>;

/**
 * Sees to it that what is to be written has room, so that no disk is filled to find out.
 * @throws AttendError `cannot-write` that says what it takes and what is free
 */
export async function assertRoom(wanted: readonly Wanted[], freeSpace: FreeSpace = spaceOf): Promise<void> {
  const disks = new Map<number, { bytes: number; free: number; folder: string }>();
  for (const { bytes, folder } of wanted) {
    const { disk, free } = await freeSpace(folder);
    disks.set(disk, { bytes: (disks.get(disk)?.bytes ?? 0) + bytes, free, folder });
  }
  for (const { bytes, folder, free } of disks.values()) {
    if (bytes <= free) continue;
    throw new AttendError(
      'cannot-write',
      `There is no room for it: it takes ${dataSize(bytes)} on the disk of ${folder}, where ${dataSize(free)} are free. ` +
        'Free some space, or name folders of another disk with ATTEND_DATA and ATTEND_CACHE.',
    );
  }
}

async function spaceOf(folder: string): Promise<{ disk: number; free: number }> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    try {
      const [{ dev }, { bavail, bsize }] = await Promise.all([stat(at), statfs(at)]);
      return { disk: dev, free: bavail * bsize };
    } catch (error) {
      if (dirname(at) === at) throw error;
    }
  }
}
