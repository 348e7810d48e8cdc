import * as tf from '@tensorflow/tfjs-core';
import { glorotUniform, type Initializer, type Parameters } from '../parameters.ts';

/** The state of a recurrent cell with a memory. */
export type LstmState = {
  /** Hidden state, [rows, size]. */
  h: tf.Tensor2D;
  /** Memory, [rows, size]. */
  c: tf.Tensor2D;
};

/**
 * A long short-term memory cell (Hochreiter and Schmidhuber 1997; the form of Xu et al. 2015, eqs. 1-3):
 * i, f, o, g = σ, σ, σ, tanh ([x; h] W + b), c' = f c + i g, h' = o tanh c'.
 *
 * Weights: `NAME.kernel` [input + size, 4 size] (gates in the order i, f, o, g; the input's rows first),
 * `NAME.bias` [4 size], the forget gate's part drawn as 1 (Jozefowicz et al. 2015).
 */
export class LstmCell {
  readonly size: number;
  readonly #inputSize: number;
  readonly #kernel: tf.Variable;
  readonly #bias: tf.Variable;

  constructor(parameters: Parameters, name: string, inputSize: number, size: number) {
    this.size = size;
    this.#inputSize = inputSize;
    this.#kernel = parameters.get(`${name}.kernel`, [inputSize + size, 4 * size], glorotUniform);
    this.#bias = parameters.get(`${name}.bias`, [4 * size], forgetGateOpen(size));
  }

  /** b, [4 size]. */
  get bias(): tf.Tensor1D {
    return this.#bias as tf.Tensor1D;
  }

  /** One step with one matrix product. @param x [rows, input] */
  step(x: tf.Tensor2D, state: LstmState): LstmState {
    return tf.tidy(() => {
      const sums = tf.matMul(tf.concat([x, state.h], 1), this.#kernel);
      return this.#gates(tf.add(sums, this.#bias), state.c);
    });
  }

  /**
   * The share of the first `width` columns of the input in the gates, for many steps at once: what
   * teacher forcing knows beforehand goes through one large product in place of many small ones.
   * @param x [rows, width]
   * @returns [rows, 4 size], to be given to `stepFrom`
   */
  inputGates(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const kernel = tf.slice(this.#kernel as tf.Tensor2D, [0, 0], [x.shape[1], 4 * this.size]);
      return tf.add<tf.Tensor2D>(tf.matMul(x, kernel), this.#bias);
    });
  }

  /**
   * The share of other columns of the input in the gates, without the bias, to be added to `inputGates`.
   * @param x [rows, width] @param from the first of these columns
   * @returns [rows, 4 size]
   */
  partGates(x: tf.Tensor2D, from: number): tf.Tensor2D {
    return tf.tidy(() => {
      const kernel = tf.slice(this.#kernel as tf.Tensor2D, [from, 0], [x.shape[1], 4 * this.size]);
      return tf.matMul<tf.Tensor2D>(x, kernel);
    });
  }

  /** The rows of the kernel that `inputGates` left out, when its input was `width` wide: [input − width + size, 4 size]. */
  recurrentKernel(width: number): tf.Tensor2D {
    return tf.slice(this.#kernel as tf.Tensor2D, [width, 0], [this.#inputSize - width + this.size, 4 * this.size]);
  }

  /**
   * One step whose input was partly seen by `inputGates`; the same result as `step`.
   * @param gates the rows of `inputGates` for this step
   * @param rest the other columns of the input, or null where there are none
   * @param kernel from `recurrentKernel`
   */
  stepFrom(gates: tf.Tensor2D, rest: tf.Tensor2D | null, kernel: tf.Tensor2D, state: LstmState): LstmState {
    return tf.tidy(() => {
      const inner = rest ? tf.concat([rest, state.h], 1) : state.h;
      return this.#gates(tf.add(tf.matMul(inner, kernel), gates), state.c);
    });
  }

  #gates(sums: tf.Tensor2D, previous: tf.Tensor2D): LstmState {
    const rows = previous.shape[0];
    const sigmoids = tf.sigmoid(tf.slice2d(sums, [0, 0], [rows, 3 * this.size]));
    const [i, f, o] = tf.split(sigmoids, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const g = tf.tanh(tf.slice2d(sums, [0, 3 * this.size], [rows, this.size]));
    const c = tf.add<tf.Tensor2D>(tf.mul(f, previous), tf.mul(i, g));
    return { h: tf.mul(o, tf.tanh(c)), c };
  }
}

function forgetGateOpen(size: number): Initializer {
  return () => Float32Array.from({ length: 4 * size }, (_, index) => (index >= size && index < 2 * size ? 1 : 0));
}
