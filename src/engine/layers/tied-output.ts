import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { logSoftmax } from './log-softmax.ts';

/**
 * x Eᵀ: the scores of every word where the output layer shares the table E of word vectors (Press and Wolf 2017).
 *
 * The WASM backend multiplies by a transposed matrix number by number. Taken as (E xᵀ)ᵀ the product goes its
 * fast way, in an eighth of the time for the rows of a beam, and the large matrix is never turned.
 *
 * @param x [rows, size]
 * @param table E, [vocabulary, size]
 * @returns [rows, vocabulary]
 */
export function tiedOutput(x: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.matMul(x, table, false, true);
  return tf.tidy(() => tf.transpose(tf.matMul<tf.Tensor2D>(table, tf.transpose(x))));
}

/**
 * The same for search, which asks again and again with a few rows: Eᵀ is kept beside E. WASM packs what is multiplied
 * with once and goes through it at the speed of the memory, another four to ten times as fast, for the memory of two more
 * tables; TensorFlow needs two thirds of the time, for the memory of one. ONNX Runtime, beside which plain JavaScript holds the
 * tensors, lays E out itself. There is no gradient to E.
 */
export class SearchOutput {
  readonly #table: tf.Tensor2D;
  readonly #turned: tf.Tensor2D | undefined;
  /** Says whether E is still what was turned. */
  readonly #data: object;
  readonly #bias: tf.Tensor1D | undefined;

  /** @param parameters what is kept goes with them @param table E, [vocabulary, size] @param bias b, [vocabulary] */
  constructor(parameters: Parameters, table: tf.Tensor2D, bias?: tf.Tensor1D) {
    this.#table = table;
    this.#bias = bias;
    this.#data = table.dataId;
    if (tf.getBackend() !== 'cpu') this.#turned = parameters.keep(tf.transpose(table));
  }

  /** x Eᵀ. @param x [rows, size] @returns [rows, vocabulary] */
  scores(x: tf.Tensor2D): tf.Tensor2D {
    return this.#turned && this.#table.dataId === this.#data ? tf.matMul(x, this.#turned) : tiedOutput(x, this.#table);
  }
  /** log p of every word, from the scores x Eᵀ (+ b). @param x [rows, size] @returns [rows, vocabulary] */
  logProbabilities(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const scores = this.scores(x);
      return logSoftmax(this.#bias ? tf.add<tf.Tensor2D>(scores, this.#bias) : scores);
    });
  }
}
