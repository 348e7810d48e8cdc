import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';
import { wholeKernel } from './whole-kernel.ts';

/** The kernel that does it at once, on backends that have one. */
export const LAYER_NORM = 'LayerNorm';

/**
 * Layer normalisation (Ba et al. 2016): n = (x − mean) / sqrt(variance + ε), y = n · gain + bias over the
 * last axis. Weights: `NAME.gain` [size], `NAME.bias` [size].
 */
export class LayerNorm {
  readonly #gain: tf.Variable;
  readonly #bias: tf.Variable;
  readonly #epsilon: number;

  constructor(parameters: Parameters, name: string, size: number, epsilon = 1e-5) {
    this.#gain = parameters.get(`${name}.gain`, [size], constant(1));
    this.#bias = parameters.get(`${name}.bias`, [size], constant(0));
    this.#epsilon = epsilon;
  }

  /** @param x […, size] @returns the same shape */
  apply<T extends tf.Tensor>(x: T): T {
    const whole = wholeKernel(LAYER_NORM, { x, gain: this.#gain, bias: this.#bias }, { epsilon: this.#epsilon });
    return (whole ?? tf.tidy(() => normalise(this.#epsilon)(x, this.#gain, this.#bias))) as T;
  }
}

/**
 * The gradient is written out, since a traced one goes through the array twice as often. With e = dy · gain
 * and s = 1 / sqrt(variance + ε): dx = s (e − mean(e) − n mean(e n)), dgain = Σ dy n, dbias = Σ dy.
 */
const normalise = (epsilon: number): ((...inputs: tf.Tensor[]) => tf.Tensor) =>
  tf.customGrad((...inputs) => {
    const [x, gain, bias, save] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, unknown];
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const n = tf.mul(centred, scale);
    (save as tf.GradSaveFunc)([n, scale, gain]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [n, scale, gain] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const others = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
      const product = tf.mul(dy, n);
      const e = tf.mul(dy, gain);
      const along = tf.mean(tf.mul(product, gain), -1, true);
      const dx = tf.mul(tf.sub(tf.sub(e, tf.mean(e, -1, true)), tf.mul(n, along)), scale);
      return [dx, tf.sum(product, others), tf.sum(dy, others)];
    };
    return { value: tf.add(tf.mul(n, gain), bias), gradFunc };
  });
