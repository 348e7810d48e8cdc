import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Count, Id } from '../contract/data/parts.ts';
import { safeName } from '../files/safe-name.ts';
import { writeFileAtomically } from '../files/write-file.ts';
import type { AttendService } from '../service/attend-service.ts';
import { pictureName } from '../service/export/names.ts';

/** A photo that is dragged out of the window, or the picture of a word of one of its captions (word null: the sheet). */
export const Dragged = z.object({
  photoId: Id,
  map: z.object({ caption: Count, word: Count.nullable() }).nullable(),
});
export type Dragged = z.infer<typeof Dragged>;

/** Bytes of a name; what receives it may add to it. */
const LONGEST = 200;

/** Files for what is dragged out of the window: the system wants one that is there. */
export class DraggedFiles {
  readonly #service: Pick<AttendService, 'draw' | 'library' | 'picture'>;
  readonly #folder: string;

  /** @param folder of its own, for what is no file yet */
  constructor(service: Pick<AttendService, 'draw' | 'library' | 'picture'>, folder: string) {
    this.#service = service;
    this.#folder = folder;
  }

  /** Removes what earlier drags have left: who took it has it by now. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** @returns the file, and a small picture to be seen under the pointer @throws AttendError, OutputError */
  async fileFor({ map, photoId }: Dragged): Promise<{ file: string; icon: Buffer }> {
    const { library } = this.#service;
    const entry = library.get(photoId);
    const { bytes: icon } = await this.#service.picture(photoId, 'thumbnail');
    if (map) {
      const png = await this.#service.draw({ photoId, ...map });
      const { words = [] } = (await library.result(photoId))?.captions[map.caption] ?? {};
      const file = await this.#place(pictureName(entry, words, map.word));
      await writeFileAtomically(file, png);
      return { file, icon };
    }
    if (entry.path !== null) return { file: entry.path, icon };
    // What was pasted is kept under a name that says nothing.
    const file = await this.#place(entry.name);
    await library.hasSent(photoId);
    await copyFile(library.fileOf(entry), file);
    return { file, icon };
  }

  async #place(name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return join(this.#folder, safeName(name, LONGEST));
  }
}
