import * as tf from '@tensorflow/tfjs-core';
import { wholeKernel } from './whole-kernel.ts';

/**
 * x − log Σ exp x over the last axis. TensorFlow has one operation for it, which graphs are made of (see `trace`);
 * everywhere else tfjs puts it together.
 */
export function logSoftmax<T extends tf.Tensor>(x: T): T {
  return (wholeKernel('LogSoftmax', { logits: x }) as T | undefined) ?? tf.logSoftmax(x);
}
