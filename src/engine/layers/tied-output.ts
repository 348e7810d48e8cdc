import * as tf from '@tensorflow/tfjs-core';

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
