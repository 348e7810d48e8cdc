import * as tf from '@tensorflow/tfjs-core';
import { uniform, type Parameters } from '../parameters.ts';
import { tiedOutput } from './tied-output.ts';

/** A table of word vectors. Weight: `NAME.table` [vocabulary, size]. */
export class Embedding {
  readonly #table: tf.Variable;

  /** @param limit the vectors' numbers are drawn uniformly on ±limit */
  constructor(parameters: Parameters, name: string, vocabularySize: number, size: number, limit = 0.1) {
    this.#table = parameters.get(`${name}.table`, [vocabularySize, size], uniform(limit));
  }

  /** E, [vocabulary, size]. */
  get table(): tf.Tensor2D {
    return this.#table as tf.Tensor2D;
  }

  /** @param tokens ids on [0, vocabulary) @returns their vectors, [tokens, size] */
  lookUp(tokens: Int32Array | tf.Tensor1D): tf.Tensor2D {
    return tf.tidy(() => {
      const ids = tokens instanceof tf.Tensor ? tokens : tf.tensor1d(tokens, 'int32');
      return tf.gather(this.#table as tf.Tensor2D, ids);
    });
  }

  /** x Eᵀ: scores of every word where the output layer shares the table. @param x [rows, size] */
  project(x: tf.Tensor2D): tf.Tensor2D {
    return tiedOutput(x, this.table);
  }
}
