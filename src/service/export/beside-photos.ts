import { stat } from 'node:fs/promises';
import { MetadataWriter } from './metadata-writer.ts';
import { PhotoNeighbours } from './photo-neighbours.ts';
import { firstOf, NOTHING_BEFORE, type Existing, type PhotoText } from './photo-text.ts';
import { FileTarget, type Outcome } from './targets.ts';
import { textAbout, type TextAbout } from './text-about.ts';

/** What can be written beside a photo: a sidecar, the photo's own metadata, a text file. */
export type BesideFormat = 'xmp' | 'embed' | 'txt';

export interface BesideOptions {
  /** Where a text stands already: leave it, replace it, or keep it before the new one. */
  existing: Existing;
  /** Embedding keeps the file's times (default true). */
  keepTimes?: boolean | undefined;
}

/** Writes captions and keywords beside photos or into them, one photo at a time, as they come. */
export class BesidePhotos {
  readonly #formats: readonly BesideFormat[];
  readonly #options: BesideOptions;
  readonly #metadata = new MetadataWriter();
  readonly #neighbours = new PhotoNeighbours();
  readonly #sharing = new Set<string>();
  readonly #target: FileTarget;

  constructor(formats: readonly BesideFormat[], options: BesideOptions) {
    this.#formats = formats;
    this.#options = options;
    this.#target = new FileTarget(undefined, [], options.existing, this.#sharing);
  }

  /** Whether captions can be written into photos here. */
  canEmbed(): Promise<boolean> {
    return this.#metadata.isAvailable();
  }

  /**
   * Whether everything that would be written stands beside a photo already, whoever wrote it. Nothing would be written then
   * where what is there is left.
   */
  async hasAll(photo: string, withKeywords: boolean): Promise<boolean> {
    await this.#meet(photo);
    if (this.#formats.includes('txt')) {
      const text = await this.#target.pathFor(photo, '.txt');
      if (!(await stat(text).catch(() => undefined))?.isFile()) return false;
    }
    if (this.#formats.every((format) => format === 'txt')) return true;
    const { photo: own, sidecars } = await textAbout(this.#metadata, this.#neighbours, photo, photo);
    const { caption, keywords } = firstOf([sidecars, own]);
    return caption !== undefined && (!withKeywords || keywords.length > 0);
  }

  /**
   * @param only the formats that are written this time; the others are left out
   * @returns what became of each format; an error stands for one that failed, and the others are written all the same
   */
  async write(
    photo: string,
    text: PhotoText,
    only: readonly BesideFormat[] = this.#formats,
  ): Promise<ReadonlyMap<BesideFormat, Outcome | 'left out' | Error>> {
    await this.#meet(photo);
    const about = only.some((format) => format !== 'txt')
      ? await textAbout(this.#metadata, this.#neighbours, photo, photo)
      : { photo: NOTHING_BEFORE, sidecars: NOTHING_BEFORE };
    const outcomes = new Map<BesideFormat, Outcome | 'left out' | Error>();
    for (const format of this.#formats) {
      outcomes.set(
        format,
        only.includes(format)
          ? await this.#put(format, photo, text, about).catch((error: unknown) =>
              error instanceof Error ? error : new Error(String(error)),
            )
          : 'left out',
      );
    }
    return outcomes;
  }

  close(): Promise<void> {
    return this.#metadata.close();
  }

  async #meet(photo: string): Promise<void> {
    if (await this.#neighbours.sharesOutputs(photo)) this.#sharing.add(photo);
  }

  async #put(
    format: BesideFormat,
    photo: string,
    text: PhotoText,
    { photo: own, sidecars }: TextAbout,
  ): Promise<Outcome> {
    const { existing, keepTimes = true } = this.#options;
    switch (format) {
      case 'txt':
        return this.#target.put(await this.#target.pathFor(photo, '.txt'), `${text.caption}\n`, true);
      case 'xmp':
        return this.#metadata.sidecar(
          await this.#neighbours.sidecarFor(photo),
          text,
          existing,
          firstOf([sidecars, own]),
        );
      case 'embed':
        return this.#metadata.embed(photo, text, existing, false, { elsewhere: sidecars, keepTimes });
    }
  }
}
