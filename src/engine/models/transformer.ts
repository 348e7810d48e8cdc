import * as tf from '@tensorflow/tfjs-core';
import { causalBias, paddingBias, type HeadMemory } from '../attention/multi-head.ts';
import { outOfSlots, type Slots } from '../attention/slots.ts';
import type { Decoder } from '../decoding/decoder.ts';
import { dropout } from '../layers/dropout.ts';
import type { Embedding } from '../layers/embedding.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { PositionalEncoding, type PositionOrder } from '../layers/positional-encoding.ts';
import { assertTokens, padTokens, paddingMask, type PaddedTokens } from '../batches/padded-tokens.ts';
import type { Parameters } from '../parameters.ts';
import { probeOf, unprobed, type Probe } from '../probe.ts';
import { unpack, type PackedBatch } from '../batches/packed-batch.ts';
import { TextDecoder, type RowTensors, type TextOutputs, type TextState, type TextSteps } from './text-decoder.ts';
import { assertBelow, flatten, lookedAt, mapsOf, unflatten, type Looks } from './looks.ts';
import type { OutputLayer } from './output-layer.ts';
import { TextEmbeddings } from './text-embeddings.ts';
import type { ForcedOutput, TextModel, TextModelConfig, TextTraining } from './text-model.ts';
import {
  DecoderLayer,
  EncoderLayer,
  type DecoderLayerOutput,
  type TransformerLayerConfig,
} from './transformer-layers.ts';

/** The shape of a Transformer; stored in its checkpoint. */
export interface TransformerConfig extends TextModelConfig, TransformerLayerConfig {
  encoderLayers: number;
  decoderLayers: number;
  /** How sines and cosines lie in a position's encoding (default `interleaved`). */
  positions?: PositionOrder;
  /** Whether the scores of tokens have a bias (default false). */
  outputBias?: boolean;
  /** What the word vectors are multiplied with (default √d). */
  embeddingScale?: number;
}

/** What the encoder takes, as tensors. */
export type TransformerSource = {
  /** int32, [rows, length]. */
  tokens: tf.Tensor2D;
  /** PE of the places, [length, size]; from `positions`. */
  positions: tf.Tensor2D;
  /** Hides padding, [rows, 1, 1, length]. */
  padding?: tf.Tensor4D | undefined;
  /** Where the tokens are, of which there are as many as places without padding: so padding is computed only where it has to be. */
  slots?: Slots | undefined;
};

/** What one step takes, as tensors. */
export type TransformerStep = {
  /** int32, [rows]. */
  tokens: tf.Tensor1D;
  /** PE of the place, [1, size]; from `positions`. */
  position: tf.Tensor2D;
  /** Hides padding of each row's source, [rows, 1, 1, locations]; left out where no source is padded. */
  padding?: tf.Tensor4D | undefined;
  /** Of each row's source, or where `shared` says which that is, of each source: from `encodeSource`; so is padding. */
  memory: RowTensors;
  shared?: Slots | undefined;
  /** Of the tokens that were fed, from the step before; empty before the first. */
  past: RowTensors;
};

/** The weights of every layer and head, an entry a layer, [rows, heads, queries, locations]; what looks is a query. */
export type AttentionMaps = {
  /** Source tokens at source tokens. */
  encoder: tf.Tensor4D[];
  /** Target tokens at those before them; the first query is the start token. */
  decoder: tf.Tensor4D[];
  /** Target tokens at source tokens: where the model looked when it predicted the next one. */
  source: tf.Tensor4D[];
};

/**
 * The Transformer (Vaswani et al. 2017, arXiv 1706.03762):
 *
 * - input: √d E x_p + PE(p), through dropout (sections 3.4, 3.5 and 5.4);
 * - encoder: layers of self-attention and FFN; decoder: layers of masked self-attention, attention to the
 *   encoder's output, and FFN (section 3.1); see `EncoderLayer`, `DecoderLayer`;
 * - p(y_t) = softmax(x_t Eᵀ), E shared as configured (section 3.4).
 *
 * With `pre` normalisation the sum that runs through a stack is normalised once more at its end.
 */
export class Transformer implements TextModel<TextState> {
  readonly config: TransformerConfig;
  readonly #embeddings: TextEmbeddings;
  readonly #positions: PositionalEncoding;
  readonly #encoder: EncoderLayer[];
  readonly #decoder: DecoderLayer[];
  readonly #encoderNorm: LayerNorm | undefined;
  readonly #decoderNorm: LayerNorm | undefined;

  constructor(config: TransformerConfig, parameters: Parameters) {
    const { size, encoderLayers, decoderLayers, normalisation } = config;
    this.config = config;
    // Of variance 1 / d, so that √d E x has variance 1, as large as the positions, and x Eᵀ as well.
    const limit = Math.sqrt(3 / size);
    this.#embeddings = new TextEmbeddings(parameters, config, size, { limit, outputBias: config.outputBias ?? false });
    this.#positions = new PositionalEncoding(size, config.positions);
    const layers = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, i) => make(i));
    this.#encoder = layers(encoderLayers, (i) => new EncoderLayer(parameters, `encoder.${i}`, config));
    this.#decoder = layers(decoderLayers, (i) => new DecoderLayer(parameters, `decoder.${i}`, config));
    if (normalisation === 'pre') {
      this.#encoderNorm = new LayerNorm(parameters, 'encoder.norm', size);
      this.#decoderNorm = new LayerNorm(parameters, 'decoder.norm', size);
    }
  }

  get outputLayer(): OutputLayer {
    return this.#embeddings.output;
  }

  teacherForced(source: PaddedTokens, target: PackedBatch, training?: TextTraining): ForcedOutput {
    const { tokens, places } = unpack(target);
    const encoded = this.#encode(source, training);
    const rows = target.source.length;
    const sameRows = rows === source.rows && target.source.every((index, row) => index === row);
    const index = sameRows ? undefined : tf.tensor1d(target.source, 'int32');
    const perRow = index ? takeWhole(encoded.x, source.rows, index) : encoded.x;
    const padding = encoded.padding && index ? tf.gather(encoded.padding, index) : encoded.padding;
    const memory = this.#decoder.map((layer) => layer.sourceMemory(perRow, rows));
    assertTokens('target', tokens, this.config.targetVocabularySize);
    const positions = this.positions(0, tokens.length / rows);
    const { x } = this.#decode(tokens, rows, positions, { memory, padding, past: [] }, training);
    // The output layer is the dearest of all: it only sees what counts.
    return { output: tf.gather(x, tf.tensor1d(places, 'int32')) };
  }

  /**
   * The decoder of some sources, for any search; keys and values of the past are kept, so a step costs what
   * one token costs.
   * @param looks what a step's `weights` are; default: the mean over all layers and heads
   * @throws RangeError where there is no such layer or head
   */
  decoder(source: PaddedTokens, looks: Looks = {}): Decoder<TextState> {
    return new TextDecoder(this.config, this.#steps(looks), source);
  }

  #steps(looks: Looks): TextSteps {
    this.assertLooks(looks);
    return {
      gathers: false,
      start: (source) =>
        tf.tidy(() => {
          const { x, padding } = this.#encode(source);
          return { memory: { ...this.#memory(x, source.rows), ...(padding && { padding }) }, past: {} };
        }),
      step: ({ memory: { padding, ...memory }, past, position, tokens }) =>
        tf.tidy(() => {
          const inputs = { tokens: tf.tensor1d(tokens, 'int32'), position: this.positions(position, 1), memory, past };
          return this.step({ ...inputs, padding: padding as tf.Tensor4D | undefined }, looks);
        }),
    };
  }

  /** PE(p) of `length` places, the first of them `from`, [length, size]. */
  positions(from: number, length: number): tf.Tensor2D {
    return this.#positions.at(from, length);
  }

  /** @throws RangeError where there is no such layer or head */
  assertLooks({ head, layer }: Looks): void {
    assertBelow('layer', layer, this.config.decoderLayers);
    assertBelow('head', head, this.config.heads);
  }

  /**
   * The encoder as a function of tensors alone, which can be recorded.
   * @returns keys and values of each layer of the decoder, [rows, heads, length, head size]
   */
  encodeSource({ tokens, positions, padding, slots }: TransformerSource): RowTensors {
    return tf.tidy(() => {
      const [rows, length] = tokens.shape;
      const flat = tf.reshape<tf.Rank.R1>(tokens, [rows * length]);
      const { x } = this.#encodeTokens(flat, rows, positions, { padding, slots });
      return this.#memory(x, rows, slots);
    });
  }

  /** What the encoder begins with, as a function of tensors alone. @returns [rows, length, size] */
  embedSource({ tokens, positions }: Pick<TransformerSource, 'positions' | 'tokens'>): tf.Tensor3D {
    return tf.tidy(() => {
      const [rows, length] = tokens.shape;
      const flat = tf.reshape<tf.Rank.R1>(tokens, [rows * length]);
      const x = this.#embed(this.#embeddings.source, flat, rows, positions, undefined, unprobed);
      return tf.reshape(x, [rows, length, this.config.size]);
    });
  }

  /** A layer of the encoder as a function of tensors alone. @param x and what is returned: [rows, length, size] */
  encoderLayer(index: number, x: tf.Tensor3D, padding: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => {
      const [rows, length, size] = x.shape;
      const layer = this.#encoder[index] as EncoderLayer;
      return tf.reshape(layer.apply(tf.reshape(x, [rows * length, size]), rows, padding).x, [rows, length, size]);
    });
  }

  /**
   * What a layer of the decoder keeps of what came out of the encoder's last layer.
   * @returns keys and values, [rows, heads, length, head size]
   */
  encodedMemory(index: number, x: tf.Tensor3D): HeadMemory {
    return tf.tidy(() => {
      const [rows, length, size] = x.shape;
      const flat = tf.reshape<tf.Rank.R2>(x, [rows * length, size]);
      const layer = this.#decoder[index] as DecoderLayer;
      return layer.sourceMemory(this.#encoderNorm ? this.#encoderNorm.apply(flat) : flat, rows);
    });
  }

  /**
   * A step of the decoder as a function of tensors alone, which can be recorded.
   * @param tellsMaps whether every head's weights are told beside those that `looks` wants
   */
  step(
    { tokens, position, padding, memory, past, shared }: TransformerStep,
    looks: Looks,
    tellsMaps = false,
  ): TextOutputs {
    return tf.tidy(() => {
      const rows = tokens.shape[0];
      const sight = { memory: unflatten(memory), past: unflatten(past), padding, shared };
      const { x, layers } = this.#decode(tokens, rows, position, sight);
      return {
        logProbabilities: this.#embeddings.logProbabilities(x),
        weights: lookedAt(layers, looks),
        ...(tellsMaps && { maps: mapsOf(layers) }),
        past: flatten(layers.map((layer) => layer.past)),
      };
    });
  }

  /**
   * Where every layer and head looks while these targets are written. The numbers are those of the search
   * that found them, for less than a search costs: nothing needs to be kept while searching.
   *
   * @param targets for each source the tokens of its target, without start and end token
   * @returns tensors of the caller. Rows as the sources; queries of the decoder: the start token, then the
   *   tokens. What lies behind the end of a row, as query or as location, means nothing
   */
  attentionMaps(source: PaddedTokens, targets: readonly (readonly number[])[]): AttentionMaps {
    if (targets.length !== source.rows) {
      throw new RangeError(`There are ${targets.length} targets for ${source.rows} sources.`);
    }
    const fed = padTokens(targets.map((tokens) => [this.config.startToken, ...tokens]));
    return tf.tidy(() => {
      const encoded = this.#encode(source);
      const memory = this.#decoder.map((layer) => layer.sourceMemory(encoded.x, source.rows));
      assertTokens('target', fed.tokens, this.config.targetVocabularySize);
      const sight = { memory, padding: encoded.padding, past: [] };
      const { layers } = this.#decode(fed.tokens, source.rows, this.positions(0, fed.length), sight);
      return {
        encoder: encoded.weights,
        decoder: layers.map(({ selfWeights }) => selfWeights),
        source: layers.map(({ sourceWeights }) => sourceWeights),
      };
    });
  }

  /**
   * Writes a target that is known, all tokens at once, while somebody looks on. The numbers are those of a search.
   *
   * @param written tokens of the target, without start and end token
   * @param probe sees in the encoder `encoder/words` (√d E x), `encoder/positions`, `encoder/LAYER/…`, in the decoder
   *   `decoder/…` alike, and `output`; see `EncoderLayer` and `DecoderLayer`
   * @returns log p of every next token, [written tokens + 1, vocabulary]; a tensor of the caller
   */
  probed(source: PaddedTokens, written: readonly number[], probe: Probe): tf.Tensor2D {
    const fed = Int32Array.of(this.config.startToken, ...written);
    assertTokens('target', fed, this.config.targetVocabularySize);
    return tf.tidy(() => {
      const encoded = this.#encode(source, undefined, probeOf(probe, 'encoder'));
      const memory = this.#decoder.map((layer) => layer.sourceMemory(encoded.x, source.rows));
      const sight = { memory, padding: encoded.padding, past: [] };
      const positions = this.positions(0, fed.length);
      const { x } = this.#decode(fed, source.rows, positions, sight, undefined, probeOf(probe, 'decoder'));
      return this.#embeddings.logProbabilities(probe('output', x));
    });
  }

  /** What the decoder keeps of a source. @param encoded [rows × length, size]; with slots only what is there */
  #memory(encoded: tf.Tensor2D, rows: number, slots?: Slots): RowTensors {
    return flatten(this.#decoder.map((layer) => layer.sourceMemory(encoded, rows, slots)));
  }

  /** @returns `x` [rows × length, size]; the weights of every layer; `padding` [rows, 1, 1, length] */
  #encode(
    source: PaddedTokens,
    training?: TextTraining,
    probe?: Probe,
  ): Encoded & { padding: tf.Tensor4D | undefined } {
    assertTokens('source', source.tokens, this.config.sourceVocabularySize);
    const mask = paddingMask(source);
    const padding = mask && paddingBias(mask);
    const positions = this.positions(0, source.length);
    return { ...this.#encodeTokens(source.tokens, source.rows, positions, { padding }, training, probe), padding };
  }

  #encodeTokens(
    tokens: Int32Array | tf.Tensor1D,
    rows: number,
    positions: tf.Tensor2D,
    { padding, slots }: Pick<TransformerSource, 'padding' | 'slots'>,
    training?: TextTraining,
    probe: Probe = unprobed,
  ): Encoded {
    const weights: tf.Tensor4D[] = [];
    let x = outOfSlots(this.#embed(this.#embeddings.source, tokens, rows, positions, training, probe), slots);
    for (const [i, layer] of this.#encoder.entries()) {
      const output = layer.apply(x, rows, padding, training, probeOf(probe, String(i)), slots);
      x = output.x;
      weights.push(output.weights);
    }
    return { x: this.#encoderNorm ? this.#encoderNorm.apply(x) : x, weights };
  }

  /**
   * @param tokens of each row, row after row
   * @param positions PE of their places, [length, size]
   * @returns `x` [rows × length, size], and what each layer gave
   */
  #decode(
    tokens: Int32Array | tf.Tensor1D,
    rows: number,
    positions: tf.Tensor2D,
    { memory, past, padding, shared }: Sight,
    training?: TextTraining,
    probe: Probe = unprobed,
  ): { x: tf.Tensor2D; layers: DecoderLayerOutput[] } {
    const length = positions.shape[0];
    // Rows are padded at their end, so what hides the future hides padding from all that counts.
    const future = length > 1 ? causalBias(length) : undefined;
    const layers: DecoderLayerOutput[] = [];
    let x = this.#embed(this.#embeddings.target, tokens, rows, positions, training, probe);
    for (const [i, layer] of this.#decoder.entries()) {
      const output = layer.apply(
        x,
        rows,
        { source: memory[i] as HeadMemory, shared, padding, past: past[i], future },
        training,
        probeOf(probe, String(i)),
      );
      x = output.x;
      layers.push(output);
    }
    return { x: this.#decoderNorm ? this.#decoderNorm.apply(x) : x, layers };
  }

  /** √d E x_p + PE(p), [rows × length, size]. */
  #embed(
    embedding: Embedding,
    tokens: Int32Array | tf.Tensor1D,
    rows: number,
    positions: tf.Tensor2D,
    training: TextTraining | undefined,
    probe: Probe = unprobed,
  ): tf.Tensor2D {
    const [length, size] = positions.shape;
    return tf.tidy(() => {
      const scale = this.config.embeddingScale ?? Math.sqrt(size);
      const words = probe('words', tf.mul<tf.Tensor2D>(embedding.lookUp(tokens), scale));
      const placed = tf.add(tf.reshape(words, [rows, length, size]), probe('positions', positions));
      return dropout(tf.reshape<tf.Rank.R2>(placed, [rows * length, size]), training?.dropout ?? 0, training?.random);
    });
  }
}

/** What the encoder gives: [rows × length, size], and the weights of every layer. */
type Encoded = { x: tf.Tensor2D; weights: tf.Tensor4D[] };

/** What the decoder sees beside its tokens. */
interface Sight {
  /** For each layer, keys and values of each row's source. */
  memory: readonly HeadMemory[];
  /** For each layer, keys and values of the tokens that were fed; empty before the first. */
  past: readonly HeadMemory[];
  /** Hides padding of each row's source, [rows, 1, 1, locations]. */
  padding: tf.Tensor4D | undefined;
  /** Which rows have which source, where `memory` and `padding` have each source but once. */
  shared?: Slots | undefined;
}

/** Rows of [rows × length, size] as a whole. @param index the row of each new row */
function takeWhole(x: tf.Tensor2D, rows: number, index: tf.Tensor1D): tf.Tensor2D {
  const [places, size] = x.shape;
  const taken = tf.gather(tf.reshape(x, [rows, (places / rows) * size]), index);
  return tf.reshape(taken, [index.shape[0] * (places / rows), size]);
}
