import { resolve } from 'node:path';
import type { MapKind } from '../../contract/constants/map-kinds.ts';
import type { CaptionedPhoto } from '../../contract/data/captions.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { OutputFolder } from '../../pictures/output-folder.ts';
import { drawnWords } from '../../pictures/explanation.ts';
import { PICTURE_FORMATS, writeOutputs } from '../../pictures/write-outputs.ts';
import type { OverlayFormat } from '../options/overlay-formats.ts';
import type { WriteFormat } from '../options/write-formats.ts';
import { isBeside, type Beside } from './beside.ts';

/** When a photo of an earlier run counts as done: all its files are still there, and all that is asked for now. */
interface Resuming {
  /** Keep the list of an earlier run. */
  resume: boolean;
  /** What captions are translated to, if they are: one in another language is not done. */
  language?: string | undefined;
  /** What maps show: a photo whose maps show something else is not done. */
  maps?: MapKind | undefined;
  /** What is to be written beside photos. */
  beside?: readonly WriteFormat[];
}

/** The pictures of a run, in one folder, with a list (`attend.jsonl`) of the photos that are done. */
export class OverlayFolder {
  readonly #folder: OutputFolder;
  readonly #formats: readonly OverlayFormat[];
  /** Done in an earlier run, by absolute path. */
  readonly #done: ReadonlySet<string>;

  private constructor(folder: OutputFolder, formats: readonly OverlayFormat[], done: ReadonlySet<string>) {
    this.#folder = folder;
    this.#formats = formats;
    this.#done = done;
  }

  /**
   * Opens the folder, which is made where it is not there. What earlier runs drew of other photos stays listed.
   * @param photos all photos of the run, as far as they are known: no picture takes the place of one
   * @throws OutputError where the folder cannot be written
   */
  static async open(
    directory: string,
    formats: readonly OverlayFormat[],
    photos: Iterable<string>,
    { beside = [], language, maps = 'looked', resume }: Resuming,
  ): Promise<OverlayFolder> {
    const wanted = new Set(Array.from(photos, (photo) => resolve(photo)));
    const done = new Set<string>();
    const folder = await OutputFolder.open(directory, photos, {
      keepStrangers: true,
      forget: (entry) => {
        const { file, more } = entry;
        // The app's exports are in the list as well, but have no model.
        const isDone = typeof more['model'] === 'string' && isBeside(more, beside) && hasAll(entry, formats);
        const isWanted = more['language'] === language && (more['maps'] ?? 'looked') === maps;
        if (resume && isDone && isWanted) done.add(file);
        return wanted.has(file) && !done.has(file);
      },
    });
    return new OverlayFolder(folder, formats, done);
  }

  /** Must be told of every photo in its order, done or not: names are given in that order, the same in every run. */
  expect(file: string): void {
    this.#folder.names.stem(file);
  }

  isDone(file: string): boolean {
    return this.#done.has(resolve(file));
  }

  /** Draws a photo and adds it to the list. @throws OutputError, PhotoError */
  async add(result: CaptionedPhoto & { beside?: Beside }): Promise<void> {
    const { beside, file, caption, words, grid, language, model } = result;
    const { names } = this.#folder;
    const stem = await this.#folder.reserve(file);
    const pictures = PICTURE_FORMATS.filter((format) => this.#formats.includes(format));
    const drawn = drawnWords(words);
    const explanation = { photo: file, caption, ...drawn, grid, notSure: result.notSure };
    const outputs = pictures.length > 0 ? await writeOutputs(explanation, names, { formats: pictures }) : [];
    if (this.#formats.includes('json')) {
      const path = names.path(stem, '.json');
      await writeFileAtomically(path, `${JSON.stringify(result, null, 1)}\n`);
      outputs.push(path);
    }
    await this.#folder.add(file, outputs, {
      caption,
      model,
      ...(language !== undefined && { language }),
      ...(drawn.maps && { maps: drawn.maps }),
      ...(beside && { beside }),
    });
  }
}

/** Another format may be asked for now than was then. */
function hasAll({ outputs }: { outputs: readonly string[] }, formats: readonly OverlayFormat[]): boolean {
  return formats.every((format) => outputs.some((name) => name.endsWith(`.${format}`)));
}
