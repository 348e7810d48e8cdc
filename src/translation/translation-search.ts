import type { BeamOptions } from '../engine/decoding/beam.ts';
import { assertInteger } from '../engine/decoding/constraints.ts';
import type { Decoder } from '../engine/decoding/decoder.ts';
import { ConvS2S } from '../engine/models/conv-s2s.ts';
import { textDecoder } from '../engine/models/text-decoder.ts';
import { Transformer } from '../engine/models/transformer.ts';
import type { PaddedTokens } from '../engine/batches/padded-tokens.ts';
import { knownLanguage, UnknownLanguageError } from './languages.ts';
import { alignmentLayerOf } from './translator-checkpoint.ts';
import type { TranslatorModel } from './translator-model.ts';

/** What somebody wants of the search; what is left out is as the model has it. */
export interface SearchWishes {
  /** The language to translate to, a tag; it may be left out where the model knows one only. */
  to?: string;
  /** How many further translations of each sentence are wanted (default 0). A beam that is too narrow is widened. */
  alternatives?: number;
  /** Beam width, at least 1 (greedy). */
  beam?: number;
  /** α of the beam search. */
  lengthNormalisation?: number;
}

export const NOTHING_FOUND = 'No translation was found: the model gave every token the probability 0.';

/** A search that is possible. */
export interface Search {
  to: string;
  width: number;
  wanted: number;
  lengthNormalisation: number;
}

/** @throws UnknownLanguageError that lists the languages of the model; RangeError on numbers out of range */
export function searchOf(model: TranslatorModel, options: SearchWishes): Search {
  const { alternatives = 0, beam = model.decoding.beam } = options;
  assertInteger('beam', beam, 1);
  assertInteger('alternatives', alternatives, 0);
  const asked = options.to ?? (model.to.length === 1 ? model.to[0] : undefined);
  if (asked === undefined) throw new RangeError(`Say which language to translate to: ${model.to.join(', ')}.`);
  const to = knownLanguage(asked, model.to);
  if (to === undefined) throw new UnknownLanguageError('to', asked, model.to);
  const wanted = alternatives + 1;
  return {
    to,
    wanted,
    width: Math.min(model.tokenizer.size, Math.max(beam, wanted)),
    lengthNormalisation: options.lengthNormalisation ?? model.decoding.lengthNormalisation,
  };
}

/** Lengths of a class share their limit, so that a translation does not depend on what else was in its batch. */
export function lengthClass(tokens: number): number {
  return 16 * Math.ceil(tokens / 16);
}

/** What is special about the sources of a batch. */
export interface BatchTraits {
  /** How many placeholders stand in each. */
  held: number;
  /** Whether they say something again, so that their translations may as well. */
  repeats: boolean;
  /** Whether the search is greedy and no three tokens come twice. */
  strict: boolean;
}

/** Sequences of so many tokens are not said twice by a search that is strict. */
const STRICT_NO_REPEAT = 3;

/** The search of a batch of sources. @param tokens of one of them; all are of its `lengthClass` */
export function searchOptions(
  { decoding, tokenizer }: TranslatorModel,
  search: Search,
  tokens: number,
  { held, repeats, strict }: BatchTraits = { held: 0, repeats: false, strict: false },
): BeamOptions {
  const unused = Array.from({ length: tokenizer.placeholders - held }, (_, i) => tokenizer.placeholder(held + i));
  const isGreedy = strict && search.wanted === 1;
  return {
    width: isGreedy ? 1 : search.width,
    // Different tokens can write the same text: some more than are wanted are looked at.
    nBest: search.wanted === 1 ? 1 : 2 * search.wanted,
    spare: isGreedy ? 0 : search.width,
    lengthNormalisation: search.lengthNormalisation,
    maxLength: Math.ceil(decoding.lengthRatio * lengthClass(tokens)) + 10,
    ...(decoding.refill && { refill: true }),
    noRepeat: strict ? STRICT_NO_REPEAT : repeats ? 0 : decoding.noRepeat,
    forbidden: [...tokenizer.forbidden, ...unused],
  };
}

/** The decoder of some sources; its weights are what counts as the alignment. */
export function decoderOf(translator: TranslatorModel, source: PaddedTokens): Decoder<unknown> {
  const { config, graphs, model } = translator;
  if (graphs) return textDecoder(config, graphs, source);
  const layer = alignmentLayerOf(translator);
  const hasLayers = model instanceof Transformer || model instanceof ConvS2S;
  if (!hasLayers || layer === null) return model.decoder(source);
  return model.decoder(source, { layer });
}
