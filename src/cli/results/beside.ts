import type { CaptionedPhoto } from '../../contract/data/captions.ts';
import type { BesidePhotos } from '../../service/export/beside-photos.ts';
import type { FailedPhoto } from '../../photos/photo-to-caption.ts';
import { WRITE_FORMATS, type WriteFormat } from '../options/write-formats.ts';
import { plural } from '../terminal/progress.ts';

/** What became of what was to be written beside a photo. */
export type Beside = Partial<Record<WriteFormat, 'written' | 'skipped' | 'not sure' | { error: string }>>;

/** A photo's result, and with `--write` what became of that. */
export type WrittenResult = (CaptionedPhoto & { beside?: Beside }) | FailedPhoto;

/** Why something could not be written beside a photo; nothing where all was. */
export function troubleBeside(beside: Beside | undefined): string[] {
  return Object.values(beside ?? {}).flatMap((outcome) => (typeof outcome === 'object' ? [outcome.error] : []));
}

/** Whether a line of an earlier run says that all this was done. */
export function isBeside(line: Record<string, unknown>, formats: readonly WriteFormat[]): boolean {
  const done = (line['beside'] ?? {}) as Record<string, unknown>;
  return formats.every((format) => ['written', 'skipped', 'not sure'].includes(done[format] as string));
}

/** Writes captions beside photos, and counts. */
export class BesideCount {
  readonly #photos: BesidePhotos;
  readonly #includeUnsure: boolean;
  readonly #counts = { written: 0, skipped: 0, failed: 0 };
  #unsure = 0;

  /** @param includeUnsure whether captions that are marked as not sure go into metadata, too */
  constructor(photos: BesidePhotos, includeUnsure = false) {
    this.#photos = photos;
    this.#includeUnsure = includeUnsure;
  }

  async add(photo: CaptionedPhoto): Promise<CaptionedPhoto & { beside: Beside }> {
    const { caption, file, keywords = [] } = photo;
    const isLeftOut = photo.notSure === true && !this.#includeUnsure;
    const text = { caption, keywords, isUnseen: true };
    const outcomes = await this.#photos.write(file, text, isLeftOut ? ['txt'] : undefined);
    const beside: Beside = {};
    for (const format of WRITE_FORMATS) {
      const outcome = outcomes.get(format);
      if (outcome === 'left out') {
        this.#unsure++;
        beside[format] = 'not sure';
        continue;
      }
      if (outcome === undefined) continue;
      this.#counts[outcome instanceof Error ? 'failed' : outcome]++;
      beside[format] = outcome instanceof Error ? { error: outcome.message } : outcome;
    }
    return { ...photo, beside };
  }

  /** In a sentence. */
  toString(): string {
    const { failed, skipped, written } = this.#counts;
    const unsure =
      this.#unsure === 0
        ? ''
        : ` ${plural(this.#unsure, 'text')} left out, since the model is not sure: --include-unsure writes such as well.`;
    const was = skipped === 1 ? 'left as it was' : 'left as they were';
    return `Beside the photos: ${plural(written, 'text')} written, ${skipped} ${was}, ${failed} failed.${unsure}`;
  }
}
