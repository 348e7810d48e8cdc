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
 * Each of a regression's four weights wants ten words of the rarer kind (Peduzzi et al. 1996, J. Clin. Epidemiol. 49:1373),
 * and a caption hardly names one thing that is wrong.
 */
const FEW = 100;

/** A warning where a calibration has fewer photos than it can be trusted with; nothing otherwise. */
export function fewToCalibrate(photos: number): string | undefined {
  if (photos >= FEW) return undefined;
  return (
    `${photos} ${photos === 1 ? 'photo is' : 'photos are'} few: how sure the captioner may be is fitted to what is wrong in their captions, ` +
    `and says little of other photos. Take ${FEW} or more.`
  );
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
