import * as tf from '@tensorflow/tfjs-core';
import { dropout } from '../layers/dropout.ts';
import { Linear } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';
import { unprobed, type Probe } from '../probe.ts';
import type { Random } from '../random.ts';
import { intoSlots, outOfSlots, type Slots } from './slots.ts';

/** What is attended to, ready for any number of queries. */
export type HeadMemory = {
  /** K W_i^K of every head, [rows, heads, locations, head size]. */
  keys: tf.Tensor4D;
  /** V W_i^V of every head, [rows, heads, locations, head size]. */
  values: tf.Tensor4D;
};

/** What multi-head attention returns. */
export type HeadsAttended = {
  /** [rows × queries, size] */
  output: tf.Tensor2D;
  /** α of every head, before dropout, [rows, heads, queries, locations]; each row sums to 1. */
  weights: tf.Tensor4D;
};

export interface HeadsOptions {
  /** Added to the scores: 0 where a query may look, −∞ where not; fits [rows, heads, queries, locations] by broadcasting. */
  bias?: tf.Tensor4D | undefined;
  /** Dropout of the weights, which the paper has not (default 0). */
  rate?: number;
  /** Nothing at inference. */
  random?: Random | undefined;
  /**
   * Sees of all heads `queries` (Q W^Q / √d_k), `keys`, `values`, `energies` (before the bias), `weights` and `heads`
   * (head_i, before W^O).
   */
  probe?: Probe | undefined;
  /** Where what asks lies in a rectangle: then `x` and the output have only its rows. */
  slots?: Slots | undefined;
}

/**
 * Multi-head attention (Vaswani et al. 2017, section 3.2):
 *
 *     Attention(Q, K, V) = softmax(Q Kᵀ / √d_k) V                            (eq. 1)
 *     head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V)
 *     MultiHead(Q, K, V) = [head_1; …; head_h] W^O
 *
 * with K = V, as everywhere in the Transformer. The heads' maps lie side by side in one matrix each.
 *
 * Weights, each [size, size]: `NAME.query.kernel`, `NAME.key.kernel`, `NAME.value.kernel`, `NAME.output.kernel`; where
 * asked for, a `bias` [size] with each, which the paper has not and most published models have.
 */
export class MultiHeadAttention {
  readonly #size: number;
  readonly #heads: number;
  readonly #query: Linear;
  readonly #key: Linear;
  readonly #value: Linear;
  readonly #output: Linear;

  /**
   * @param options.bias whether the maps have one (default false)
   * @param options.memorySize numbers of a vector that is attended to (default: the size)
   * @throws RangeError where the size is no multiple of the number of heads
   */
  constructor(
    parameters: Parameters,
    name: string,
    size: number,
    heads: number,
    options: { bias?: boolean | undefined; memorySize?: number } = {},
  ) {
    if (!(heads >= 1) || size % heads !== 0) {
      throw new RangeError(`A size of ${size} cannot be divided among ${heads} heads.`);
    }
    this.#size = size;
    this.#heads = heads;
    const { bias = false, memorySize = size } = options;
    const map = (part: string, inputSize = size): Linear =>
      new Linear(parameters, `${name}.${part}`, inputSize, size, { bias });
    this.#query = map('query');
    this.#key = map('key', memorySize);
    this.#value = map('value', memorySize);
    this.#output = map('output');
  }

  /** Keys and values of all heads. @param x [rows × locations, memory size]; with slots only those that are there */
  memory(x: tf.Tensor2D, rows: number, slots?: Slots): HeadMemory {
    return tf.tidy(() => ({
      keys: this.#split(intoSlots(this.#key.apply(x), slots), rows),
      values: this.#split(intoSlots(this.#value.apply(x), slots), rows),
    }));
  }

  /** @param x what asks, [rows × queries, size] */
  attend(x: tf.Tensor2D, rows: number, memory: HeadMemory, options: HeadsOptions = {}): HeadsAttended {
    const { bias, rate = 0, random, probe = unprobed, slots } = options;
    return tf.tidy(() => {
      // Scaling the queries is the same as scaling the scores, and there are fewer of them.
      const scaled = tf.div<tf.Tensor2D>(this.#query.apply(x), Math.sqrt(this.#size / this.#heads));
      const queries = probe('queries', this.#split(intoSlots(scaled, slots), rows));
      const [keys, values] = [probe('keys', memory.keys), probe('values', memory.values)];
      const scores = probe('energies', compare(queries, keys));
      const seen = bias ? probe('masked', tf.add<tf.Tensor4D>(scores, bias)) : scores;
      const weights = probe('weights', tf.softmax(seen));
      const heads = probe('heads', average(dropout(weights, rate, random), values));
      return { output: this.#output.apply(outOfSlots(this.#join(heads), slots)), weights };
    });
  }

  /** [rows × length, size] → [rows, heads, length, head size] */
  #split(x: tf.Tensor2D, rows: number): tf.Tensor4D {
    const length = x.shape[0] / rows;
    const headSize = this.#size / this.#heads;
    // With one position there is nothing to transpose; so it is at every step of decoding.
    if (length === 1) return tf.reshape(x, [rows, this.#heads, 1, headSize]);
    return tf.transpose(tf.reshape<tf.Rank.R4>(x, [rows, length, this.#heads, headSize]), [0, 2, 1, 3]);
  }

  /** [rows, heads, length, head size] → [rows × length, size] */
  #join(x: tf.Tensor4D): tf.Tensor2D {
    const [rows, , length] = x.shape;
    return tf.reshape(length === 1 ? x : tf.transpose(x, [0, 2, 1, 3]), [rows * length, this.#size]);
  }
}

/** Q Kᵀ. @param queries [rows, heads, queries, head size] @param keys [rows, heads, locations, head size] @returns [rows, heads, queries, locations] */
function compare(queries: tf.Tensor4D, keys: tf.Tensor4D): tf.Tensor4D {
  if (!isSmall(queries)) return tf.matMul(queries, keys, false, true);
  return turn(tf.sum(tf.mul<tf.Tensor4D>(queries, keys), 3, true));
}

/** α V. @param weights [rows, heads, queries, locations] @param values [rows, heads, locations, head size] @returns [rows, heads, queries, head size] */
function average(weights: tf.Tensor4D, values: tf.Tensor4D): tf.Tensor4D {
  if (!isSmall(weights)) return tf.matMul(weights, values);
  return tf.sum(tf.mul<tf.Tensor4D>(turn(weights), values), 2, true);
}

/**
 * Whether there is but one query, as at every step of a search, and the backend is one that takes longer to get ready for such
 * small products than they take: there, they are written out. (A graph that is recorded for TensorFlow gets them written out
 * later: see `unfuse`.)
 */
function isSmall({ shape }: tf.Tensor4D): boolean {
  return shape[2] === 1 && ['cpu', 'tensorflow'].includes(tf.getBackend());
}

const turn = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 1, 3, 2]);

/** The bias that hides padding from every query. @param mask 1 at a token, 0 at padding, [rows, locations] @returns [rows, 1, 1, locations] */
export function paddingBias(mask: tf.Tensor2D): tf.Tensor4D {
  return tf.tidy(() => {
    const [rows, locations] = mask.shape;
    const hidden = tf.where(tf.cast(mask, 'bool'), tf.zerosLike(mask), tf.fill([rows, locations], -Infinity));
    return tf.reshape(hidden, [rows, 1, 1, locations]);
  });
}

/** The bias that hides the future: query t sees the locations up to t. @returns [1, 1, length, length] */
export function causalBias(length: number): tf.Tensor4D {
  const bias = new Float32Array(length * length);
  for (let t = 0; t < length; t++) bias.fill(-Infinity, t * length + t + 1, (t + 1) * length);
  return tf.tensor4d(bias, [1, 1, length, length]);
}
