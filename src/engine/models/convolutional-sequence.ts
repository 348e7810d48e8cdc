import * as tf from '@tensorflow/tfjs-core';
import { causalBias } from '../attention/multi-head.ts';
import { MultiStepAttention } from '../attention/multi-step.ts';
import { ByteNetBlock } from '../layers/byte-net-block.ts';
import { Embedding } from '../layers/embedding.ts';
import { GatedConvolution, halved } from '../layers/gated-convolution.ts';
import { Linear } from '../layers/linear.ts';
import { PositionalEncoding } from '../layers/positional-encoding.ts';
import type { Parameters } from '../parameters.ts';

/** How a stack of convolutions comes to see far. */
export const SEQUENCE_KINDS = ['plain', 'dilated', 'bytenet', 'attention'] as const;
/**
 * `plain`: each layer sees k − 1 steps further than the one below. `dilated`: the steps of a layer lie twice as far apart as
 * those of the layer below, as in ByteNet. `bytenet`: likewise, of ByteNet's own blocks. `attention`: each layer also looks back at all that was read (ConvS2S).
 */
export type SequenceKind = (typeof SEQUENCE_KINDS)[number];

/** The shape of a stack. */
export interface ConvolutionalSequenceConfig {
  kind: SequenceKind;
  vocabularySize: number;
  size: number;
  /** Layers. */
  depth: number;
  /** k, steps that a convolution sees. */
  width: number;
}

/** How far back the last layer sees by its convolutions alone, in steps. */
export function reach({ depth, kind, width }: Pick<ConvolutionalSequenceConfig, 'depth' | 'kind' | 'width'>): number {
  return (width - 1) * (kind === 'dilated' || kind === 'bytenet' ? 2 ** depth - 1 : depth);
}

/**
 * A causal stack of convolutions over tokens: what is said at t depends on the tokens up to t. The blocks are those of
 * ConvS2S (Gehring et al. 2017), so that plain and dilated ones (Kalchbrenner et al. 2016) differ in their dilation alone:
 *
 *   h^0_t = E x_t + p_t,  h^l = block(h^{l−1}),  with attention h^l = (block(h^{l−1}) + c^l) √½
 *
 * With `bytenet` they are those of ByteNet itself: h^l = h^{l−1} + what three convolutions make of it (`ByteNetBlock`).
 * With attention, layer l looks at all e_j up to t (its own embeddings, as there is no encoder beside it).
 *
 * Weights: `sequence.embedding.table`, `sequence.layer.L` (`GatedConvolution` or `ByteNetBlock`), with attention `sequence.attention.L.kernel` and
 * `.bias`, `sequence.output.kernel` and `.bias`.
 */
export class ConvolutionalSequence {
  readonly config: ConvolutionalSequenceConfig;
  readonly #embedding: Embedding;
  readonly #positions: PositionalEncoding;
  readonly #layers: (GatedConvolution | ByteNetBlock)[];
  readonly #attentions: MultiStepAttention[];
  readonly #output: Linear;

  constructor(config: ConvolutionalSequenceConfig, parameters: Parameters) {
    const { depth, kind, size, vocabularySize, width } = config;
    this.config = config;
    this.#embedding = new Embedding(parameters, 'sequence.embedding', vocabularySize, size, 0.3);
    this.#positions = new PositionalEncoding(size);
    const layers = Array.from({ length: depth }, (_, l) => l);
    this.#layers = layers.map((l) => {
      const name = `sequence.layer.${l}`;
      if (kind === 'bytenet') return new ByteNetBlock(parameters, name, size, { width, dilation: 2 ** l });
      const dilation = kind === 'dilated' ? 2 ** l : 1;
      return new GatedConvolution(parameters, name, size, { width, dilation });
    });
    this.#attentions =
      kind === 'attention'
        ? layers.map((l) => new MultiStepAttention(parameters, `sequence.attention.${l}`, size))
        : [];
    this.#output = new Linear(parameters, 'sequence.output', size, vocabularySize);
  }

  /**
   * @param tokens row after row, all of one length
   * @returns scores of the words at every token, [rows · length, vocabulary], and where each layer looked: [rows, length, length]
   */
  apply(tokens: Int32Array, rows: number): { logits: tf.Tensor2D; weights: tf.Tensor3D[] } {
    const { size } = this.config;
    const length = tokens.length / rows;
    const words = tf.reshape<tf.Rank.R3>(this.#embedding.lookUp(tokens), [rows, length, size]);
    const embedded = tf.add<tf.Tensor3D>(words, this.#positions.at(0, length));
    const future =
      this.#attentions.length > 0 ? tf.reshape<tf.Rank.R2>(causalBias(length), [length, length]) : undefined;
    const weights: tf.Tensor3D[] = [];
    let h = embedded;
    for (const [l, layer] of this.#layers.entries()) {
      h = layer.apply(h);
      const attention = this.#attentions[l];
      if (!attention) continue;
      const look = attention.apply(h, embedded, { keys: embedded, values: embedded }, future);
      weights.push(look.weights);
      h = halved(tf.add(h, look.context));
    }
    return { logits: this.#output.apply(tf.reshape<tf.Rank.R2>(h, [rows * length, size])), weights };
  }
}
