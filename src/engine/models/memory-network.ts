import * as tf from '@tensorflow/tfjs-core';
import { constant, type Initializer, type Parameters } from '../parameters.ts';

/** The shape of an end-to-end memory network. */
export interface MemoryNetworkConfig {
  /** Words of facts, questions and answers together. */
  vocabularySize: number;
  /** d, numbers in an embedding. */
  size: number;
  /** K: how often the memory is looked at, at least 1. */
  hops: number;
  /** The most facts that a story may have. */
  memories: number;
}

/** Facts and questions of several stories, as the network reads them. */
export interface MemoryBatch {
  /** Of every story its facts, each the tokens of a sentence, first to last; at least one. */
  readonly facts: readonly (readonly (readonly number[])[])[];
  /** Of every story the tokens of its question. */
  readonly questions: readonly (readonly number[])[];
}

/** What the network makes of a batch. */
export interface MemoryOutput {
  /** Scores of all words as the answer, [stories, vocabulary]. */
  logits: tf.Tensor2D;
  /** p of every hop, [stories, memories]: the last fact is the first column; 0 where there is none. */
  weights: tf.Tensor2D[];
}

/** The paper's: normal with a standard deviation of 0.1, as the sum of two dice would have it near enough. */
const small: Initializer = (shape, random) =>
  Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    () => 0.245 * (random() + random() - 1),
  );

/**
 * An end-to-end memory network (Sukhbaatar, Szlam, Weston and Fergus 2015, arXiv 1503.08895), with adjacent weights,
 * position encoding and temporal encoding.
 *
 * A fact of words x_i1 … x_iJ has in hop k
 *
 *   m_i = Σ_j l_j ∘ A^k x_ij + T_A^k(i)     what it is found by     (section 4.1)
 *   c_i = Σ_j l_j ∘ C^k x_ij + T_C^k(i)     what it tells
 *
 * and the question q is u^1 = Σ_j l_j ∘ B q_j. Each hop looks, and goes on with what it found:
 *
 *   p_i = softmax_i(u^k · m_i)                                      (eq. 1)
 *   o^k = Σ_i p_i c_i                                               (eq. 2)
 *   u^{k+1} = u^k + o^k                                             (eq. 4)
 *
 * The answer is the likeliest word of softmax(W u^{K+1}) (eq. 3). Adjacent weights (section 2.2): A^{k+1} = C^k,
 * B = A^1, W^T = C^K; so there are K + 1 tables, and as many of times.
 *
 * Weights: `memory.embedding.K` [vocabulary, size] and `memory.time.K` [memories, size], K from 0.
 */
export class MemoryNetwork {
  readonly config: MemoryNetworkConfig;
  /** A^1 = B, C^1 = A^2, …, C^K = W^T. */
  readonly #embeddings: tf.Variable[];
  /** T_A^1, T_C^1 = T_A^2, …, T_C^K; the first row is that of the last fact. */
  readonly #times: tf.Variable[];

  constructor(config: MemoryNetworkConfig, parameters: Parameters) {
    const { hops, memories, size, vocabularySize } = config;
    this.config = config;
    const tables = Array.from({ length: hops + 1 }, (_, k) => k);
    this.#embeddings = tables.map((k) => parameters.get(`memory.embedding.${k}`, [vocabularySize, size], small));
    this.#times = tables.map((k) => parameters.get(`memory.time.${k}`, [memories, size], constant(0)));
  }

  /**
   * @param options.linear leaves the softmax of the hops out: the paper's linear start (section 4.2)
   * @throws RangeError where a story has no facts, or more than there are memories
   */
  apply(batch: MemoryBatch, options: { linear?: boolean } = {}): MemoryOutput {
    const { hops, memories, size } = this.config;
    const rows = batch.facts.length;
    for (const { length } of batch.facts) {
      if (length === 0 || length > memories) throw new RangeError(`A story has ${length} facts, not 1 to ${memories}.`);
    }
    const isThere = tf.tensor2d(
      Float32Array.from({ length: rows * memories }, (_, i) =>
        i % memories < (batch.facts[Math.floor(i / memories)]?.length ?? 0) ? 1 : 0,
      ),
      [rows, memories],
    );
    const absent = tf.mul(tf.sub(isThere, 1), 1e9);
    const facts = this.#bags(
      batch.facts.flatMap((story) => Array.from({ length: memories }, (_, i) => story[story.length - 1 - i] ?? [])),
    );
    // m of the first hop, then c of each, which is m of the next.
    const memory = this.#embeddings.map((table, k) => {
      const sentences = tf.reshape<tf.Rank.R3>(this.#embed(facts, table), [rows, memories, size]);
      return tf.add<tf.Tensor3D>(sentences, this.#times[k] as tf.Tensor);
    });
    let u = this.#embed(this.#bags(batch.questions), this.#embeddings[0] as tf.Variable);
    const weights: tf.Tensor2D[] = [];
    for (let k = 0; k < hops; k++) {
      const [m, c] = [memory[k], memory[k + 1]] as [tf.Tensor3D, tf.Tensor3D];
      const scores = tf.reshape<tf.Rank.R2>(tf.matMul(m, tf.expandDims(u, 2)), [rows, memories]);
      const p = options.linear ? tf.mul<tf.Tensor2D>(scores, isThere) : tf.softmax(tf.add<tf.Tensor2D>(scores, absent));
      const o = tf.reshape<tf.Rank.R2>(tf.matMul(tf.expandDims(p, 1), c), [rows, size]);
      u = tf.add(u, o);
      weights.push(p);
    }
    const logits = tf.matMul<tf.Tensor2D>(u, this.#embeddings[hops] as tf.Tensor2D, false, true);
    return { logits, weights };
  }

  /**
   * Σ_j l_j ∘ E x_j. With l_kj = (1 − j/J) − (k/d)(1 − 2j/J), j from 1 to J, this is two bags of words times E: the second
   * one times k/d at each of the d numbers.
   */
  #embed([level, tilt]: [tf.Tensor2D, tf.Tensor2D], table: tf.Variable): tf.Tensor2D {
    const { size } = this.config;
    const places = tf.tensor1d(Float32Array.from({ length: size }, (_, k) => (k + 1) / size));
    const [a, b] = [tf.matMul(level, table), tf.matMul(tilt, table)];
    return tf.sub(a, tf.mul(b, places));
  }

  /** Of each sentence Σ_j (1 − j/J) x_j and Σ_j (1 − 2j/J) x_j, where x_j is one-hot: both [sentences, vocabulary]. */
  #bags(sentences: readonly (readonly number[])[]): [tf.Tensor2D, tf.Tensor2D] {
    const { vocabularySize } = this.config;
    const level = new Float32Array(sentences.length * vocabularySize);
    const tilt = new Float32Array(level.length);
    for (const [row, tokens] of sentences.entries()) {
      for (const [index, token] of tokens.entries()) {
        const at = row * vocabularySize + token;
        const share = (index + 1) / tokens.length;
        level[at] = (level[at] as number) + 1 - share;
        tilt[at] = (tilt[at] as number) + 1 - 2 * share;
      }
    }
    const shape: [number, number] = [sentences.length, vocabularySize];
    return [tf.tensor2d(level, shape), tf.tensor2d(tilt, shape)];
  }
}
