import * as tf from '@tensorflow/tfjs-core';
import { MultiHeadAttention, type HeadMemory } from '../attention/multi-head.ts';
import { outOfSlots, type Slots } from '../attention/slots.ts';
import type { ActivationName } from '../layers/activation.ts';
import { dropout } from '../layers/dropout.ts';
import { FeedForward } from '../layers/feed-forward.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import type { Parameters } from '../parameters.ts';
import { probeOf, unprobed, type Probe } from '../probe.ts';
import type { TextTraining } from './text-model.ts';

/** The sizes of a layer. */
export interface TransformerLayerConfig {
  /** d_model. */
  size: number;
  /** h, a divisor of the size. */
  heads: number;
  /** d_ff. */
  feedForwardSize: number;
  /** `post`: LayerNorm(x + Sublayer(x)), as in the paper; `pre`: x + Sublayer(LayerNorm(x)) (Xiong et al. 2020). */
  normalisation: 'pre' | 'post';
  /** Whether the maps of attention have a bias, which the paper has not (default false). */
  attentionBias?: boolean;
  /** Of the feed-forward networks (default `relu`). */
  activation?: ActivationName;
  /** ε of the normalisations (default 1e-5). */
  epsilon?: number;
  /** Numbers of a vector of what a decoder's layer looks at (default: the size). */
  memorySize?: number;
}

/**
 * The frame of a sub-layer (Vaswani et al. 2017, sections 3.1 and 5.4): its output goes through dropout
 * before it is added to its input. Weights: `NAME.gain`, `NAME.bias` of the normalisation.
 */
class Residual {
  readonly #norm: LayerNorm;
  readonly #pre: boolean;

  constructor(parameters: Parameters, name: string, { epsilon, normalisation, size }: TransformerLayerConfig) {
    this.#norm = new LayerNorm(parameters, name, size, epsilon);
    this.#pre = normalisation === 'pre';
  }

  /** @param probe sees `x`, `asks` (what the sub-layer is given), `sublayer` (what it gives) and `sum` */
  apply(
    x: tf.Tensor2D,
    training: TextTraining | undefined,
    sublayer: (x: tf.Tensor2D) => tf.Tensor2D,
    probe: Probe = unprobed,
  ): tf.Tensor2D {
    const before = probe('x', x);
    const output = probe('sublayer', sublayer(probe('asks', this.#pre ? this.#norm.apply(before) : before)));
    const sum = tf.add<tf.Tensor2D>(before, dropout(output, training?.dropout ?? 0, training?.random));
    return probe('sum', this.#pre ? sum : this.#norm.apply(sum));
  }
}

/**
 * A layer of the encoder: self-attention, then the feed-forward network.
 * Weights: `NAME.attention`, `NAME.attention-norm`, `NAME.feed-forward`, `NAME.feed-forward-norm`.
 */
export class EncoderLayer {
  readonly #attention: MultiHeadAttention;
  readonly #attentionFrame: Residual;
  readonly #feedForward: FeedForward;
  readonly #feedForwardFrame: Residual;

  constructor(parameters: Parameters, name: string, config: TransformerLayerConfig) {
    const { size, heads, feedForwardSize, activation, attentionBias: bias } = config;
    this.#attention = new MultiHeadAttention(parameters, `${name}.attention`, size, heads, { bias });
    this.#attentionFrame = new Residual(parameters, `${name}.attention-norm`, config);
    this.#feedForward = new FeedForward(parameters, `${name}.feed-forward`, size, feedForwardSize, activation);
    this.#feedForwardFrame = new Residual(parameters, `${name}.feed-forward-norm`, config);
  }

  /**
   * @param x [rows × length, size]; with slots the tokens that there are
   * @param padding hides padding, [rows, 1, 1, length]
   * @param probe sees what the attention and its frame hand over
   * @returns `x` of the same shape; `weights` [rows, heads, length, length]
   */
  apply(
    x: tf.Tensor2D,
    rows: number,
    padding: tf.Tensor4D | undefined,
    training?: TextTraining,
    probe: Probe = unprobed,
    slots?: Slots,
  ): { x: tf.Tensor2D; weights: tf.Tensor4D } {
    return tf.tidy(() => {
      let weights!: tf.Tensor4D;
      const attend = (states: tf.Tensor2D): tf.Tensor2D => {
        const options = {
          bias: padding,
          rate: training?.attentionDropout ?? 0,
          random: training?.random,
          probe,
          slots,
        };
        const memory = this.#attention.memory(states, rows, slots);
        const result = this.#attention.attend(states, rows, memory, options);
        weights = result.weights;
        return result.output;
      };
      const attended = this.#attentionFrame.apply(x, training, attend, probe);
      const output = this.#feedForwardFrame.apply(attended, training, (states) =>
        this.#feedForward.apply(states, training?.feedForwardDropout, training?.random),
      );
      return { x: output, weights };
    });
  }
}

/** What a layer of the decoder attends to. */
export interface DecoderSight {
  /** Keys and values of the source, from `sourceMemory`. */
  source: HeadMemory;
  /** How many sources those are, where rows share them: each is of as many rows that follow each other (default: one a row). */
  sources?: number;
  /** Which places of a source rows have that share it otherwise, one token each; in place of `sources`. */
  shared?: Slots | undefined;
  /** Hides padding of the source, [rows, 1, 1, locations]. */
  padding: tf.Tensor4D | undefined;
  /** Keys and values of the tokens that were fed before; nothing at the first. */
  past: HeadMemory | undefined;
  /** Hides the future, [1, 1, length, length]; where one token is fed there is none. */
  future: tf.Tensor4D | undefined;
}

/** What a layer of the decoder gives. */
export type DecoderLayerOutput = {
  /** [rows × length, size] */
  x: tf.Tensor2D;
  /** Keys and values of all tokens that were fed: the `past` of the next. */
  past: HeadMemory;
  /** [rows, heads, length, all tokens fed] */
  selfWeights: tf.Tensor4D;
  /** [sources, heads, rows of a source × length, locations] */
  sourceWeights: tf.Tensor4D;
};

/**
 * A layer of the decoder: self-attention to the tokens so far, attention to the source, then the
 * feed-forward network. Weights: those of `EncoderLayer`, and `NAME.source-attention`, `NAME.source-attention-norm`.
 */
export class DecoderLayer {
  readonly #attention: MultiHeadAttention;
  readonly #attentionFrame: Residual;
  readonly #sourceAttention: MultiHeadAttention;
  readonly #sourceFrame: Residual;
  readonly #feedForward: FeedForward;
  readonly #feedForwardFrame: Residual;

  constructor(parameters: Parameters, name: string, config: TransformerLayerConfig) {
    const { size, heads, feedForwardSize, activation, attentionBias: bias, memorySize = size } = config;
    this.#attention = new MultiHeadAttention(parameters, `${name}.attention`, size, heads, { bias });
    this.#attentionFrame = new Residual(parameters, `${name}.attention-norm`, config);
    this.#sourceAttention = new MultiHeadAttention(parameters, `${name}.source-attention`, size, heads, {
      bias,
      memorySize,
    });
    this.#sourceFrame = new Residual(parameters, `${name}.source-attention-norm`, config);
    this.#feedForward = new FeedForward(parameters, `${name}.feed-forward`, size, feedForwardSize, activation);
    this.#feedForwardFrame = new Residual(parameters, `${name}.feed-forward-norm`, config);
  }

  /** Keys and values of the encoder's output; once a source. @param encoded [rows × locations, size]; with slots only what is there */
  sourceMemory(encoded: tf.Tensor2D, rows: number, slots?: Slots): HeadMemory {
    return this.#sourceAttention.memory(encoded, rows, slots);
  }

  /**
   * All tokens at once (with `future`, without `past`), or one more token behind those in `past`: the same
   * numbers either way.
   * @param x [rows × length, size]
   * @param probe sees what each attention and its frame hand over, under `self/…` and `source/…`
   */
  apply(
    x: tf.Tensor2D,
    rows: number,
    sight: DecoderSight,
    training?: TextTraining,
    probe: Probe = unprobed,
  ): DecoderLayerOutput {
    const { source, shared, sources = shared?.slots.shape[0] ?? rows, padding, past, future } = sight;
    const [probeSelf, probeSource] = [probeOf(probe, 'self'), probeOf(probe, 'source')];
    const options = { rate: training?.attentionDropout ?? 0, random: training?.random };
    return tf.tidy(() => {
      let now!: HeadMemory;
      let selfWeights!: tf.Tensor4D;
      let sourceWeights!: tf.Tensor4D;
      const attendSelf = (states: tf.Tensor2D): tf.Tensor2D => {
        now = extend(past, this.#attention.memory(states, rows));
        const result = this.#attention.attend(states, rows, now, { ...options, bias: future, probe: probeSelf });
        selfWeights = result.weights;
        return result.output;
      };
      const told = this.#attentionFrame.apply(x, training, attendSelf, probeSelf);
      const attendSource = (states: tf.Tensor2D): tf.Tensor2D => {
        const own = { ...options, bias: padding, probe: probeSource, slots: shared };
        const result = this.#sourceAttention.attend(states, sources, source, own);
        sourceWeights = shared ? ofRows(result.weights, shared) : result.weights;
        return result.output;
      };
      const seen = this.#sourceFrame.apply(told, training, attendSource, probeSource);
      const output = this.#feedForwardFrame.apply(seen, training, (states) =>
        this.#feedForward.apply(states, training?.feedForwardDropout, training?.random),
      );
      return { x: output, past: now, selfWeights, sourceWeights };
    });
  }
}

/** @param weights [sources, heads, places of a source, locations] @returns [rows, heads, 1, locations] */
function ofRows(weights: tf.Tensor4D, shared: Slots): tf.Tensor4D {
  const [sources, heads, each, locations] = weights.shape;
  const bySlot = tf.transpose(weights, [0, 2, 1, 3]);
  return outOfSlots(tf.reshape<tf.Rank.R4>(bySlot, [sources * each, heads, 1, locations]), shared);
}

function extend(past: HeadMemory | undefined, now: HeadMemory): HeadMemory {
  if (!past) return now;
  return { keys: tf.concat([past.keys, now.keys], 2), values: tf.concat([past.values, now.values], 2) };
}
