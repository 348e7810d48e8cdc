import type { CaptionedPhoto } from '../../contract/data/captions.ts';
import type { BesidePhotos } from '../../service/export/beside-photos.ts';
import type { FailedPhoto } from '../../photos/photo-to-caption.ts';
import { WRITE_FORMATS, type WriteFormat } from '../options/write-formats.ts';
import { plural } from '../terminal/progress.ts';

/** What became of what was to be written beside a photo. */
export type Beside = Partial<Record<WriteFormat, 'written' | 'skipped' | { error: string }>>;

/** A photo's result, and with `--write` what became of that. */
export type WrittenResult = (CaptionedPhoto & { beside?: Beside }) | FailedPhoto;

/** Why something could not be written beside a photo; nothing where all was. */
export function troubleBeside(beside: Beside | undefined): string[] {
  return Object.values(beside ?? {}).flatMap((outcome) => (typeof outcome === 'object' ? [outcome.error] : []));
}

/** Whether a line of an earlier run says that all this was done. */
export function isBeside(line: Record<string, unknown>, formats: readonly WriteFormat[]): boolean {
  const done = (line['beside'] ?? {}) as Record<string, unknown>;
  return formats.every((format) => done[format] === 'written' || done[format] === 'skipped');
}

/** Writes captions beside photos, and counts. */
export class BesideCount {
  readonly #photos: BesidePhotos;
  readonly #counts = { written: 0, skipped: 0, failed: 0 };

  constructor(photos: BesidePhotos) {
    this.#photos = photos;
  }

  async add(photo: CaptionedPhoto): Promise<CaptionedPhoto & { beside: Beside }> {
    const { caption, file, keywords = [] } = photo;
    const outcomes = await this.#photos.write(file, { caption, keywords });
    const beside: Beside = {};
    for (const format of WRITE_FORMATS) {
      const outcome = outcomes.get(format);
      if (outcome === undefined) continue;
      this.#counts[outcome instanceof Error ? 'failed' : outcome]++;
      beside[format] = outcome instanceof Error ? { error: outcome.message } : outcome;
    }
    return { ...photo, beside };
  }

  /** In a sentence. */
  toString(): string {
    const { failed, skipped, written } = this.#counts;
    const was = skipped === 1 ? 'left as it was' : 'left as they were';
    return `Beside the photos: ${plural(written, 'text')} written, ${skipped} ${was}, ${failed} failed.`;
  }
}
