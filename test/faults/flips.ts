import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../src/engine/random.ts';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { isFailed } from '../../src/captioning/result.ts';
import { Library } from '../../src/service/library/library.ts';

export interface Flipped {
  flips: number;
  /** Refused, or told of. */
  noticed: number;
  /** All was as before: the byte says nothing. */
  harmless: number;
  /** Something else came of it, and nobody was told. */
  silent: number;
  /** What was said looks like a fault of the program. */
  unclear: string[];
}

/** What a program says when it was not told what to say. */
const UNCLEAR = /undefined|null|Cannot read|is not a function|\n\s+at |Unexpected token/;

/** Changes a bit of a model's files at a time, and captions a photo with it. @param model a folder, which stays as it is */
export async function flipModel(model: string, photo: string, flips: number, seed: number): Promise<Flipped> {
  return flip(flips, seed, await folderBeside(model), async (folder) => {
    const loaded = await loadCaptioner(folder);
    try {
      for await (const result of captionPhotos(loaded, [photo])) {
        return isFailed(result) ? result.error : JSON.stringify([result.caption, result.words]);
      }
      return '';
    } finally {
      loaded.dispose();
    }
  });
}

/** Changes a bit of a library's file at a time, and opens it. @param home a folder of a library that is closed */
export async function flipLibrary(home: string, flips: number, seed: number): Promise<Flipped> {
  return flip(flips, seed, await folderBeside(home), async (folder) => {
    const library = await Library.open(folder);
    try {
      if (library.damage) throw new Error(`The library was damaged: ${library.damage.records}.`);
      return JSON.stringify(library.list());
    } finally {
      await library.close();
    }
  });
}

async function folderBeside(folder: string): Promise<string> {
  const copy = await mkdtemp(`${folder}-flipped-`);
  await cp(folder, copy, { recursive: true });
  return copy;
}

async function flip(
  flips: number,
  seed: number,
  folder: string,
  use: (folder: string) => Promise<string>,
): Promise<Flipped> {
  const random = new Random(seed);
  const found: Flipped = { flips, noticed: 0, harmless: 0, silent: 0, unclear: [] };
  try {
    const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((file) => file.isFile() && !/\.(md|svg)$/.test(file.name))
      .map((file) => join(file.parentPath, file.name));
    const sound = await use(folder);
    for (let i = 0; i < flips; i++) {
      const file = names[Math.floor(random.next() * names.length)] as string;
      const bytes = await readFile(file);
      const damaged = Buffer.from(bytes);
      const at = Math.floor(random.next() * bytes.length);
      damaged[at] = (bytes[at] as number) ^ (1 << Math.floor(random.next() * 8));
      await writeFile(file, damaged);
      try {
        if ((await use(folder)) === sound) found.harmless++;
        else found.silent++;
      } catch (error) {
        const { message } = error as Error;
        found.noticed++;
        if (UNCLEAR.test(message)) found.unclear.push(message);
      }
      await writeFile(file, bytes);
    }
    return found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
