import type { z } from 'zod';
import type { SentenceTrace, SentenceTraceInput } from '../contract/data/traces.ts';
import { padTokens } from '../engine/batches/padded-tokens.ts';
import { beamSearch } from '../engine/decoding/beam.ts';
import { ConvS2S } from '../engine/models/conv-s2s.ts';
import { Seq2Seq } from '../engine/models/seq2seq.ts';
import { Transformer } from '../engine/models/transformer.ts';
import { sentenceOffset, sourceTokens } from '../engine/text/source-tokens.ts';
import type { Encoding } from '../engine/text/text-tokenizer.ts';
import { traceConvS2S } from '../engine/traces/conv-s2s-trace.ts';
import { plainTrace } from '../engine/traces/plain-trace.ts';
import { traceSeq2Seq } from '../engine/traces/seq2seq-trace.ts';
import { traceTransformer, type HeadPlace } from '../engine/traces/transformer-trace.ts';
import { prepareOperations } from '../native/backend.ts';
import { describeTokens } from './translation-parts.ts';
import { decoderOf, NOTHING_FOUND, searchOf, searchOptions } from './translation-search.ts';
import { alignmentLayerOf } from './translator-checkpoint.ts';
import type { TranslatorModel } from './translator-model.ts';

/** The most tokens of a sentence, or a translation, that are taken apart: every one has its vectors in the answer. */
const MOST_TOKENS = 64;
/** How many of the likeliest words are told. */
const LIKELIEST = 5;

type Wishes = Omit<z.output<typeof SentenceTraceInput>, 'from' | 'model' | 'text'>;

/**
 * Takes one step of a translator apart.
 * @throws RangeError for a text without letters, one of more than 64 tokens, a step or a head that is not there, or a
 *   change that does not fit; the signal's reason
 */
export async function traceSentence(
  translator: TranslatorModel,
  sentence: string,
  { change = {}, head: wanted, step, to, written: given }: Wishes,
  signal: AbortSignal,
): Promise<SentenceTrace> {
  const { model, tokenizer } = translator;
  const search = searchOf(translator, { to });
  const { encoding, source } = readSentence(translator, sentence, search.to);
  const written = given ?? (await translated(translator, source, search, encoding.ids.length, signal));
  refuseLong('translation', written.length);
  const unknown = written.find((token) => token >= tokenizer.size);
  if (unknown !== undefined) throw new RangeError(`The vocabulary has no token ${unknown}.`);
  if (step > written.length) {
    throw new RangeError(`The translation has ${written.length} tokens and its end; there is no step ${step}.`);
  }
  const target = [...written, tokenizer.end];
  const fed = written.slice(0, step);
  const options = { count: LIKELIEST, never: tokenizer.forbidden };
  const wordOf = (token: number): string | null => tokenText(translator, token);
  const words = (ids: readonly number[]): string[] => ids.map((id) => tokenizer.tokens[id] ?? '');
  const told = {
    source: describeTokens(tokenizer, source, encoding.words, sentenceOffset(tokenizer)),
    target: target.map((id) => ({ text: tokenizer.tokens[id] ?? '', word: null })),
    written,
    model: translator.name,
  };
  await prepareOperations();
  if (model instanceof Transformer) {
    const { head, kind, layer, query } = wanted ?? {
      kind: 'cross' as const,
      layer: alignmentLayerOf(translator) ?? 0,
      head: 0,
      query: undefined,
    };
    const place: HeadPlace = { kind: kind === 'cross' ? 'source' : kind, layer, head, query };
    return {
      ...told,
      step: plainTrace(traceTransformer(model, source, fed, place, options, change), wordOf),
      locations: kind === 'decoder' ? ['<start>', ...words(fed)] : words(source),
      attention: 'heads',
      layers: kind === 'encoder' ? model.config.encoderLayers : model.config.decoderLayers,
      heads: model.config.heads,
      layer,
      head,
    };
  }
  if (model instanceof ConvS2S) {
    const layer = wanted?.layer ?? alignmentLayerOf(translator) ?? 0;
    return {
      ...told,
      step: plainTrace(traceConvS2S(model, source, fed, layer, options, change), wordOf),
      locations: words(source),
      attention: 'multi-step',
      layers: model.config.decoderLayers,
      heads: 1,
      layer,
      head: 0,
    };
  }
  if (!(model instanceof Seq2Seq)) throw new RangeError(`${translator.name} cannot be taken apart.`);
  const { attention, decoder, scaled } = model.config;
  return {
    ...told,
    step: plainTrace(traceSeq2Seq(model, source, fed, options, change), wordOf),
    locations: words(source),
    attention: scaled ? `scaled-${attention}` : attention,
    decoder,
    layers: 1,
    heads: 1,
    layer: 0,
    head: 0,
  };
}

/**
 * A sentence as the encoder reads it.
 * @throws RangeError for one without letters, or of more than 64 tokens
 */
export function readSentence(
  { from, tokenizer }: TranslatorModel,
  sentence: string,
  to: string,
): { encoding: Encoding; source: number[] } {
  const encoding = tokenizer.encodeWithSpans(sentence, from, []);
  if (encoding.ids.length === 0) throw new RangeError('There is nothing to translate in an empty text.');
  const source = sourceTokens(tokenizer, encoding.ids, to);
  refuseLong('sentence', source.length);
  return { encoding, source };
}

/** A token as it is printed; null: the end. */
export function tokenText({ tokenizer }: TranslatorModel, token: number): string | null {
  return token === tokenizer.end ? null : (tokenizer.tokens[token] ?? '');
}

/** What the translator itself makes of a sentence, without the end token. */
async function translated(
  translator: TranslatorModel,
  source: readonly number[],
  search: ReturnType<typeof searchOf>,
  length: number,
  signal: AbortSignal,
): Promise<number[]> {
  const decoder = decoderOf(translator, padTokens([source]));
  const [[best] = []] = await beamSearch(decoder, searchOptions(translator, search, length), { signal });
  if (!best) throw new Error(NOTHING_FOUND);
  return best.tokens;
}

function refuseLong(what: string, tokens: number): void {
  if (tokens <= MOST_TOKENS) return;
  throw new RangeError(`The ${what} has ${tokens} tokens; at most ${MOST_TOKENS} can be taken apart. Shorten it.`);
}
