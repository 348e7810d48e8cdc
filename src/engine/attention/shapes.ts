import type * as tf from '@tensorflow/tfjs-core';

/** Refuses a tensor whose last dimension is not what the weights were made for. */
export function assertLastSize(what: string, tensor: tf.Tensor, expected: number): void {
  const actual = tensor.shape.at(-1);
  if (actual !== expected) {
    throw new Error(`The ${what} must be of size ${expected}, not ${actual} (shape [${tensor.shape.join(', ')}]).`);
  }
}

/** Refuses keys and queries of different batches. */
export function assertSameBatch(keys: tf.Tensor3D, query: tf.Tensor2D): void {
  if (keys.shape[0] !== query.shape[0]) {
    throw new Error(`There are keys of ${keys.shape[0]} rows and queries of ${query.shape[0]}.`);
  }
}
