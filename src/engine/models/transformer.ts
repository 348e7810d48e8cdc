import * as tf from '@tensorflow/tfjs-core';
import { causalBias, paddingBias, type HeadMemory } from '../attention/multi-head.ts';
import type { Decoder, DecoderStep } from '../decoding/decoder.ts';
import { dropout } from '../layers/dropout.ts';
import type { Embedding } from '../layers/embedding.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { PositionalEncoding } from '../layers/positional-encoding.ts';
import { rowsAt } from '../layers/rows.ts';
import { assertTokens, padTokens, paddingMask, type PaddedTokens } from '../padded-tokens.ts';
import type { Parameters } from '../parameters.ts';
import type { PackedBatch } from '../training/packed-batch.ts';
import { outputScores, TextEmbeddings, type OutputLayer } from './text-embeddings.ts';
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
}

/** Whose encoder-decoder attention a search is shown; what is left out is averaged over. */
export interface Looks {
  /** Of the decoder, from 0. */
  layer?: number;
  /** From 0. */
  head?: number;
}

/** The state of a batch of targets being written. */
export interface TransformerState {
  /** Which source each row is written for. */
  readonly source: Int32Array;
  /** Tokens that were fed to every row. */
  readonly position: number;
  /** Hides padding of each row's source, [rows, 1, 1, locations]; nothing where no source is padded. */
  readonly padding: tf.Tensor4D | undefined;
  /** For each layer, keys and values of each row's source. */
  readonly memory: readonly HeadMemory[];
  /** For each layer, keys and values of the tokens that were fed; empty before the first. */
  readonly past: readonly HeadMemory[];
}

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
export class Transformer implements TextModel<TransformerState> {
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
    this.#embeddings = new TextEmbeddings(parameters, config, size, { limit, outputBias: false });
    this.#positions = new PositionalEncoding(size);
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
    const rows = target.photo.length;
    const sameRows = rows === source.rows && target.photo.every((index, row) => index === row);
    const index = sameRows ? undefined : tf.tensor1d(target.photo, 'int32');
    const perRow = index ? takeWhole(encoded.x, source.rows, index) : encoded.x;
    const padding = encoded.padding && index ? tf.gather(encoded.padding, index) : encoded.padding;
    const memory = this.#decoder.map((layer) => layer.sourceMemory(perRow, rows));
    const { x } = this.#decode(tokens, rows, { memory, padding, past: [], position: 0 }, training);
    // The output layer is the dearest of all: it only sees what counts.
    return { output: tf.gather(x, tf.tensor1d(places, 'int32')) };
  }

  /**
   * The decoder of some sources, for any search; keys and values of the past are kept, so a step costs what
   * one token costs.
   * @param looks what a step's `weights` are; default: the mean over all layers and heads
   * @throws RangeError where there is no such layer or head
   */
  decoder(source: PaddedTokens, looks: Looks = {}): Decoder<TransformerState> {
    const { targetVocabularySize, startToken, endToken, decoderLayers, heads } = this.config;
    assertBelow('layer', looks.layer, decoderLayers);
    assertBelow('head', looks.head, heads);
    return {
      vocabularySize: targetVocabularySize,
      startToken,
      endToken,
      sources: source.rows,
      start: () => this.#start(source),
      step: (state, tokens) => this.#step(state, tokens, looks),
      reorder,
      dispose: ({ padding, memory, past }) => tf.dispose({ padding, memory: [...memory], past: [...past] }),
    };
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
      const sight = { memory, padding: encoded.padding, past: [], position: 0 };
      const { layers } = this.#decode(fed.tokens, source.rows, sight);
      return {
        encoder: encoded.weights,
        decoder: layers.map(({ selfWeights }) => selfWeights),
        source: layers.map(({ sourceWeights }) => sourceWeights),
      };
    });
  }

  #start(source: PaddedTokens): TransformerState {
    const tensors = tf.tidy(() => {
      const { x, padding } = this.#encode(source);
      return { padding, memory: this.#decoder.map((layer) => layer.sourceMemory(x, source.rows)) };
    });
    return { ...tensors, past: [], position: 0, source: Int32Array.from({ length: source.rows }, (_, row) => row) };
  }

  #step(state: TransformerState, tokens: Int32Array, looks: Looks): DecoderStep<TransformerState> {
    const { source, position } = state;
    const { logProbabilities, weights, ...tensors } = tf.tidy(() => {
      const { memory } = state;
      const { x, layers } = this.#decode(tokens, tokens.length, state);
      const logProbabilities: tf.Tensor2D = tf.logSoftmax(outputScores(this.outputLayer, x));
      return {
        logProbabilities,
        weights: lookedAt(layers, looks),
        past: layers.map((layer) => layer.past),
        // The sources' tensors are the same as before: the new state shares their data under its own handles.
        memory: memory.map(cloneMemory),
        padding: state.padding && tf.clone(state.padding),
      };
    });
    return { logProbabilities, weights, state: { ...tensors, source, position: position + 1 } };
  }

  /** @returns `x` [rows × length, size]; the weights of every layer; `padding` [rows, 1, 1, length] */
  #encode(
    source: PaddedTokens,
    training?: TextTraining,
  ): { x: tf.Tensor2D; weights: tf.Tensor4D[]; padding: tf.Tensor4D | undefined } {
    assertTokens('source', source.tokens, this.config.sourceVocabularySize);
    const mask = paddingMask(source);
    const padding = mask && paddingBias(mask);
    const weights: tf.Tensor4D[] = [];
    let x = this.#embed(this.#embeddings.source, source.tokens, source.rows, 0, training);
    for (const layer of this.#encoder) {
      const output = layer.apply(x, source.rows, padding, training);
      x = output.x;
      weights.push(output.weights);
    }
    return { x: this.#encoderNorm ? this.#encoderNorm.apply(x) : x, weights, padding };
  }

  /**
   * @param tokens of each row, row after row, the first of them at `position`
   * @returns `x` [rows × length, size], and what each layer gave
   */
  #decode(
    tokens: Int32Array,
    rows: number,
    sight: Omit<TransformerState, 'source'>,
    training?: TextTraining,
  ): { x: tf.Tensor2D; layers: DecoderLayerOutput[] } {
    assertTokens('target', tokens, this.config.targetVocabularySize);
    const { memory, past, padding, position } = sight;
    const length = tokens.length / rows;
    // Rows are padded at their end, so what hides the future hides padding from all that counts.
    const future = length > 1 ? causalBias(length) : undefined;
    const layers: DecoderLayerOutput[] = [];
    let x = this.#embed(this.#embeddings.target, tokens, rows, position, training);
    for (const [i, layer] of this.#decoder.entries()) {
      const output = layer.apply(
        x,
        rows,
        { source: memory[i] as HeadMemory, padding, past: past[i], future },
        training,
      );
      x = output.x;
      layers.push(output);
    }
    return { x: this.#decoderNorm ? this.#decoderNorm.apply(x) : x, layers };
  }

  /** √d E x_p + PE(p), [rows × length, size]. */
  #embed(
    embedding: Embedding,
    tokens: Int32Array,
    rows: number,
    position: number,
    training: TextTraining | undefined,
  ): tf.Tensor2D {
    const { size } = this.config;
    const length = tokens.length / rows;
    return tf.tidy(() => {
      const words = tf.mul<tf.Tensor2D>(embedding.lookUp(tokens), Math.sqrt(size));
      const placed = tf.add(tf.reshape(words, [rows, length, size]), this.#positions.at(position, length));
      return dropout(tf.reshape<tf.Rank.R2>(placed, [rows * length, size]), training?.dropout ?? 0, training?.random);
    });
  }
}

function reorder(state: TransformerState, rows: Int32Array): TransformerState {
  const source = Int32Array.from(rows, (row) => state.source[row] as number);
  const same = source.length === state.source.length && source.every((index, row) => index === state.source[row]);
  const tensors = tf.tidy(() => {
    const takeRows = rowsAt(rows);
    const take = ({ keys, values }: HeadMemory): HeadMemory => ({ keys: takeRows(keys), values: takeRows(values) });
    return {
      past: state.past.map(take),
      // Beams mostly change places within a source, whose tensors are the same for all of them.
      memory: state.memory.map(same ? cloneMemory : take),
      padding: state.padding && (same ? tf.clone(state.padding) : takeRows(state.padding)),
    };
  });
  return { ...tensors, source, position: state.position };
}

function cloneMemory({ keys, values }: HeadMemory): HeadMemory {
  return { keys: tf.clone(keys), values: tf.clone(values) };
}

/** The mean of the encoder-decoder weights that are asked for, [rows, locations]. */
function lookedAt(layers: readonly DecoderLayerOutput[], { layer, head }: Looks): tf.Tensor2D {
  const chosen = layers.filter((_, i) => layer === undefined || i === layer);
  const means = chosen.map(({ sourceWeights }) => {
    const own = head === undefined ? sourceWeights : tf.slice(sourceWeights, [0, head, 0, 0], [-1, 1, -1, -1]);
    return tf.mean<tf.Tensor2D>(own, [1, 2]);
  });
  return means.length === 1 ? (means[0] as tf.Tensor2D) : tf.div<tf.Tensor2D>(tf.addN(means), means.length);
}

function assertBelow(what: string, index: number | undefined, count: number): void {
  if (index !== undefined && !(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`There is no ${what} ${index}; the model has ${count}, counted from 0.`);
  }
}

/** Rows of [rows × length, size] as a whole. @param index the row of each new row */
function takeWhole(x: tf.Tensor2D, rows: number, index: tf.Tensor1D): tf.Tensor2D {
  const [places, size] = x.shape;
  const taken = tf.gather(tf.reshape(x, [rows, (places / rows) * size]), index);
  return tf.reshape(taken, [index.shape[0] * (places / rows), size]);
}

/**
 * A packed batch as a rectangle.
 * @returns `tokens` fed to each row, row after row, padded at the end; `places` of the packed tokens in it
 */
function unpack({ active, inputs, row }: PackedBatch): { tokens: Int32Array; places: Int32Array } {
  const length = active.length;
  const tokens = new Int32Array((active[0] ?? 0) * length);
  const places = new Int32Array(inputs.length);
  let packed = 0;
  for (const [step, rows] of active.entries()) {
    for (let i = 0; i < rows; i++, packed++) {
      const place = (row[packed] as number) * length + step;
      places[packed] = place;
      tokens[place] = inputs[packed] as number;
    }
  }
  return { tokens, places };
}
