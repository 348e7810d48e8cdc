import * as tf from '@tensorflow/tfjs-core';
import { uniform, type Parameters } from '../parameters.ts';
import { CausalConvolution } from './causal-convolution.ts';

/**
 * A block of ConvS2S (Gehring et al. 2017, section 3.2): a convolution to twice the size, a gated linear unit
 * v([A; B]) = A ∘ σ(B) (Dauphin et al. 2016), and what came in beside it:
 *
 *   y_t = (v(W [x_{t − (k − 1) δ}; …; x_t] + b) + x_t) √½
 *
 * In an encoder it sees as much of what follows as of what came before: see `CausalConvolution`, `ahead`.
 *
 * Weights: those of `CausalConvolution`, of twice the size.
 */
export class GatedConvolution {
  readonly #convolution: CausalConvolution;

  constructor(
    parameters: Parameters,
    name: string,
    size: number,
    options: { width: number; dilation?: number; ahead?: number },
  ) {
    // With a variance of 4 / n, n being what each output is a sum of: the gate takes three quarters of it away (section 3.5).
    const initializer = uniform(Math.sqrt(12 / (options.width * size)));
    this.#convolution = new CausalConvolution(parameters, name, size, 2 * size, { ...options, initializer });
  }

  /** @param x [rows, length, size] @returns the same shape */
  apply(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => gated(this.#convolution.apply(x), x));
  }

  /** y at the last step alone. @param x all that it sees, [rows, (k − 1) δ + 1, size] @returns [rows, 1, size] */
  last(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [rows, length, size] = x.shape;
      return gated(this.#convolution.last(x), tf.slice(x, [0, length - 1, 0], [rows, 1, size]));
    });
  }
}

/** (A ∘ σ(B) + x) √½. @param both [A; B], [rows, length, 2 size] */
function gated(both: tf.Tensor3D, x: tf.Tensor3D): tf.Tensor3D {
  const [a, b] = tf.split(both, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  return halved(tf.add(tf.mul(a, tf.sigmoid(b)), x));
}

/** Times √½: a sum of two has the variance of one (section 3.5). */
export const halved = (x: tf.Tensor3D): tf.Tensor3D => tf.mul(x, Math.SQRT1_2);
