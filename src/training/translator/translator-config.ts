import { z } from 'zod';
import { CELLS } from '../../engine/layers/recurrent-cell.ts';
import { SEQ2SEQ_ATTENTIONS } from '../../engine/models/seq2seq.ts';
import { MAX_PLACEHOLDERS } from '../../engine/text/subword-tokenizer.ts';
import { Count, readConfig, RunName, ScheduleConfig, Share } from '../read-config.ts';

const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is not a language code such as en or pt-BR');
const Sharing = z.enum(['all', 'target', 'none']).default('all');

const TransformerShape = z.strictObject({
  architecture: z.literal('transformer'),
  embeddings: Sharing,
  size: Count,
  heads: Count,
  feedForwardSize: Count,
  encoderLayers: Count,
  decoderLayers: Count,
  normalisation: z.enum(['pre', 'post']).default('pre'),
});

const ConvS2SShape = z.strictObject({
  architecture: z.literal('conv-s2s'),
  embeddings: Sharing,
  size: Count,
  /** Tokens that a convolution sees; odd. */
  width: Count.refine((width) => width % 2 === 1, 'must be odd'),
  encoderLayers: Count,
  decoderLayers: Count,
});

const Seq2SeqShape = z.strictObject({
  architecture: z.literal('seq2seq'),
  embeddings: Sharing,
  cell: z.enum(CELLS),
  encoder: z.enum(['one-directional', 'bidirectional']),
  embeddingSize: Count,
  encoderSize: Count,
  hiddenSize: Count,
  attention: z.enum(SEQ2SEQ_ATTENTIONS),
  attentionSize: Count,
  scaled: z.boolean().optional(),
  decoder: z.enum(['bahdanau', 'luong']),
  inputFeeding: z.boolean().default(false),
  initialState: z.enum(['final', 'mean']).default('final'),
});

/**
 * Two files that are translations of each other, line by line; `.gz` is read as well. Where both are the same `.tsv`, its
 * first two columns.
 */
const TextPair = z.strictObject({
  source: z.string(),
  target: z.string(),
  sourceLanguage: Language,
  targetLanguage: Language,
});

const TrainingText = TextPair.extend({
  /** How often a pair is seen in an epoch; 0.5 is every other pair, chosen anew each epoch. */
  weight: z.number().min(0).default(1),
  /** A file with the name of each line's origin, and the weights of origins, which multiply `weight`. */
  origins: z.strictObject({ file: z.string(), weights: z.record(z.string(), z.number().min(0)) }).optional(),
  /** Words with commas between them: only pairs are taken whose source has one of them, or its plural in -s or -es. */
  words: z.string().min(1).optional(),
  /** Of a dictionary: its full sentences, or all else. */
  only: z.enum(['sentences', 'terms']).optional(),
  /** Whether noise is left out: see `PairFilter`. */
  clean: z.boolean().default(false),
});

/** What is made of the pairs beside themselves, or instead: see `varyTexts`. */
const Variation = z.strictObject({
  /** Share of pairs in which what a translation must have letter for letter becomes placeholders. */
  placeholders: Share.default(0),
  /** Share of names (capitalised words that both sides have) that become placeholders, in pairs chosen so. */
  names: Share.default(0),
  /** Share of short pairs that are also seen together with the one behind them. */
  joined: Share.default(0),
  /** The most words of the source of such a pair. */
  joinedWords: Count.default(12),
  /** Share of pairs whose source is written in small letters, or with a word in capitals. */
  letterCase: Share.default(0),
  /** Pairs whose source has at least so many words are seen so many times as often. */
  long: z.strictObject({ words: Count, weight: z.number().min(0) }).optional(),
});

/** Sentences that the project wrote itself, in the languages of `data`: see `readPhrasebook`. */
const Phrasebook = z.strictObject({ folder: z.string(), weight: z.number().min(0).default(1) });

/** One phase of a training run. The next stage starts from this one's result. */
const Stage = z.strictObject({
  name: RunName,
  /** What this stage learns from, where it is not what the run says. */
  data: z.array(TrainingText).min(1).optional(),
  phrasebook: Phrasebook.optional(),
  variation: Variation.optional(),
  updates: Count,
  /** Tokens of an update, padding counted, on the longer of its two sides. */
  tokensPerBatch: Count,
  schedule: ScheduleConfig,
  dropout: Share.default(0),
  attentionDropout: Share.default(0),
  feedForwardDropout: Share.default(0),
  labelSmoothing: Share.default(0),
  /** Merges left out by chance, so that words are cut otherwise every time (Provilkov et al. 2020). */
  bpeDropout: Share.default(0),
  beta2: Share.default(0.98),
  weightDecay: z.number().min(0).default(0),
  /** Largest norm of the gradient; 0: no clipping. */
  clip: z.number().min(0).default(0),
  /** Decay of the running average of the weights, which is what validation sees; 0: none is kept. */
  averaging: Share.default(0),
  /** The last `count` of the checkpoints kept every so many updates are averaged at the end. */
  lastCheckpoints: z.strictObject({ count: Count, every: Count }).optional(),
  /** Updates from one validation to the next. */
  validateEvery: Count,
});
export type TranslatorStage = z.infer<typeof Stage>;

/** A whole training run of a translator: `configs/translator-….json`, `configs/comparison-….json`. */
export const TranslatorRunConfig = z.strictObject({
  name: RunName,
  seed: z.number().int(),
  /**
   * Start from another run's end, by its name, or from the end of one of its stages (`translator-multi30k-de/1-multi30k`).
   * Its vocabulary is taken over; the model must have the same shape.
   */
  startFrom: z.string().optional(),
  model: z.discriminatedUnion('architecture', [TransformerShape, ConvS2SShape, Seq2SeqShape]),
  vocabulary: z.strictObject({
    size: Count,
    minCharacterCount: Count.default(5),
    quotes: z.enum(['keep', 'plain']).default('keep'),
    /** The texts (the first stage's) are more than enough to learn it from; at most so many lines of each are read. */
    linesPerText: Count.optional(),
    /** Placeholders for what is carried over letter for letter; a vocabulary that is taken over gets so many. */
    placeholders: z.number().int().min(0).max(MAX_PLACEHOLDERS).default(0),
  }),
  data: z.array(TrainingText).min(1),
  /** Texts whose sentences are left out of what is cleaned, and of the phrasebook, on either side. */
  heldOut: z.array(z.string()).default([]),
  /** Pairs with a longer side, in tokens, are left out. */
  maxTokens: Count,
  validation: z.strictObject({
    /** Scored apart; the mean of their BLEU decides which weights are best. */
    texts: z.array(TextPair.extend({ sentences: Count })).min(1),
    beam: Count.default(1),
    /** At the end of a stage, where candidates are compared. */
    finalBeam: Count.default(5),
    lengthNormalisation: z.number().min(0).default(1),
  }),
  stages: z.array(Stage).min(1),
});
export type TranslatorRunConfig = z.infer<typeof TranslatorRunConfig>;
export type Variation = z.infer<typeof Variation>;
export type TrainingText = z.infer<typeof TrainingText>;
export type TextPair = z.infer<typeof TextPair>;

/** Reads a configuration. @throws Error that says which of its keys is missing, unknown or out of range */
export function readTranslatorConfig(path: string): Promise<TranslatorRunConfig> {
  return readConfig(path, TranslatorRunConfig);
}
