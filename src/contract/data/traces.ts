import { z } from 'zod';
import { Grid, Word } from './captions.ts';
import { Count, Id, LanguageTag, ModelWord, Probability } from './parts.ts';
import { Token } from './translation.ts';

/**
 * One step of a decoder with every number on the way, as the engine computed it (eight digits). In shapes, L is the
 * number of locations: cells of a photo, tokens of a sentence.
 */
const Vector = z.array(z.number());

/** A word that may come next. */
const NextToken = z.object({
  /** A word as it is written; null: the end. */
  word: z.string().nullable(),
  token: Count,
  /** `output` · `vector` + `bias`. */
  logit: z.number(),
  /** exp(logit − logSum). */
  probability: Probability,
  /** The word's row of the output layer, [output size]. */
  vector: Vector,
  bias: z.number(),
});

/** A look at L locations. */
const LookTrace = z.object({
  /**
   * How scores come of keys and query: `tanh`: e_i = vᵀ tanh(k_i + q); `product`: e_i = k_iᵀ q; `fixed`: e_i = k_i.
   * A Transformer's q is over √d_k already.
   */
  form: z.enum(['tanh', 'product', 'fixed']),
  /** What asks, as the decoder has it, [query size]. */
  asking: Vector,
  /** q, [key size]; empty where nothing asks. */
  query: Vector,
  /** k_i, [L][key size]. */
  keys: z.array(Vector),
  /** [key size], of a `tanh`. */
  v: Vector.optional(),
  /** What is averaged, [L][value size]. */
  values: z.array(Vector),
  /** e_i as the model has them, [L]. */
  scores: Vector,
  /** What the softmax was given: changed and over the temperature; null where a location is hidden. [L] */
  seen: z.array(z.number().nullable()),
  /** α, [L]; sums to 1. */
  weights: Vector,
  /** Σ α_i v_i, [value size]. */
  context: Vector,
});

export const StepTrace = z.object({
  /** Null without attention. */
  look: LookTrace.nullable(),
  /** The vector of the word before; of a Transformer, of the token that asks, times √d. */
  word: Vector,
  /** β and β ẑ, of a captioner with a gate. */
  gate: z.number().optional(),
  gated: Vector.optional(),
  /** The state of a recurrent decoder after the step. */
  state: Vector.optional(),
  /** What the output layer reads, [output size]. */
  output: Vector,
  /** log Σ exp of the logits of all words. */
  logSum: z.number(),
  /** Likeliest first. */
  likeliest: z.array(NextToken),
  /** A Transformer's head only. */
  head: z
    .object({
      /** The place of the token that asks, from 0, and PE of it, [model size]. */
      place: Count,
      position: Vector,
      /** Add and norm: x before, what all heads together give, x after; [model size]. */
      residual: z.object({ before: Vector, added: Vector, after: Vector }),
      /** α of every query of this head, [queries][L]; 0 where a mask hides a location. */
      allWeights: z.array(Vector),
      /** PE of all places of that sequence, [places][model size]. */
      positions: z.array(Vector),
      /** The head's mask at work: null where it hides a location. Padding is that of two tokens behind the source. */
      mask: z.object({
        kind: z.enum(['causal', 'padding']),
        /** [queries][locations]. */
        scores: z.array(z.array(z.number().nullable())),
        weights: z.array(Vector),
      }),
    })
    .optional(),
});
export type StepTrace = z.infer<typeof StepTrace>;

/** What somebody changes of a look before its softmax. */
export const ScoreChange = z.object({
  /** In place of the model's, one a location; null hides it, and one at least must be seen. */
  scores: z.array(z.number().nullable()).max(1000).optional(),
  /** The softmax is of the scores over this (default 1). */
  temperature: z.number().min(0.01).max(100).optional(),
});
export type ScoreChange = z.infer<typeof ScoreChange>;

export const CaptionTraceInput = z.object({
  photoId: Id,
  /** The words before the one that is traced; none: its first. */
  prefix: z.array(ModelWord).max(100),
  change: ScoreChange.optional(),
});

export const CaptionTrace = z.object({
  step: StepTrace,
  /** Its cells are the locations, row after row. */
  grid: Grid,
  model: z.string(),
});
export type CaptionTrace = z.infer<typeof CaptionTrace>;

export const SentenceTraceInput = z.object({
  text: z.string().min(1).max(500),
  from: LanguageTag.optional(),
  to: LanguageTag,
  /** One of `translate.models`; left out: the best for the pair. */
  model: z.string().max(100).optional(),
  /** The translation as tokens, from the answer before; left out: the model's own. */
  written: z.array(Count).max(256).optional(),
  /** Which token of the translation is traced, from 0; the last one writes the end. */
  step: Count,
  /** Of a Transformer, and the layer of a ConvS2S; left out: the decoder's look at the source, in the layer that counts as the alignment, head 0. */
  head: z
    .object({
      /** `cross`: target at source; `decoder`: target at the target so far; `encoder`: source at source. */
      kind: z.enum(['cross', 'decoder', 'encoder']),
      layer: Count,
      head: Count,
      /** `encoder`: which token asks. */
      query: Count.optional(),
    })
    .optional(),
  change: ScoreChange.optional(),
});

export const SentenceTrace = z.object({
  step: StepTrace,
  source: z.array(Token),
  /** With the end token last. */
  target: z.array(Token),
  /** The target's tokens without the end: `written` of the next question. */
  written: z.array(Count),
  /** What the look is at: the source's tokens, or those of the target so far. */
  locations: z.array(z.string()),
  model: z.string(),
  /**
   * The kind of attention, by the names that configurations use, with `scaled-` before those whose scores are scaled;
   * `heads` of a Transformer, `multi-step` of a ConvS2S, `none` of a model without.
   */
  attention: z.string(),
  /** Whose decoder: look, then step (`bahdanau`); step, then look (`luong`); left out of other models. */
  decoder: z.enum(['bahdanau', 'luong']).optional(),
  /** Layers and heads of the kind that is shown. */
  layers: Count,
  heads: Count,
  /** The one that is shown. */
  layer: Count,
  head: Count,
});
export type SentenceTrace = z.infer<typeof SentenceTrace>;

const Looking = z.object({ model: z.string(), caption: z.string(), words: z.array(Word) });

/** Two captioners on one photo: one looks everywhere at once, one at a single location for each word. */
export const SoftAndHard = z.object({
  soft: Looking,
  /** What the one with hard attention says by itself; of each word, all weight is at one cell. */
  hard: Looking,
  /** The words of `soft`, written by the one with hard attention. */
  same: z.array(Word),
  grid: Grid,
});
export type SoftAndHard = z.infer<typeof SoftAndHard>;

const TreeNode = z.object({
  /** At which step it was considered, from 0. */
  step: Count,
  /** The node that it continues; null: the beginning. */
  parent: Count.nullable(),
  /** Its token as it is printed; null: the end. */
  word: z.string().nullable(),
  /** Of the token by itself. */
  probability: Probability,
  /** log p of everything up to it. */
  logProbability: z.number(),
  /** log p / length^α, by which what ended is ranked; the length counts the end. */
  score: z.number(),
  /**
   * `kept`: it went on; `finished`: it ended here; `pruned`: others were likelier; `cut-off`: by the longest length;
   * `outrun`: among the likeliest when the search stopped, since what had ended could not be beaten any more.
   */
  fate: z.enum(['kept', 'finished', 'pruned', 'cut-off', 'outrun']),
});

/** Everything that a beam search looked at. */
export const SearchTree = z.object({
  /** In the order of the steps; of a step likeliest first. Of what was pruned, the likeliest: as many as the beam is wide, at most. */
  nodes: z.array(TreeNode),
  /** The leaf that the search gives; null where it found nothing. */
  best: Count.nullable(),
  /** What it says: the caption, or the translation. */
  text: z.string(),
  width: Count,
  /** α. */
  lengthNormalisation: z.number(),
  /** What the words that the photo is described with weigh in the scores of leaves; left out: nothing. */
  describedWeight: z.number().optional(),
  model: z.string(),
});
export type SearchTree = z.infer<typeof SearchTree>;
