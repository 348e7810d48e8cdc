import * as tf from '@tensorflow/tfjs-core';
import { paddingBias } from '../attention/multi-head.ts';
import { MultiStepAttention, type MultiStepMemory } from '../attention/multi-step.ts';
import { unpack, type PackedBatch } from '../batches/packed-batch.ts';
import { assertTokens, padTokens, paddingMask, type PaddedTokens } from '../batches/padded-tokens.ts';
import type { Decoder } from '../decoding/decoder.ts';
import { dropout } from '../layers/dropout.ts';
import type { Embedding } from '../layers/embedding.ts';
import { GatedConvolution, halved } from '../layers/gated-convolution.ts';
import { PositionalEncoding } from '../layers/positional-encoding.ts';
import type { Parameters } from '../parameters.ts';
import { probeOf, unprobed, type Probe } from '../probe.ts';
import { assertBelow, type Looks } from './looks.ts';
import type { OutputLayer } from './output-layer.ts';
import {
  TextDecoder,
  type RowTensors,
  type TextOutputs,
  type TextStart,
  type TextState,
  type TextSteps,
} from './text-decoder.ts';
import { TextEmbeddings } from './text-embeddings.ts';
import type { ForcedOutput, TextModel, TextModelConfig, TextTraining } from './text-model.ts';

/** The shape of a ConvS2S; stored in its checkpoint. */
export interface ConvS2SConfig extends TextModelConfig {
  /** Of the embeddings and of what every layer gives. */
  size: number;
  /** k, tokens that a convolution sees; odd, so that the encoder sees as much on either side. */
  width: number;
  encoderLayers: number;
  decoderLayers: number;
}

/** What a decoder keeps of its sources, a row each. */
type Memory = {
  /** z_j, [rows, length, size]. */
  keys: tf.Tensor3D;
  /** z_j + e_j, [rows, length, size]. */
  values: tf.Tensor3D;
  /** Hides padding: 0 at a token, −∞ behind the end, [rows, 1, length]. */
  bias: tf.Tensor3D;
  /** √m of a source of m tokens, [rows, 1, 1]. */
  roots: tf.Tensor3D;
};

/** What one step takes, as tensors. */
export type ConvS2SStep = {
  /** int32, [rows]. */
  tokens: tf.Tensor1D;
  /** p of the place, [1, size]; from `positions`. */
  position: tf.Tensor2D;
  /** Of each row's source: from `start`. */
  memory: RowTensors;
  /** What each layer read of the tokens before, k − 1 of them, [rows, k − 1, size]: `layer/0` … */
  past: RowTensors;
};

/** The standard deviation of the first embeddings (section 3.5). */
const SPREAD = 0.1;

/**
 * Convolutional sequence to sequence (Gehring et al. 2017, arXiv 1705.03122): no recurrence and no self-attention, but a look
 * at the source in every layer of the decoder.
 *
 *     e_j = E x_j + p_j                     g_i = E y_{i−1} + p_i                       (section 3.1)
 *     z^l = block(z^{l−1}), z^0 = e         h^l = block(h^{l−1}), h^0 = g               (section 3.2)
 *     d^l_i = W^l_d h^l_i + b^l_d + g_i     a^l_ij = softmax_j(d^l_i · z^u_j)           (section 3.3, eq. 1)
 *     c^l_i = √m Σ_j a^l_ij (z^u_j + e_j)   h^l_i ← (h^l_i + c^l_i) √½                  (eq. 2, section 3.5)
 *     p(y_i) = softmax(E h^L_i + b)
 *
 * A block is a convolution with a gated linear unit and what came in beside it, times √½ (`GatedConvolution`); the encoder's
 * sees both sides, the decoder's what is written. The sum of m vectors is times m √(1/m), so that it varies as one of them.
 *
 * What differs from the paper: embeddings and layers have one size, so there are no maps between them; E is shared as
 * configured; positions are sinusoids as large as the first embeddings, so that there is no longest sentence; gradients
 * to the encoder are not divided by the number of layers that look at it, since Adam divides by their size anyway.
 *
 * Weights: those of `TextEmbeddings`; `encoder.L` and `decoder.L` (`GatedConvolution`), `attention.L` (`MultiStepAttention`).
 */
export class ConvS2S implements TextModel<TextState> {
  readonly config: ConvS2SConfig;
  readonly #embeddings: TextEmbeddings;
  readonly #positions: PositionalEncoding;
  readonly #encoder: GatedConvolution[];
  readonly #decoder: GatedConvolution[];
  readonly #attentions: MultiStepAttention[];

  /** @throws RangeError where the width is even */
  constructor(config: ConvS2SConfig, parameters: Parameters) {
    const { decoderLayers, encoderLayers, size, width } = config;
    if (width % 2 === 0) throw new RangeError(`A convolution of the encoder has an odd width; this one has ${width}.`);
    this.config = config;
    const limit = SPREAD * Math.sqrt(3);
    this.#embeddings = new TextEmbeddings(parameters, config, size, { limit, outputBias: true });
    this.#positions = new PositionalEncoding(size);
    const layers = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, l) => make(l));
    const ahead = (width - 1) / 2;
    this.#encoder = layers(
      encoderLayers,
      (l) => new GatedConvolution(parameters, `encoder.${l}`, size, { width, ahead }),
    );
    this.#decoder = layers(decoderLayers, (l) => new GatedConvolution(parameters, `decoder.${l}`, size, { width }));
    this.#attentions = layers(decoderLayers, (l) => new MultiStepAttention(parameters, `attention.${l}`, size));
  }

  get outputLayer(): OutputLayer {
    return this.#embeddings.output;
  }

  teacherForced(source: PaddedTokens, target: PackedBatch, training?: TextTraining): ForcedOutput {
    const { tokens, places } = unpack(target);
    assertTokens('target', tokens, this.config.targetVocabularySize);
    const index = tf.tensor1d(target.source, 'int32');
    const memory = mapMemory(this.#encode(source, training), (x) => tf.gather(x, index));
    const rows = target.source.length;
    const fed = this.#embed(this.#embeddings.target, tokens, rows, this.positions(0, tokens.length / rows), training);
    const { h } = this.#decode(fed, memory, training);
    const output = tf.gather(flat(h), tf.tensor1d(places, 'int32'));
    return { output: dropout(output, training?.dropout ?? 0, training?.random) };
  }

  /**
   * The decoder of some sources, for any search. Each layer keeps the k − 1 tokens that its convolution will see again.
   * @param looks what a step's `weights` are; default: the mean over all layers. There is one head
   * @throws RangeError where there is no such layer or head
   */
  decoder(source: PaddedTokens, looks: Looks = {}): Decoder<TextState> {
    this.assertLooks(looks);
    const steps: TextSteps = {
      gathers: false,
      start: (sources) => this.start(sources),
      step: ({ memory, past, position, tokens }) =>
        tf.tidy(() => {
          const inputs = { tokens: tf.tensor1d(tokens, 'int32'), position: this.positions(position, 1), memory, past };
          return this.step(inputs, looks);
        }),
    };
    return new TextDecoder(this.config, steps, source);
  }

  /** @throws RangeError where there is no such layer or head */
  assertLooks({ head, layer }: Looks): void {
    assertBelow('layer', layer, this.config.decoderLayers);
    assertBelow('head', head, 1);
  }

  /** p of `length` places, the first of them `from`, [length, size]. */
  positions(from: number, length: number): tf.Tensor2D {
    // Sines and cosines have a mean square of one half.
    return tf.tidy(() => tf.mul(this.#positions.at(from, length), SPREAD * Math.SQRT2));
  }

  /** What is known before the first token, a row a source: the memory of it, and that no layer read anything yet. */
  start(source: PaddedTokens): TextStart {
    const { decoderLayers, size, width } = this.config;
    const layers = Array.from({ length: decoderLayers }, (_, l) => `layer/${l}`);
    return tf.tidy(() => ({
      memory: this.#encode(source),
      past: Object.fromEntries(layers.map((name) => [name, tf.zeros([source.rows, width - 1, size])])),
    }));
  }

  /** A step of the decoder as a function of tensors alone, which can be recorded. */
  step({ memory, past, position, tokens }: ConvS2SStep, looks: Looks = {}): TextOutputs {
    return tf.tidy(() => {
      const rows = tokens.shape[0];
      const g = this.#embed(this.#embeddings.target, tokens, rows, position);
      const kept: RowTensors = {};
      const weights: tf.Tensor3D[] = [];
      let h = g;
      for (const [l, layer] of this.#decoder.entries()) {
        const name = `layer/${l}`;
        const seen = tf.concat([past[name] as tf.Tensor3D, h], 1);
        kept[name] = tf.slice(seen, [0, 1, 0], [rows, this.config.width - 1, this.config.size]);
        const looked = this.#look(l, layer.last(seen), g, memory as Memory);
        weights.push(looked.weights);
        h = looked.h;
      }
      const { layer } = looks;
      const chosen = weights.filter((_, l) => layer === undefined || l === layer);
      const mean = tf.div<tf.Tensor3D>(tf.addN(chosen), chosen.length);
      return {
        logProbabilities: this.#embeddings.logProbabilities(flat(h)),
        weights: tf.squeeze<tf.Tensor2D>(mean, [1]),
        past: kept,
      };
    });
  }

  /**
   * Where every layer looks while these targets are written, [rows, queries, locations] each; the numbers are those of
   * the search that found them. The first query is the start token. What lies behind the end of a row means nothing.
   *
   * @param targets for each source the tokens of its target, without start and end token
   * @returns tensors of the caller
   */
  attentionMaps(source: PaddedTokens, targets: readonly (readonly number[])[]): tf.Tensor3D[] {
    const fed = padTokens(targets.map((tokens) => [this.config.startToken, ...tokens]));
    assertTokens('target', fed.tokens, this.config.targetVocabularySize);
    return tf.tidy(() => {
      const memory = this.#encode(source);
      const g = this.#embed(this.#embeddings.target, fed.tokens, fed.rows, this.positions(0, fed.length));
      return this.#decode(g, memory).weights;
    });
  }

  /**
   * Writes a target that is known, all tokens at once, while somebody looks on. The numbers are those of a search.
   *
   * @param written tokens of the target, without start and end token
   * @param probe sees `keys` (z), `values` (z + e), `words` (E y), `LAYER/…` what an attention hands over, and `output`
   * @returns log p of every next token, [written tokens + 1, vocabulary]; a tensor of the caller
   */
  probed(source: PaddedTokens, written: readonly number[], probe: Probe): tf.Tensor2D {
    const fed = Int32Array.of(this.config.startToken, ...written);
    assertTokens('target', fed, this.config.targetVocabularySize);
    return tf.tidy(() => {
      const { keys, values, ...memory } = this.#encode(source);
      const seen = { ...memory, keys: probe('keys', keys), values: probe('values', values) };
      const g = this.#embed(this.#embeddings.target, fed, 1, this.positions(0, fed.length), undefined, probe);
      const { h } = this.#decode(g, seen, undefined, probe);
      return this.#embeddings.logProbabilities(probe('output', flat(h)));
    });
  }

  /** The encoder: z^u and all that is known of it. */
  #encode(source: PaddedTokens, training?: TextTraining): Memory {
    assertTokens('source', source.tokens, this.config.sourceVocabularySize);
    const { length, lengths, rows, tokens } = source;
    const e = this.#embed(this.#embeddings.source, tokens, rows, this.positions(0, length), training);
    const mask = paddingMask(source) ?? tf.ones<tf.Rank.R2>([rows, length]);
    const inside = tf.expandDims<tf.Tensor3D>(mask, 2);
    let z = e;
    for (const layer of this.#encoder) {
      // What lies behind the end is nothing: a sentence is read alike beside a longer one.
      z = layer.apply(tf.mul(dropout(z, training?.dropout ?? 0, training?.random), inside));
    }
    return {
      keys: z,
      values: tf.add(z, e),
      bias: tf.reshape(paddingBias(mask), [rows, 1, length]),
      roots: tf.tensor3d(Float32Array.from(lengths, Math.sqrt), [rows, 1, 1]),
    };
  }

  /** @param g [rows, length, size] @returns h^L of the same shape, and a of every layer, [rows, length, locations] */
  #decode(
    g: tf.Tensor3D,
    memory: Memory,
    training?: TextTraining,
    probe: Probe = unprobed,
  ): { h: tf.Tensor3D; weights: tf.Tensor3D[] } {
    const weights: tf.Tensor3D[] = [];
    let h = g;
    for (const [l, layer] of this.#decoder.entries()) {
      const own = layer.apply(dropout(h, training?.dropout ?? 0, training?.random));
      const looked = this.#look(l, own, g, memory, probeOf(probe, String(l)));
      weights.push(looked.weights);
      h = looked.h;
    }
    return { h, weights };
  }

  /** (h + c) √½, and a. */
  #look(
    l: number,
    h: tf.Tensor3D,
    g: tf.Tensor3D,
    { bias, keys, roots, values }: Memory,
    probe: Probe = unprobed,
  ): { h: tf.Tensor3D; weights: tf.Tensor3D } {
    const attention = this.#attentions[l] as MultiStepAttention;
    const memory: MultiStepMemory = { keys, values };
    const { context, weights } = attention.apply(h, g, memory, bias, probe);
    return { h: halved(tf.add(h, tf.mul<tf.Tensor3D>(context, roots))), weights };
  }

  /** E x + p, [rows, length, size]. @param positions [length, size] */
  #embed(
    embedding: Embedding,
    tokens: Int32Array | tf.Tensor1D,
    rows: number,
    positions: tf.Tensor2D,
    training?: TextTraining,
    probe: Probe = unprobed,
  ): tf.Tensor3D {
    const [length, size] = positions.shape;
    return tf.tidy(() => {
      const words = tf.reshape<tf.Rank.R3>(probe('words', embedding.lookUp(tokens)), [rows, length, size]);
      return dropout(tf.add<tf.Tensor3D>(words, positions), training?.dropout ?? 0, training?.random);
    });
  }
}

/** [rows × length, size]. */
function flat(x: tf.Tensor3D): tf.Tensor2D {
  const [rows, length, size] = x.shape;
  return tf.reshape(x, [rows * length, size]);
}

function mapMemory({ bias, keys, roots, values }: Memory, map: <T extends tf.Tensor>(x: T) => T): Memory {
  return { bias: map(bias), keys: map(keys), roots: map(roots), values: map(values) };
}
