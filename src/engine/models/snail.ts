import * as tf from '@tensorflow/tfjs-core';
import { causalBias } from '../attention/multi-head.ts';
import { CausalConvolution } from '../layers/causal-convolution.ts';
import { Linear } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';

/** Which of SNAIL's two parts there are: `attention` and `convolutions` are its ablations. */
export const SNAIL_PARTS = ['both', 'attention', 'convolutions'] as const;
export type SnailParts = (typeof SNAIL_PARTS)[number];

/** The shape of a SNAIL. */
export interface SnailConfig {
  parts: SnailParts;
  /** Numbers that come in at a step. */
  inputSize: number;
  /** What is told apart. */
  classes: number;
  /** T, the steps that a temporal block sees back to. */
  length: number;
  /** D, what each dense block adds. */
  filters: number;
  /** Of each attention block (the paper has three): the length of keys and of values. */
  attention: readonly (readonly [keys: number, values: number])[];
}

/**
 * SNAIL, a simple neural attentive meta-learner (Mishra, Rohaninejad, Chen and Abbeel 2018, arXiv 1707.03141, figure 2 and
 * appendix): attention blocks, which find one of all steps before, alternate with temporal convolutions, which put neighbouring steps
 * together. Everything is causal, and each block leaves what came in beside what it adds, so the width grows.
 *
 *   attention, (temporal convolutions, attention)*, then a linear layer to the classes at every step
 */
export class Snail {
  readonly config: SnailConfig;
  readonly #blocks: (AttentionBlock | TemporalBlock)[] = [];
  readonly #output: Linear;

  constructor(config: SnailConfig, parameters: Parameters) {
    const { attention, classes, filters, inputSize, length, parts } = config;
    this.config = config;
    let size = inputSize;
    const add = (block: AttentionBlock | TemporalBlock): void => {
      this.#blocks.push(block);
      size = block.size;
    };
    for (const [i, [keys, values]] of attention.entries()) {
      if (i > 0 && parts !== 'attention')
        add(new TemporalBlock(parameters, `snail.temporal.${i}`, size, length, filters));
      if (parts !== 'convolutions') add(new AttentionBlock(parameters, `snail.attention.${i}`, size, keys, values));
    }
    this.#output = new Linear(parameters, 'snail.output', size, classes);
  }

  /**
   * @param x [rows, length, input]
   * @returns scores at every step, [rows, length, classes], and where each attention block looked, [rows, length, length]
   */
  apply(x: tf.Tensor3D): { logits: tf.Tensor3D; weights: tf.Tensor3D[] } {
    const [rows, length] = x.shape;
    const weights: tf.Tensor3D[] = [];
    let h = x;
    for (const block of this.#blocks) {
      const { output, probabilities } = block.apply(h);
      h = output;
      if (probabilities) weights.push(probabilities);
    }
    return { logits: everyStep(this.#output, h, [rows, length]), weights };
  }
}

interface BlockOutput {
  /** [rows, length, wider] */
  output: tf.Tensor3D;
  /** Of attention. */
  probabilities?: tf.Tensor3D;
}

/**
 * Dense blocks of width 2, each seeing twice as far as the one before, until one sees T steps back (the appendix counts their
 * dilations from 2; from 1 no step is left out). Weights: those of `DenseBlock`, `NAME.I`.
 */
export class TemporalBlock {
  /** Of what comes out. */
  readonly size: number;
  readonly #layers: DenseBlock[];

  constructor(parameters: Parameters, name: string, inputSize: number, length: number, filters: number) {
    const count = Math.ceil(Math.log2(length));
    this.size = inputSize + count * filters;
    this.#layers = Array.from(
      { length: count },
      (_, i) => new DenseBlock(parameters, `${name}.${i}`, inputSize + i * filters, filters, 2 ** i),
    );
  }

  apply(x: tf.Tensor3D): BlockOutput {
    return { output: this.#layers.reduce((h, layer) => layer.apply(h), x) };
  }
}

/**
 * A dilated causal convolution with a gate, beside what came in: [x; tanh(W_f ∗ x) ∘ σ(W_g ∗ x)].
 * Weights: those of a `CausalConvolution`, f and g side by side.
 */
class DenseBlock {
  readonly #convolution: CausalConvolution;

  constructor(parameters: Parameters, name: string, inputSize: number, filters: number, dilation: number) {
    this.#convolution = new CausalConvolution(parameters, name, inputSize, 2 * filters, { width: 2, dilation });
  }

  apply(x: tf.Tensor3D): tf.Tensor3D {
    const [f, g] = tf.split(this.#convolution.apply(x), 2, 2) as [tf.Tensor3D, tf.Tensor3D];
    return tf.concat([x, tf.mul<tf.Tensor3D>(tf.tanh(f), tf.sigmoid(g))], 2);
  }
}

/**
 * One look back, beside what came in: [x; softmax(Q Kᵀ / √d) V], where nobody looks ahead.
 * Weights: `NAME.query`, `NAME.key`, `NAME.value`, each with `.kernel` and `.bias`.
 */
export class AttentionBlock {
  /** Of what comes out. */
  readonly size: number;
  readonly #keySize: number;
  readonly #query: Linear;
  readonly #key: Linear;
  readonly #value: Linear;

  constructor(parameters: Parameters, name: string, inputSize: number, keySize: number, valueSize: number) {
    this.size = inputSize + valueSize;
    this.#keySize = keySize;
    this.#query = new Linear(parameters, `${name}.query`, inputSize, keySize);
    this.#key = new Linear(parameters, `${name}.key`, inputSize, keySize);
    this.#value = new Linear(parameters, `${name}.value`, inputSize, valueSize);
  }

  apply(x: tf.Tensor3D): BlockOutput {
    const [rows, length] = x.shape;
    const [q, k, v] = [this.#query, this.#key, this.#value].map((layer) => everyStep(layer, x, [rows, length])) as [
      tf.Tensor3D,
      tf.Tensor3D,
      tf.Tensor3D,
    ];
    const scores = tf.mul<tf.Tensor3D>(tf.matMul(q, k, false, true), 1 / Math.sqrt(this.#keySize));
    const probabilities = tf.softmax(tf.add<tf.Tensor3D>(scores, tf.reshape(causalBias(length), [length, length])));
    return { output: tf.concat([x, tf.matMul<tf.Tensor3D>(probabilities, v)], 2), probabilities };
  }
}

/** A linear layer at each step. */
function everyStep(layer: Linear, x: tf.Tensor3D, [rows, length]: readonly [number, number]): tf.Tensor3D {
  const y = layer.apply(tf.reshape(x, [rows * length, x.shape[2]]));
  return tf.reshape(y, [rows, length, y.shape[1]]);
}
