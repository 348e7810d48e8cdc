// The gradients of TensorFlow.js, which its core alone does not bring along: for training on plain JavaScript.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import * as tf from '@tensorflow/tfjs-core';
import { usePlainKernels } from './plain-kernels.ts';

let started: Promise<void> | undefined;

/** Makes plain JavaScript the backend, with all gradients and with kernels that are fast enough to train a small model. */
export function startTraining(): Promise<void> {
  started ??= tf.setBackend('cpu').then(() => usePlainKernels());
  return started;
}
