import * as tf from '@tensorflow/tfjs-core';
import { constant, type Parameters } from '../parameters.ts';

/** y = x W + b. Weights: `NAME.kernel` [input, output], `NAME.bias` [output]. */
export class Linear {
  /** W, [input, output]. */
  readonly kernel: tf.Variable;
  /** b, [output]. */
  readonly bias: tf.Variable | undefined;

  constructor(
    parameters: Parameters,
    name: string,
    inputSize: number,
    outputSize: number,
    options: { bias?: boolean } = {},
  ) {
    this.kernel = parameters.get(`${name}.kernel`, [inputSize, outputSize]);
    if (options.bias ?? true) this.bias = parameters.get(`${name}.bias`, [outputSize], constant(0));
  }

  /** @param x [rows, input] @returns [rows, output] */
  apply(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const product = tf.matMul(x, this.kernel);
      return this.bias ? tf.add<tf.Tensor2D>(product, this.bias) : (product as tf.Tensor2D);
    });
  }
}
