import { join } from 'node:path';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { readJson } from '../files/read-file.ts';
import type { PhotoRead } from '../photos/photo-to-caption.ts';
import { readPhoto } from '../photos/read-photo.ts';

/**
 * Reads a photo as a captioner will want it, while that is still being loaded.
 * @param folder the captioner's
 * @returns nothing where it cannot be: whoever captions the photo tries again, and says why
 */
export async function readFirst(folder: string, photo: string, signal: AbortSignal): Promise<PhotoRead | undefined> {
  try {
    const { metadata } = (await readJson(join(folder, MANIFEST))) as {
      metadata?: { preprocessing?: { size?: unknown } };
    };
    const size = metadata?.preprocessing?.size;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > LARGEST) return undefined;
    const begin = performance.now();
    const read = await readPhoto(photo, { size: [size, size], signal });
    return { photo: read, resample: undefined, milliseconds: performance.now() - begin };
  } catch {
    return undefined;
  }
}

/** No encoder looks closer. */
const LARGEST = 1024;
