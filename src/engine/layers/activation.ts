import * as tf from '@tensorflow/tfjs-core';

/**
 * What a feed-forward network has between its two maps:
 *
 * - `relu`: max(0, x) (Vaswani et al. 2017, eq. 2);
 * - `swish`: x σ(x) (Ramachandran et al. 2017, arXiv 1710.05941);
 * - `gelu`: x Φ(x) (Hendrycks and Gimpel 2016, arXiv 1606.08415);
 * - `gelu-tanh`: the same paper's approximation, x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
 */
export type ActivationName = 'relu' | 'swish' | 'gelu' | 'gelu-tanh';

/** @param x any shape @returns the same shape */
export function activate(name: ActivationName, x: tf.Tensor2D): tf.Tensor2D {
  switch (name) {
    case 'relu':
      return rectify(x);
    case 'swish':
      return tf.tidy(() => tf.mul(x, tf.sigmoid(x)));
    case 'gelu':
      return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));
    case 'gelu-tanh':
      return tf.tidy(() => {
        const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
      });
  }
}

/**
 * max(0, x). The gradient is written out because that of `tf.relu` reads its array half a dozen times:
 * the sign of the result is 0 or 1, which is what the error is multiplied with.
 */
function rectify(x: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((input, save) => {
    const value = tf.relu(input as tf.Tensor);
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => tf.mul(dy, tf.sign(saved[0] as tf.Tensor))),
    };
  });
  return op(x) as tf.Tensor2D;
}
