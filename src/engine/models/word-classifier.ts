import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';

/**
 * Which words a photo is described with, said of every cell of the grid: a linear classifier whose cells are pooled by
 * log-sum-exp (Pinheiro and Collobert 2015, arXiv 1411.6228, eq. 2). It learns from photos' words alone, and so finds out
 * where each word's thing is without ever being told: the cell with the highest score decides.
 *
 *     s_ik = w_kᵀ x_i + b_k        s_k = log (1/L Σ_i exp s_ik)        p(k in the photo) = σ(s_k)
 *
 * Its map of a word, softmax_i(s_ik), is the share of each cell in s_k: ∂s_k / ∂s_ik.
 *
 * Weights: `words.kernel` [feature size, words], `words.bias` [words].
 */
export class WordClassifier {
  readonly #kernel: tf.Variable;
  readonly #bias: tf.Variable;

  constructor(parameters: Parameters, featureSize: number, words: number) {
    this.#kernel = parameters.get('words.kernel', [featureSize, words]);
    // Most photos have few of the words.
    this.#bias = parameters.get('words.bias', [words], constant(-3));
  }

  /** s_ik. @param grid [photos, locations, feature size] @returns [photos, locations, words] */
  scores(grid: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [photos, locations, size] = grid.shape;
      const flat = tf.matMul(tf.reshape<tf.Rank.R2>(grid, [photos * locations, size]), this.#kernel);
      return tf.reshape<tf.Rank.R3>(tf.add(flat, this.#bias), [photos, locations, this.#bias.size]);
    });
  }

  /** s_k, the log-odds that the photo is described with a word. @returns [photos, words] */
  logOdds(grid: tf.Tensor3D): tf.Tensor2D {
    return tf.tidy(() => tf.sub<tf.Tensor2D>(tf.logSumExp(this.scores(grid), 1), Math.log(grid.shape[1])));
  }

  /** Where each word is, if it is anywhere: sums to 1 over the locations. @returns [photos, words, locations] */
  maps(grid: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => tf.softmax(tf.transpose(this.scores(grid), [0, 2, 1])));
  }

  /**
   * Binary cross entropy, the mean over photos and words.
   * @param present 1 where a photo is described with a word, else 0, [photos, words]
   */
  loss(grid: tf.Tensor3D, present: tf.Tensor2D): tf.Scalar {
    return tf.tidy(() => {
      const logOdds = this.logOdds(grid);
      return tf.mean<tf.Scalar>(tf.sub(tf.softplus(logOdds), tf.mul(present, logOdds)));
    });
  }
}
