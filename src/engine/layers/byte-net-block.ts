import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { CausalConvolution } from './causal-convolution.ts';
import { LayerNorm } from './layer-norm.ts';
import { Linear } from './linear.ts';

/**
 * A residual block of ByteNet's decoder with ReLUs (Kalchbrenner et al. 2016, sections 3.2 to 3.6 and figure 3, left): the
 * channels are halved, convolved along time without a look ahead ("masked") and with a dilation, and doubled again; before each of
 * the three stand a layer normalisation (Ba et al. 2016) and a ReLU, and what came in is added.
 *
 *   y = x + W_3 r(W_2 * r(W_1 r(x))),  r(x) = ReLU(LN(x))
 *
 * Weights: `NAME.norm.0` … `.2` (`LayerNorm`), `NAME.narrow` and `NAME.wide` (`Linear`), `NAME.kernel` and `.bias`
 * (`CausalConvolution`).
 */
export class ByteNetBlock {
  readonly #norms: LayerNorm[];
  readonly #narrow: Linear;
  readonly #convolution: CausalConvolution;
  readonly #wide: Linear;

  /** @param size of what comes in and goes out, 2d in the paper @throws RangeError where it is odd */
  constructor(parameters: Parameters, name: string, size: number, options: { width: number; dilation?: number }) {
    if (size % 2 === 1) throw new RangeError(`A block of ByteNet halves its channels; there are ${size}.`);
    const half = size / 2;
    this.#norms = [size, half, half].map((own, i) => new LayerNorm(parameters, `${name}.norm.${i}`, own));
    this.#narrow = new Linear(parameters, `${name}.narrow`, size, half);
    this.#convolution = new CausalConvolution(parameters, name, half, half, options);
    this.#wide = new Linear(parameters, `${name}.wide`, half, size);
  }

  /** @param x [rows, length, size] @returns the same shape */
  apply(x: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [rows, length, size] = x.shape;
      const ready = (i: number, y: tf.Tensor2D): tf.Tensor2D => tf.relu((this.#norms[i] as LayerNorm).apply(y));
      const narrow = this.#narrow.apply(ready(0, tf.reshape(x, [rows * length, size])));
      const before = tf.reshape<tf.Rank.R3>(ready(1, narrow), [rows, length, size / 2]);
      const seen = tf.reshape<tf.Rank.R2>(this.#convolution.apply(before), [rows * length, size / 2]);
      const wide = this.#wide.apply(ready(2, seen));
      return tf.add(x, tf.reshape<tf.Rank.R3>(wide, [rows, length, size]));
    });
  }
}
