import { photoPath, type PhotoCaptions } from '../../photos/captions-file.ts';
import { captionPhotos } from '../caption-photos.ts';
import type { CaptionerModel } from '../captioner-model.ts';
import { isFailed, type PhotoResult } from '../result.ts';
import { fitCalibration, type Calibration, type CalibrationExample } from './calibration.ts';
import { signalReaderOf, type Meter } from './meter.ts';
import { rightWords } from './right-words.ts';
import type { SignalledWord } from './signals.ts';

export interface CalibrateOptions {
  /** What the photos are a part of, which is written down. */
  split?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Told after each photo. */
  onResult?: (result: PhotoResult) => void;
}

/**
 * Captions photos as the model does by itself, and fits how sure it may be to what people wrote about them. They should be
 * photos that it was neither trained on nor is reported on.
 *
 * @param folder what the paths of the captions file are relative to
 * @returns nothing where `options.signal` stopped it before the end
 * @throws Error where the model writes no English, of which alone content words are known, or the photos are too few
 */
export async function calibrateCaptioner(
  model: CaptionerModel,
  photos: readonly PhotoCaptions[],
  folder: string,
  { onResult, signal, split }: CalibrateOptions = {},
): Promise<Calibration | undefined> {
  const reader = await signalReaderOf(model);
  if (!reader) throw new Error(`${model.name} writes no English, of which alone content words are known.`);
  const read: Pick<SignalledWord, 'signals' | 'word'>[][] = [];
  const meter: Meter = {
    measure(caption) {
      // What all the other words had is not kept.
      read.push(reader.read(caption).map(({ signals, word }) => ({ signals, word })));
      return null;
    },
  };
  const examples: CalibrationExample[] = [];
  let place = 0;
  const paths = photos.map(({ file }) => photoPath(folder, file));
  for await (const result of captionPhotos(model, paths, { meter, signal })) {
    const isRight = rightWords(photos[place++]!.captions);
    onResult?.(result);
    if (isFailed(result)) continue;
    // The signals of the photos that could be read, in their order.
    const words = read[examples.length]!;
    examples.push({ words: words.map(({ signals, word }) => ({ signals, isRight: isRight(word) })) });
  }
  if (place < photos.length) return undefined;
  return fitCalibration(examples, { split: split ?? null, photos: examples.length });
}
