import { existsSync } from 'node:fs';
import { access, constants, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CaptionedPhoto } from '../../contract/data/captions.ts';
import type { WriteFormat } from '../options/write-formats.ts';
import { OutputNames } from '../../pictures/output-names.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { reasonFor, writeFileAtomically } from '../../files/write-file.ts';
import { PICTURE_FORMATS, writeOutputs } from '../../pictures/write-outputs.ts';
import type { OverlayFormat } from '../options/overlay-formats.ts';
import { isBeside, type Beside } from './beside.ts';
import { readJsonLines } from './json-lines.ts';
import { fileSink, type Sink } from './sink.ts';

/** A line of the folder's list: a photo that is done, and the files made of it. */
interface Entry {
  file: string;
  caption: string;
  model: string;
  /** What the caption was translated to, if it was. */
  language?: string;
  /** What became of what was to be written beside the photo, if anything was. */
  beside?: Beside;
  /** Names in the folder. */
  outputs: string[];
}

/** When a photo of an earlier run counts as done: all its files are still there, and all that is asked for now. */
interface Resuming {
  /** Keep the list of an earlier run. */
  resume: boolean;
  /** What captions are translated to, if they are: one in another language is not done. */
  language?: string | undefined;
  /** What is to be written beside photos. */
  beside?: readonly WriteFormat[];
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
   * Opens the folder, which is made where it is not there. What earlier runs drew of other photos stays listed.
   * @param photos all photos of the run, as far as they are known: no picture takes the place of one
   * @throws Error where the folder cannot be written
   */
  static async open(
    directory: string,
    formats: readonly OverlayFormat[],
    photos: Iterable<string>,
    { beside = [], language, resume }: Resuming,
  ): Promise<OverlayFolder> {
    try {
      await makeFolder(directory);
      await access(directory, constants.W_OK);
    } catch (error) {
      throw new Error(`cannot write to the folder ${directory}: ${reasonFor(error)}`, { cause: error });
    }
    const list = join(directory, LIST);
    const before = (await readJsonLines(list)).filter(isEntry).filter((entry) => isThere(entry, directory));
    const done = resume
      ? before.filter((entry) => isBeside(entry, beside) && hasAll(entry, formats) && entry.language === language)
      : [];
    const wanted = new Set(Array.from(photos, (photo) => resolve(photo)));
    const others = before.filter((entry) => !wanted.has(resolve(entry.file)) && !done.includes(entry));
    await writeFileAtomically(list, [...others, ...done].map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    // Where a run is gone on with, files that are in no list are those of the photo that it was stopped at.
    const listed = new Set(before.flatMap(({ outputs }) => outputs));
    const strangers = resume ? [] : (await readdir(directory)).filter((name) => !listed.has(name));
    const names = new OutputNames(directory, photos, strangers);
    // Whose files are there already keeps their name: another photo that is called so gets another.
    for (const { file, outputs } of before) if (outputs[0] !== undefined) names.keep(file, outputs[0]);
    return new OverlayFolder(
      names,
      formats,
      await fileSink(list, true),
      new Set(done.map(({ file }) => resolve(file))),
    );
  }

  /** Must be told of every photo in its order, done or not: names are given in that order, the same in every run. */
  expect(file: string): void {
    this.#names.stem(file);
  }

  isDone(file: string): boolean {
    return this.#done.has(resolve(file));
  }

  /** Draws a photo and adds it to the list. @throws OutputError, PhotoError */
  async add(result: CaptionedPhoto & { beside?: Beside }): Promise<void> {
    const { beside, file, caption, words, grid, language, model } = result;
    const pictures = PICTURE_FORMATS.filter((format) => this.#formats.includes(format));
    const explanation = { photo: file, caption, words, grid, notSure: result.notSure };
    const outputs = pictures.length > 0 ? await writeOutputs(explanation, this.#names, { formats: pictures }) : [];
    if (this.#formats.includes('json')) {
      const path = this.#names.path(this.#names.stem(file), '.json');
      await writeFileAtomically(path, `${JSON.stringify(result, null, 1)}\n`);
      outputs.push(path);
    }
    const named = language === undefined ? {} : { language };
    const entry: Entry = {
      file,
      caption,
      model,
      ...named,
      ...(beside && { beside }),
      outputs: outputs.map((path) => basename(path)),
    };
    await this.#list.write(`${JSON.stringify(entry)}\n`);
  }

  close(): Promise<void> {
    return this.#list.close();
  }
}

function isEntry(line: Record<string, unknown>): line is typeof line & Entry {
  const { file, outputs } = line;
  return typeof file === 'string' && Array.isArray(outputs) && outputs.every((name) => typeof name === 'string');
}

function isThere({ outputs }: Entry, directory: string): boolean {
  return outputs.every((name) => existsSync(join(directory, name)));
}

/** Another format may be asked for now than was then. */
function hasAll({ outputs }: Entry, formats: readonly OverlayFormat[]): boolean {
  return formats.every((format) => outputs.some((name) => name.endsWith(`.${format}`)));
}
