import * as tf from '@tensorflow/tfjs-core';

/**
 * One kernel for what tfjs puts together from several, where the backend in use has it: the one that records graphs does
 * (see `trace`).
 * @returns nothing where it has not
 */
export function wholeKernel(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap = {},
): tf.Tensor | undefined {
  // Its type hides that there may be none.
  const kernel = tf.getKernel(name, tf.getBackend()) as tf.KernelConfig | undefined;
  return kernel && tf.engine().runKernel<tf.Tensor>(name, inputs, attributes);
}
