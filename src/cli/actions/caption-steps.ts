import { beginningOf } from '../../captioning/beginning.ts';
import type { CaptionPhotosOptions } from '../../captioning/caption-photos.ts';
import type { CaptionerModel } from '../../captioning/captioner-model.ts';
import type { KeywordFinder } from '../../captioning/keyword-finder.ts';
import { isFailed, type PhotoResult } from '../../captioning/result.ts';
import { knownLanguage } from '../../translation/languages.ts';
import type { TranslatorModel } from '../../translation/translator-model.ts';
import { UsageError } from '../exit.ts';
import type { CaptionCommandOptions } from '../options/caption-options.ts';

/** What captioners speak. */
export const CAPTION_LANGUAGE = 'en';

/** What captions are translated with, and to which language. */
export interface Translating {
  model: TranslatorModel;
  to: string;
}

/** Nothing where captions stay as they are: no language was asked for, or the captioner's own. */
export async function translatorOf({ language, translator }: CaptionCommandOptions): Promise<Translating | undefined> {
  if (language === undefined || knownLanguage(language, [CAPTION_LANGUAGE]) !== undefined) return undefined;
  // Most captions are not translated, and what translates takes a while to load.
  const { openTranslator } = await import('./open-translator.ts');
  const model = await openTranslator({
    from: CAPTION_LANGUAGE,
    to: language,
    domain: 'captions',
    ...(translator === undefined ? {} : { model: translator }),
  });
  return { model, to: knownLanguage(language, model.to) ?? language };
}

/** A result in the language that was asked for. */
export async function translated(
  result: PhotoResult,
  translating: Translating | undefined,
  keywords: KeywordFinder | undefined,
): Promise<PhotoResult> {
  if (!translating || isFailed(result)) return result;
  const { translateCaptionedPhoto } = await import('../../captioning/translate-caption.ts');
  return translateCaptionedPhoto(translating.model, result, { to: translating.to, ...(keywords && { keywords }) });
}

/** What the command's options ask of the captions. */
export function photosOptions(
  options: CaptionCommandOptions,
  keywords: KeywordFinder | undefined,
  signal: AbortSignal,
): CaptionPhotosOptions {
  const { alternatives, alternativesWithMaps, batch, beam, lengthNormalisation, secondLook, start, wording } = options;
  const { head, layer, maps, rollout } = options;
  return {
    alternatives,
    alternativesWithMaps,
    batchSize: batch,
    beam,
    keywords,
    lengthNormalisation,
    mapsFrom: {
      ...(layer !== undefined && { layer: layer - 1 }),
      ...(head !== undefined && { head: head - 1 }),
      ...(rollout && { rollout }),
    },
    maps,
    secondLook,
    signal,
    start,
    wording,
  };
}

/** @throws UsageError where captions of the model cannot begin so */
export function refuseWrongStart(model: CaptionerModel, start: string): void {
  try {
    beginningOf(model, { start });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
