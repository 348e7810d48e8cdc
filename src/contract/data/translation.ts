import { z } from 'zod';
import { TRANSLATION_DOMAINS } from '../constants/translation-domains.ts';
import { Backend, Count, LanguageTag, Probability } from './parts.ts';

/** A piece of a sentence as the model reads and writes it. */
export const Token = z.object({
  /** As it is printed: `▁dog` with its space, `<2de>`, `<end>`, a byte as `<0xF0>`. */
  text: z.string(),
  /** The word of the sentence that it belongs to, counted from 0; null for what writes nothing (the tag, the end). */
  word: Count.nullable(),
});
export type Token = z.infer<typeof Token>;

/** One translation of a sentence. */
export const Translation = z.object({
  text: z.string(),
  /** What the search ranked by: log p / (tokens + 1)^α. 0 at best. */
  score: z.number(),
  /** Words of `text`, in order, punctuation apart. */
  words: z.array(
    z.object({
      word: z.string(),
      /** The product of its tokens' probabilities. */
      probability: Probability,
      entropy: z
        .number()
        .optional()
        .describe('In JSON: how spread its row of alignment is, bits; 0 where it looked at one word of the source'),
    }),
  ),
  /** With the end token last, where it was reached. */
  tokens: z.array(Token),
  /** alignment[target word][source word]: how much each source word counted; rows sum to 1; empty without attention. */
  alignment: z.array(z.array(z.number())),
});
export type Translation = z.infer<typeof Translation>;

/** How one head of a model looked at a sentence, beside the others of its kind. */
export const HeadLook = z.object({
  /**
   * `cross`: target x source; `encoder`: source x source; `decoder`: target x fed, where the fed tokens are the start
   * token and then the target's without its last, so that row i looks at columns 0 to i.
   */
  kind: z.enum(['cross', 'encoder', 'decoder']),
  /** From 0. */
  layer: Count,
  head: Count,
  /** How spread it looks: bits, the mean over its rows. */
  entropy: z.number(),
  /** The head of this kind that looks most alike, and their Jensen-Shannon divergence: bits, 0 to 1, the mean over the rows. */
  nearest: z.object({ layer: Count, head: Count, divergence: z.number() }).optional(),
  /** A head before it (of a lower layer, or a lower number) is less than 0.1 bits apart. */
  redundant: z.literal(true).optional(),
});
export type HeadLook = z.infer<typeof HeadLook>;

/**
 * What can be seen to be wrong with a translation without knowing what it means:
 *
 * - `missing`: something that stays letter for letter is not there, or there too often;
 * - `numbers`: its digits are not those of the source;
 * - `offensive`: it has an offensive word and the source has none; a word of the source stands in its place;
 * - `repetition`: it says something again and again;
 * - `length`: it is far too short or too long, or was cut off.
 */
export const TranslationFault = z.enum(['missing', 'numbers', 'offensive', 'repetition', 'length']);
export type TranslationFault = z.infer<typeof TranslationFault>;

/** A sentence with its translations. */
export const TranslatedSentence = z.object({
  source: z.object({ text: z.string(), words: z.array(z.string()), tokens: z.array(Token) }),
  /** Best first; at least one. */
  translations: z.array(Translation).min(1),
  /** How sure the model is of the best translation: the geometric mean of its tokens' probabilities. */
  confidence: Probability,
  /** What can be seen to be wrong with the best translation, the worst first; left out where nothing is. */
  faults: z.array(TranslationFault).min(1).optional(),
  /** There where the sentence was left as it is: the model knows (almost) none of its characters. */
  kept: z.literal('unknown-script').optional(),
  heads: z
    .array(HeadLook)
    .optional()
    .describe('In JSON, where it was asked for: how each head looked at the sentence; none without attention'),
});
export type TranslatedSentence = z.infer<typeof TranslatedSentence>;

export const TranslateOptions = z.object({
  from: LanguageTag.optional(),
  to: LanguageTag,
  alternatives: z.int().min(0).max(10).optional(),
  beam: z.int().min(1).max(50).optional(),
  /** One of `translate.models`; left out: the best for the pair. */
  model: z.string().max(100).optional(),
  /** What the text is: captions are translated by a model that was made for them, where there is one. */
  domain: z.enum(TRANSLATION_DOMAINS).optional(),
});

export const TranslateOutput = z.object({
  from: LanguageTag,
  to: LanguageTag,
  /** The language between them, where no translator goes all the way. */
  through: LanguageTag.optional(),
  /** In order. What stands between them (white space, emoji, addresses) is in `text` only. */
  sentences: z.array(TranslatedSentence),
  /** The whole text with its line breaks. */
  text: z.string(),
  /** As of a sentence, over all of them; 1 for a text without letters. */
  confidence: Probability,
  /** Whether the text is unlike what the model was trained on, so that little of the translation will be right. */
  isUnlike: z.boolean(),
  model: z.string(),
  backend: Backend,
  milliseconds: z.number(),
});
export type TranslateOutput = z.infer<typeof TranslateOutput>;

export const Language = z.object({
  tag: LanguageTag,
  /** Its own name for itself: "Deutsch". */
  name: z.string(),
});

export const TranslationModel = z.object({
  name: z.string(),
  /** What a person reads: "Transformer", "GRU with additive attention". */
  title: z.string(),
  architecture: z.enum(['seq2seq', 'transformer', 'conv-s2s']),
  pairs: z.array(z.object({ from: LanguageTag, to: LanguageTag })),
  /** 0 where the model has no attention; a recurrent one has 1. */
  layers: Count,
  heads: Count,
  /** Whether it was trained to be compared with others, and not to translate as well as can be. */
  isComparison: z.boolean(),
  /** The only kind of text that it was made for; left out: all. */
  domain: z.enum(TRANSLATION_DOMAINS).optional(),
});
export type TranslationModel = z.infer<typeof TranslationModel>;

/** The weights of one layer and head; rows are queries, columns what they looked at; rows sum to 1. */
export const AttentionMap = HeadLook.extend({ weights: z.array(z.array(z.number())) });
export type AttentionMap = z.infer<typeof AttentionMap>;

/** What a model looked at while it translated one sentence. */
export const LookInsideOutput = z.object({
  source: z.array(Token),
  /** The end token last, where it was reached. */
  target: z.array(Token),
  /** Of each target token. */
  probabilities: z.array(Probability),
  text: z.string(),
  /** None for a model without attention; a recurrent model has one, `cross`, layer 0, head 0. */
  maps: z.array(AttentionMap),
  model: z.string(),
  milliseconds: z.number(),
});
export type LookInsideOutput = z.infer<typeof LookInsideOutput>;
