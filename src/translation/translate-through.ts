import type { BackendName } from '../contract/constants/backends.ts';
import { replaceSentences } from '../engine/text/sentences.ts';
import { PIVOT } from './pivot.ts';
import { doubtOf, translate, type TranslateOptions } from './translate.ts';
import { rounded } from './translation-parts.ts';
import type { PlacedSentence, SentenceTranslation, TranslatedText } from './translation-result.ts';
import type { TranslatorModel } from './translator-model.ts';

/** Two translators, one behind the other, where none goes all the way. */
export interface ThroughTranslator {
  readonly first: TranslatorModel;
  readonly second: TranslatorModel;
  /** Names of both. */
  readonly name: string;
  readonly from: string;
  readonly backend: BackendName;
}

/** Whatever translates texts. */
export type AnyTranslator = TranslatorModel | ThroughTranslator;

/** @param first to the pivot @param second from it */
export function through(first: TranslatorModel, second: TranslatorModel): ThroughTranslator {
  return { first, second, name: `${first.name} + ${second.name}`, from: first.from, backend: second.backend };
}

function isThrough(model: AnyTranslator): model is ThroughTranslator {
  return 'first' in model;
}

/**
 * `translate` by one translator or through another language: then sentence by sentence, the best English one of each. Who
 * aligns with whom goes through the English words, where both models see the same ones; the confidence is that of both
 * steps together. Sentences are told of text by text.
 * @throws what `translate` throws
 */
export async function translateBy(
  model: AnyTranslator,
  texts: readonly string[],
  options: TranslateOptions = {},
): Promise<TranslatedText[]> {
  if (!isThrough(model)) return translate(model, texts, options);
  const { alternatives, beam, lengthNormalisation, lineBreak, onResult, onSentence, signal, split, to } = options;
  const search = {
    ...(signal && { signal }),
    ...(beam !== undefined && { beam }),
    ...(lengthNormalisation !== undefined && { lengthNormalisation }),
  };
  const between = await translate(model.first, texts, {
    ...search,
    to: PIVOT,
    ...(lineBreak && { lineBreak }),
    ...(split !== undefined && { split }),
  });
  const results: TranslatedText[] = [];
  for (const [index, english] of between.entries()) {
    const own = english.sentences.map((sentence) => sentence.translations[0]!.text);
    const written = await translate(model.second, own, {
      ...search,
      ...(to !== undefined && { to }),
      ...(alternatives !== undefined && { alternatives }),
      split: false,
    });
    const result = joined(model, english, written, alternatives ?? 0, to);
    for (const [sentence, one] of result.sentences.entries()) {
      onSentence?.(one, { text: index, sentence, of: result.sentences.length });
    }
    results.push(result);
    await onResult?.(result, index);
  }
  return results;
}

/** @param written the translation of each English sentence */
function joined(
  { backend, name, second }: ThroughTranslator,
  english: TranslatedText,
  written: readonly TranslatedText[],
  alternatives: number,
  to: string | undefined,
): TranslatedText {
  const sentences = english.sentences.map((sentence, i) => joinedSentence(sentence, written[i]!));
  const places = sentences.map(({ end, source, start }) => ({ start, end, text: source.text }));
  const whole = (rank: number): string =>
    replaceSentences(
      english.source,
      places,
      sentences.map(({ translations }) => (translations[rank] ?? translations[0])!.text),
    );
  const most = sentences.reduce((count, { translations }) => Math.max(count, translations.length), 1);
  const target = written[0]?.to ?? to ?? second.to[0]!;
  return {
    source: english.source,
    text: whole(0),
    alternatives: Array.from({ length: Math.min(alternatives + 1, most) - 1 }, (_, i) => whole(i + 1)),
    from: english.from,
    to: target,
    through: PIVOT,
    sentences,
    alignmentLayer: null,
    confidence: doubtOf(undefined, sentences).confidence,
    isUnlike: english.isUnlike || written.some(({ isUnlike }) => isUnlike),
    model: name,
    backend,
  };
}

function joinedSentence(first: PlacedSentence, { sentences: [second] }: TranslatedText): PlacedSentence {
  // What has no letters, or stays as it is, is not translated further.
  if (!second || first.kept) return first;
  const [english] = first.translations as [SentenceTranslation];
  const faults = [...new Set([...(first.faults ?? []), ...(second.faults ?? [])])];
  const sameWords = second.source.words.join(' ') === english.words.map(({ word }) => word).join(' ');
  const { faults: _, ...rest } = first;
  return {
    ...rest,
    translations: second.translations.map((one) => ({
      ...one,
      alignment: sameWords ? product(one.alignment, english.alignment) : [],
      weights: [],
    })),
    confidence: rounded(first.confidence * second.confidence),
    ...(faults.length > 0 && { faults: faults }),
  };
}

/** [target × English] · [English × source]; empty where one of them has no attention. */
function product(left: readonly (readonly number[])[], right: readonly (readonly number[])[]): number[][] {
  const columns = right[0]?.length ?? 0;
  if (columns === 0) return [];
  return left.map((row) =>
    Array.from({ length: columns }, (_, column) =>
      rounded(row.reduce((sum, part, between) => sum + part * (right[between]?.[column] ?? 0), 0)),
    ),
  );
}
