import * as tf from '@tensorflow/tfjs-core';

const KERNEL = 'LogSoftmax';

/**
 * x − log Σ exp x over the last axis. TensorFlow has one operation for it, which graphs are made of (see `trace`);
 * everywhere else tfjs puts it together.
 */
export function logSoftmax<T extends tf.Tensor>(x: T): T {
  // Its type hides that there may be none.
  const kernel = tf.getKernel(KERNEL, tf.getBackend()) as tf.KernelConfig | undefined;
  if (!kernel) return tf.logSoftmax(x);
  return tf.engine().runKernel<T>(KERNEL, { logits: x });
}
