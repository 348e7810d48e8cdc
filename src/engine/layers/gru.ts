import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';

/**
 * A gated recurrent unit (Cho et al. 2014; the form of Bahdanau et al. 2015, appendix A.1.1):
 * z, r = σ([x; h] W + b), h̃ = tanh([x; r h] W' + b'), h' = (1 − z) h + z h̃.
 *
 * Weights: `NAME.gates.kernel` [input + size, 2 size] (z, then r), `NAME.gates.bias`,
 * `NAME.candidate.kernel` [input + size, size], `NAME.candidate.bias`.
 */
export class GruCell {
  readonly size: number;
  readonly #gatesKernel: tf.Variable;
  readonly #gatesBias: tf.Variable;
  readonly #candidateKernel: tf.Variable;
  readonly #candidateBias: tf.Variable;

  constructor(parameters: Parameters, name: string, inputSize: number, size: number) {
    this.size = size;
    this.#gatesKernel = parameters.get(`${name}.gates.kernel`, [inputSize + size, 2 * size]);
    this.#gatesBias = parameters.get(`${name}.gates.bias`, [2 * size], constant(0));
    this.#candidateKernel = parameters.get(`${name}.candidate.kernel`, [inputSize + size, size]);
    this.#candidateBias = parameters.get(`${name}.candidate.bias`, [size], constant(0));
  }

  /** One step. @param x [rows, input] @param h [rows, size] @returns h', [rows, size] */
  step(x: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const sums = tf.matMul(tf.concat([x, h], 1), this.#gatesKernel as tf.Tensor2D);
      const [z, r] = tf.split(tf.sigmoid(tf.add(sums, this.#gatesBias)), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const inner = tf.concat([x, tf.mul<tf.Tensor2D>(r, h)], 1);
      const candidate = tf.tanh(tf.add(tf.matMul(inner, this.#candidateKernel as tf.Tensor2D), this.#candidateBias));
      return tf.add<tf.Tensor2D>(h, tf.mul(z, tf.sub(candidate, h)));
    });
  }
}
