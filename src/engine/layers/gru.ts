import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';

/** What of a unit's weights `inputGates` left out. */
export type GruKernels = {
  /** For z and r, [input − width + size, 2 size]. */
  gates: tf.Tensor2D;
  /** For h̃, [input − width + size, size]. */
  candidate: tf.Tensor2D;
};

/**
 * A gated recurrent unit (Cho et al. 2014; the form of Bahdanau et al. 2015, appendix A.1.1):
 * z, r = σ([x; h] W + b), h̃ = tanh([x; r h] W' + b'), h' = (1 − z) h + z h̃.
 *
 * Weights: `NAME.gates.kernel` [input + size, 2 size] (z, then r), `NAME.gates.bias`,
 * `NAME.candidate.kernel` [input + size, size], `NAME.candidate.bias`.
 */
export class GruCell {
  readonly size: number;
  readonly #inputSize: number;
  readonly #gatesKernel: tf.Variable;
  readonly #gatesBias: tf.Variable;
  readonly #candidateKernel: tf.Variable;
  readonly #candidateBias: tf.Variable;

  constructor(parameters: Parameters, name: string, inputSize: number, size: number) {
    this.size = size;
    this.#inputSize = inputSize;
    this.#gatesKernel = parameters.get(`${name}.gates.kernel`, [inputSize + size, 2 * size]);
    this.#gatesBias = parameters.get(`${name}.gates.bias`, [2 * size], constant(0));
    this.#candidateKernel = parameters.get(`${name}.candidate.kernel`, [inputSize + size, size]);
    this.#candidateBias = parameters.get(`${name}.candidate.bias`, [size], constant(0));
  }

  /** One step. @param x [rows, input] @param h [rows, size] @returns h', [rows, size] */
  step(x: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const sums = tf.matMul(tf.concat([x, h], 1), this.#gatesKernel);
      const [z, r] = tf.split(tf.sigmoid(tf.add(sums, this.#gatesBias)), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const inner = tf.concat([x, tf.mul<tf.Tensor2D>(r, h)], 1);
      const candidate = tf.tanh(tf.add(tf.matMul(inner, this.#candidateKernel as tf.Tensor2D), this.#candidateBias));
      return tf.add<tf.Tensor2D>(h, tf.mul(z, tf.sub(candidate, h)));
    });
  }

  /**
   * The share of the first `width` columns of the input in z, r and h̃, for many steps at once.
   * @param x [rows, width]
   * @returns [rows, 3 size], to be given to `stepFrom`
   */
  inputGates(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const kernel = tf.concat<tf.Tensor2D>(
        [this.#gatesKernel as tf.Tensor2D, this.#candidateKernel as tf.Tensor2D],
        1,
      );
      const own = tf.slice(kernel, [0, 0], [x.shape[1], 3 * this.size]);
      return tf.add<tf.Tensor2D>(tf.matMul(x, own), tf.concat([this.#gatesBias, this.#candidateBias], 0));
    });
  }

  /** The rows of the kernels that `inputGates` left out, when its input was `width` wide. */
  recurrentKernels(width: number): GruKernels {
    const rows = this.#inputSize - width + this.size;
    return {
      gates: tf.slice(this.#gatesKernel as tf.Tensor2D, [width, 0], [rows, 2 * this.size]),
      candidate: tf.slice(this.#candidateKernel as tf.Tensor2D, [width, 0], [rows, this.size]),
    };
  }

  /**
   * One step whose input was partly seen by `inputGates`; the same result as `step`.
   * @param gates the rows of `inputGates` for this step
   * @param rest the other columns of the input, or null where there are none
   * @param kernels from `recurrentKernels`
   */
  stepFrom(gates: tf.Tensor2D, rest: tf.Tensor2D | null, kernels: GruKernels, h: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const withRest = (state: tf.Tensor2D): tf.Tensor2D => (rest ? tf.concat([rest, state], 1) : state);
      const [given, forCandidate] = tf.split(gates, [2 * this.size, this.size], 1) as [tf.Tensor2D, tf.Tensor2D];
      const sums = tf.add<tf.Tensor2D>(tf.matMul(withRest(h), kernels.gates), given);
      const [z, r] = tf.split(tf.sigmoid(sums), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const inner = tf.matMul<tf.Tensor2D>(withRest(tf.mul(r, h)), kernels.candidate);
      const candidate = tf.tanh(tf.add(inner, forCandidate));
      return tf.add<tf.Tensor2D>(h, tf.mul(z, tf.sub(candidate, h)));
    });
  }
}
