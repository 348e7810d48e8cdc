import * as tf from '@tensorflow/tfjs-core';
import { assertLastSize, assertSameBatch } from './shapes.ts';

/** The inner product of each key with its row's query: [batch, locations, size] · [batch, size] → [batch, locations]. */
export function innerProducts(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor2D {
  assertSameBatch(keys, query);
  assertLastSize('query', query, keys.shape[2]);
  return tf.tidy(() => {
    const [batch, locations, size] = keys.shape;
    const products = tf.matMul(keys, tf.reshape<tf.Rank.R3>(query, [batch, size, 1]));
    return tf.reshape<tf.Rank.R2>(products, [batch, locations]);
  });
}

/** The same map for every location: [batch, locations, input] × [input, output] → [batch, locations, output]. */
export function mapLocations(annotations: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  assertLastSize('annotations', annotations, kernel.shape[0]);
  return tf.tidy(() => {
    const [batch, locations, size] = annotations.shape;
    // One flat product: batched products with a shared matrix would copy the matrix for each row.
    const flat = tf.matMul(tf.reshape<tf.Rank.R2>(annotations, [batch * locations, size]), kernel);
    return tf.reshape<tf.Rank.R3>(flat, [batch, locations, kernel.shape[1]]);
  });
}

/**
 * vᵀ tanh(k_i + q) for every location: what the additive and the concat score end with.
 * @param keys k_i, [batch, locations, size]
 * @param query q, [batch, size]
 * @param v [size, 1]
 * @returns [batch, locations]
 */
export function tanhEnergies(keys: tf.Tensor3D, query: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, locations, size] = keys.shape;
    const hidden = tf.tanh(tf.add<tf.Tensor3D>(keys, tf.reshape(query, [batch, 1, size])));
    return tf.reshape<tf.Rank.R2>(mapLocations(hidden, v), [batch, locations]);
  });
}
