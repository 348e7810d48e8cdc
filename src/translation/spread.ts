import type { HeadLook, Translation } from '../contract/data/translation.ts';
import { entropyOf } from '../engine/attention/divergence.ts';
import { lookInside, type LookInsideOptions } from './look-inside.ts';
import { rounded } from './translation-parts.ts';
import type { TranslatedText } from './translation-result.ts';
import type { TranslatorModel } from './translator-model.ts';

/** A translation whose words tell how spread they looked at the source's, in bits; without attention it stays as it is. */
export function withEntropies<Told extends Pick<Translation, 'words' | 'alignment'>>(translation: Told): Told {
  const { alignment, words } = translation;
  if (alignment.length === 0) return translation;
  return {
    ...translation,
    words: words.map((word, i) => ({ ...word, entropy: rounded(entropyOf(alignment[i] ?? [])) })),
  };
}

/**
 * A text whose sentences tell of every head how spread it looked, which other one looked most alike, and whether it is
 * redundant there. Left out of a sentence that the model knows nothing of, and of one that is too long to be looked into.
 * @throws the signal's reason
 */
export async function withHeads(
  model: TranslatorModel,
  text: TranslatedText,
  options: Pick<LookInsideOptions, 'beam' | 'lengthNormalisation' | 'signal'>,
): Promise<TranslatedText> {
  const sentences: TranslatedText['sentences'] = [];
  for (const sentence of text.sentences) {
    const heads = sentence.kept ? null : await headsOf(model, sentence.source.text, { ...options, to: text.to });
    sentences.push(heads ? { ...sentence, heads } : sentence);
  }
  return { ...text, sentences };
}

/** @returns null where the sentence is too long */
async function headsOf(
  model: TranslatorModel,
  sentence: string,
  options: LookInsideOptions,
): Promise<HeadLook[] | null> {
  try {
    const { maps } = await lookInside(model, sentence, options);
    return maps.map(({ weights: _, ...head }) => head);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
