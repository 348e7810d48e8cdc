import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CaptionedPhoto } from '../../contract/data/captions.ts';
import { OutputNames } from '../../pictures/output-names.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { reasonFor, writeFileAtomically } from '../../files/write-file.ts';
import { PICTURE_FORMATS, writeOutputs } from '../../pictures/write-outputs.ts';
import type { OverlayFormat } from '../options/overlay-formats.ts';
import { readJsonLines } from './json-lines.ts';
import { fileSink, type Sink } from './sink.ts';

/** A line of the folder's list: a photo that is done, and the files made of it. */
interface Entry {
  file: string;
  caption: string;
  model: string;
  /** What the caption was translated to, if it was. */
  language?: string;
  /** Names in the folder. */
  outputs: string[];
}

const LIST = 'attend.jsonl';

/** The pictures of a run, in one folder, with a list (`attend.jsonl`) of the photos that are done. */
export class OverlayFolder {
  readonly #names: OutputNames;
  readonly #formats: readonly OverlayFormat[];
  readonly #list: Sink;
  /** Done in an earlier run, by absolute path. */
  readonly #done: ReadonlySet<string>;

  private constructor(names: OutputNames, formats: readonly OverlayFormat[], list: Sink, done: ReadonlySet<string>) {
    this.#names = names;
    this.#formats = formats;
    this.#list = list;
    this.#done = done;
  }

  /**
   * Opens the folder, which is made where it is not there.
   * @param photos all photos of the run, as far as they are known: no picture takes the place of one
   * @param resume keep the list of an earlier run; a photo counts as done where all its files are still there
   * @param language what captions are translated to, if they are: one in another language is not done
   * @throws Error where the folder cannot be written
   */
  static async open(
    directory: string,
    formats: readonly OverlayFormat[],
    photos: Iterable<string>,
    resume: boolean,
    language?: string,
  ): Promise<OverlayFolder> {
    try {
      await makeFolder(directory);
      await access(directory, constants.W_OK);
    } catch (error) {
      throw new Error(`cannot write to the folder ${directory}: ${reasonFor(error)}`, { cause: error });
    }
    const list = join(directory, LIST);
    const kept = resume
      ? (await readJsonLines(list)).filter((entry) => isDone(entry, directory, formats, language))
      : [];
    await writeFileAtomically(list, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    const done = new Set(kept.map(({ file }) => resolve(file)));
    const names = new OutputNames(directory, photos);
    // Whose files are there already keeps their name: another photo that is called so gets another.
    for (const { file, outputs } of kept) if (outputs[0] !== undefined) names.keep(file, outputs[0]);
    return new OverlayFolder(names, formats, await fileSink(list, true), done);
  }

  /** Must be told of every photo in its order, done or not: names are given in that order, the same in every run. */
  expect(file: string): void {
    this.#names.stem(file);
  }

  isDone(file: string): boolean {
    return this.#done.has(resolve(file));
  }

  /** Draws a photo and adds it to the list. @throws OutputError, PhotoError */
  async add(result: CaptionedPhoto): Promise<void> {
    const { file, caption, words, grid, language, model } = result;
    const pictures = PICTURE_FORMATS.filter((format) => this.#formats.includes(format));
    const explanation = { photo: file, caption, words, grid };
    const outputs = pictures.length > 0 ? await writeOutputs(explanation, this.#names, { formats: pictures }) : [];
    if (this.#formats.includes('json')) {
      const path = this.#names.path(this.#names.stem(file), '.json');
      await writeFileAtomically(path, `${JSON.stringify(result, null, 1)}\n`);
      outputs.push(path);
    }
    const named = language === undefined ? {} : { language };
    const entry: Entry = { file, caption, model, ...named, outputs: outputs.map((path) => basename(path)) };
    await this.#list.write(`${JSON.stringify(entry)}\n`);
  }

  close(): Promise<void> {
    return this.#list.close();
  }
}

function isDone(
  entry: Record<string, unknown>,
  directory: string,
  formats: readonly OverlayFormat[],
  language: string | undefined,
): entry is typeof entry & Entry {
  const { file, outputs } = entry;
  if (typeof file !== 'string' || !Array.isArray(outputs) || entry['language'] !== language) return false;
  const names = outputs.filter((name) => typeof name === 'string');
  // Another format may be asked for now than was then.
  return (
    formats.every((format) => names.some((name) => name.endsWith(`.${format}`))) &&
    names.every((name) => existsSync(join(directory, name)))
  );
}
