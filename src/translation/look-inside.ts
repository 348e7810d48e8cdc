import * as tf from '@tensorflow/tfjs-core';
import type { AttentionMap } from '../contract/data/translation.ts';
import { compareHeads } from '../engine/attention/compare-heads.ts';
import { beamSearch, type BeamOptions } from '../engine/decoding/beam.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import { ConvS2S } from '../engine/models/conv-s2s.ts';
import { Transformer } from '../engine/models/transformer.ts';
import { prepareOperations } from '../native/backend.ts';
import { padTokens, type PaddedTokens } from '../engine/batches/padded-tokens.ts';
import { protectedSpans } from '../engine/text/protected-spans.ts';
import { sentenceOffset, sourceTokens } from '../engine/text/source-tokens.ts';
import type { TextTokenizer } from '../engine/text/text-tokenizer.ts';
import { describeTokens, probability, rounded, writtenTokens } from './translation-parts.ts';
import type { InsideLook } from './translation-result.ts';
import { decoderOf, NOTHING_FOUND, searchOf, searchOptions, type SearchWishes } from './translation-search.ts';
import type { TranslatorModel } from './translator-model.ts';

/** The most tokens that can be looked into at once. */
const INSIDE_TOKENS = 256;

export interface LookInsideOptions extends Omit<SearchWishes, 'alternatives'> {
  /** Looks at how the model writes exactly this, likely or not. Left out or empty: its own translation. */
  target?: string;
  signal?: AbortSignal;
}

/**
 * Translates one sentence and keeps what every layer and head looked at.
 *
 * @throws RangeError for a text without letters, or where it or `target` has more than 256 tokens;
 *   UnknownLanguageError; the signal's reason
 */
export async function lookInside(
  model: TranslatorModel,
  sentence: string,
  options: LookInsideOptions = {},
): Promise<InsideLook> {
  const search = searchOf(model, options);
  const { tokenizer } = model;
  // What the model has placeholders for stays as it is, as in a translation.
  const spans = protectedSpans(sentence, (character) => tokenizer.knows(character))
    .filter(({ kind }) => kind !== 'digit' && kind !== 'capitals')
    .slice(0, tokenizer.placeholders);
  const held = spans.map(({ text }) => text);
  const encoding = tokenizer.encodeWithSpans(sentence, model.from, spans);
  if (encoding.ids.length === 0) throw new RangeError('There is nothing to translate in an empty text.');
  const source = sourceTokens(tokenizer, encoding.ids, search.to);
  refuseLong('sentence', source);
  const target = tokenizer.encodeTarget(options.target ?? '');
  refuseLong('translation', target);
  const padded = padTokens([source]);
  const control = options.signal === undefined ? undefined : { signal: options.signal };
  const [[best] = []] = await beamSearch(
    decoderOf(model, padded),
    target.length > 0
      ? exactly(tokenizer, target)
      : searchOptions(model, search, encoding.ids.length, { held: held.length, repeats: false, strict: false }),
    control,
  );
  if (!best) throw new Error(NOTHING_FOUND);
  const decoding = tokenizer.decodeWithSpans(best.tokens, search.to, held);
  const maps = await mapsOf(model, padded, best);
  return {
    source: describeTokens(tokenizer, source, encoding.words, sentenceOffset(tokenizer)),
    target: describeTokens(tokenizer, writtenTokens(tokenizer, best), decoding.words, 0),
    probabilities: best.logProbabilities.map(probability),
    text: decoding.text,
    maps,
    model: model.name,
  };
}

function refuseLong(what: string, { length }: readonly number[]): void {
  if (length <= INSIDE_TOKENS) return;
  throw new RangeError(`The ${what} has ${length} tokens; at most ${INSIDE_TOKENS} can be shown. Shorten it.`);
}

/** A search that can find nothing but these tokens and the end. */
function exactly({ end, tokens }: TextTokenizer, prefix: readonly number[]): BeamOptions {
  const forbidden = tokens.flatMap((_, id) => (id === end ? [] : [id]));
  return { width: 1, lengthNormalisation: 0, prefix, forbidden, maxLength: prefix.length };
}

async function mapsOf({ model }: TranslatorModel, source: PaddedTokens, best: Hypothesis): Promise<AttentionMap[]> {
  if (model instanceof Transformer) return transformerMaps(model, source, best);
  return model instanceof ConvS2S ? convolutionalMaps(model, source, best) : recurrentMaps(best);
}

async function transformerMaps(model: Transformer, source: PaddedTokens, best: Hypothesis): Promise<AttentionMap[]> {
  await prepareOperations();
  const maps = model.attentionMaps(source, [best.tokens]);
  // What predicts a token behind the last one was not part of a translation that was cut off.
  const rows = best.logProbabilities.length;
  try {
    const kinds = [
      ['cross', maps.source, rows, Infinity],
      ['encoder', maps.encoder, Infinity, Infinity],
      ['decoder', maps.decoder, rows, rows],
    ] as const;
    const found: Omit<AttentionMap, 'entropy'>[] = [];
    for (const [kind, layers, height, width] of kinds) {
      for (const [layer, tensor] of layers.entries()) {
        const [heads] = await tensor.array();
        for (const [head, matrix] of (heads ?? []).entries()) {
          const weights = matrix.slice(0, height).map((row) => row.slice(0, width).map(rounded));
          found.push({ kind, layer, head, weights });
        }
      }
    }
    return kinds.flatMap(([kind]) => withComparison(found.filter((map) => map.kind === kind)));
  } finally {
    tf.dispose([...maps.source, ...maps.encoder, ...maps.decoder]);
  }
}

async function convolutionalMaps(model: ConvS2S, source: PaddedTokens, best: Hypothesis): Promise<AttentionMap[]> {
  await prepareOperations();
  const layers = model.attentionMaps(source, [best.tokens]);
  try {
    const matrices = await Promise.all(layers.map((tensor) => tensor.array()));
    return withComparison(
      matrices.map(([matrix = []], layer) => ({
        kind: 'cross' as const,
        layer,
        head: 0,
        weights: matrix.slice(0, best.logProbabilities.length).map((row) => row.map(rounded)),
      })),
    );
  } finally {
    tf.dispose(layers);
  }
}

function recurrentMaps({ weights }: Hypothesis): AttentionMap[] {
  if (weights.length === 0) return [];
  const map = { kind: 'cross' as const, layer: 0, head: 0, weights: weights.map((row) => Array.from(row, rounded)) };
  return withComparison([map]);
}

/** Says of each head of a kind how it looks beside the others. */
function withComparison(maps: readonly Omit<AttentionMap, 'entropy'>[]): AttentionMap[] {
  return compareHeads(maps).map(({ entropy, nearest, redundant }, i) => {
    const other = nearest && maps[nearest.head];
    return {
      ...(maps[i] as AttentionMap),
      entropy: rounded(entropy),
      ...(other && {
        nearest: { layer: other.layer, head: other.head, divergence: rounded(nearest.divergence) },
      }),
      ...(redundant && { redundant }),
    };
  });
}
