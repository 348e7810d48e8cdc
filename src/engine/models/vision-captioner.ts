import * as tf from '@tensorflow/tfjs-core';
import { causalBias, type HeadMemory } from '../attention/multi-head.ts';
import type { Decoder } from '../decoding/decoder.ts';
import type { ActivationName } from '../layers/activation.ts';
import { Embedding } from '../layers/embedding.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { activate } from '../layers/activation.ts';
import { SearchOutput } from '../layers/tied-output.ts';
import type { Parameters } from '../parameters.ts';
import { assertBelow, flatten, unflatten, type Looks } from './looks.ts';
import {
  RowDecoder,
  type RowTensors,
  type TextInputs,
  type TextOutputs,
  type TextStart,
  type TextState,
  type TextSteps,
} from './text-decoder.ts';
import { DecoderLayer, type DecoderLayerOutput } from './transformer-layers.ts';
import { VisionTransformer, type VisionConfig } from './vision-transformer.ts';

/** The shape of what writes. */
export interface WriterConfig {
  size: number;
  heads: number;
  feedForwardSize: number;
  layers: number;
  activation: ActivationName;
  epsilon: number;
  /** `post`: as in BERT, with a normalisation of the embeddings; `pre`: as in GPT-2, with one at the end. */
  normalisation: 'pre' | 'post';
  /** The most tokens of a text: how many positions have a vector. */
  positions: number;
  /** Whether a text goes through a map, the activation and a normalisation before the scores, as in BERT. */
  transform: boolean;
  /** Whether the scores of tokens have a bias. */
  outputBias: boolean;
}

/** The shape of a captioner; stored in its checkpoint. */
export interface VisionCaptionerConfig {
  vision: VisionConfig;
  writer: WriterConfig;
  vocabularySize: number;
  startToken: number;
  endToken: number;
}

/** What one step takes, as tensors. */
export type CaptionStep = {
  /** int32, [rows]. */
  tokens: tf.Tensor1D;
  /** Tokens that were fed before, int32, [1]. */
  place: tf.Tensor1D;
  /** Of each photo: from `memory`. As many rows that follow each other look at each. */
  memory: RowTensors;
  /** Of the tokens that were fed, from the step before; empty before the first. */
  past: RowTensors;
  /** How much of each layer's and head's weights is in those that are given, [layers, heads]. */
  parts: tf.Tensor2D;
};

/**
 * What one step gives: `weights` on the cells of the grid, [rows, N], rows of which sum to 1, and what they come of, those on
 * all vectors of the photo, [rows, extra + N].
 */
export type CaptionStepOutputs = TextOutputs & { weights: tf.Tensor2D; onVectors: tf.Tensor2D };

/** What a search needs of a captioner: operation by operation as the model has it, or run as whole graphs. Who calls owns what comes back. */
export interface CaptionSteps extends Pick<TextSteps, 'gathers'> {
  /** What is kept of photos, a row each. @param vectors [photos, extra + N, size] */
  look(vectors: tf.Tensor3D): RowTensors;
  /** The past of rows to which nothing was fed. */
  begin(rows: number): RowTensors;
  /** @param parts see `CaptionStep` */
  step(inputs: TextInputs, parts: Float32Array): CaptionStepOutputs;
}

/** What is otherwise than usual with a decoder. */
export interface CaptionDecoding {
  /** Every token looks at all vectors alike instead of where it would. */
  everywhereAlike?: boolean | undefined;
  steps?: CaptionSteps | undefined;
}

/** The weights of every layer and head, an entry a layer, [photos, heads, tokens, locations]. */
export interface CaptionMaps {
  /** The photo's vectors at themselves: the class's first. */
  encoder: tf.Tensor4D[];
  /** Tokens at those before them; the first is the start token. */
  decoder: tf.Tensor4D[];
  /** Tokens at the photo's vectors: where the model looked when it predicted the next one. */
  cross: tf.Tensor4D[];
}

/**
 * A Vision Transformer that looks at a photo, and a Transformer that writes about what it sees:
 *
 *     x_0 = E w + P_t                                        E the word vectors, P learned positions
 *     x ← masked self-attention, attention to the photo's vectors, feed-forward network, each in its frame
 *     p(w) = softmax(f(x) Eᵀ + b)
 *
 * BLIP (Li et al. 2022, arXiv 2201.12086) writes as BERT does, VisionEncoderDecoder (ViT with GPT-2) as GPT-2 does; the
 * configuration says how they differ. Where a token looked is the mean over layers and heads of its weights on the patches,
 * without what the class's vector got, as parts that sum to 1.
 *
 * Weights: those of `VisionTransformer`; `words.table`, `positions.table`, `words.norm` (post), `decoder.I` (see
 * `DecoderLayer`), `decoder.norm` (pre), `transform` with `transform.norm`, `output.bias`.
 */
export class VisionCaptioner {
  readonly config: VisionCaptionerConfig;
  readonly vision: VisionTransformer;
  readonly #words: Embedding;
  readonly #positions: tf.Variable;
  readonly #wordsNorm: LayerNorm | undefined;
  readonly #layers: DecoderLayer[];
  readonly #norm: LayerNorm | undefined;
  readonly #transform: { map: Linear; norm: LayerNorm } | undefined;
  readonly #output: SearchOutput;

  constructor(config: VisionCaptionerConfig, parameters: Parameters) {
    const { vision, vocabularySize, writer } = config;
    const { epsilon, layers, normalisation, outputBias, positions, size, transform } = writer;
    this.config = config;
    this.vision = new VisionTransformer(vision, parameters);
    this.#words = new Embedding(parameters, 'words', vocabularySize, size);
    this.#positions = parameters.get('positions.table', [positions, size]);
    if (normalisation === 'post') this.#wordsNorm = new LayerNorm(parameters, 'words.norm', size, epsilon);
    const shape = { ...writer, attentionBias: true, memorySize: vision.size };
    this.#layers = Array.from({ length: layers }, (_, i) => new DecoderLayer(parameters, `decoder.${i}`, shape));
    if (normalisation === 'pre') this.#norm = new LayerNorm(parameters, 'decoder.norm', size, epsilon);
    if (transform) {
      this.#transform = {
        map: new Linear(parameters, 'transform', size, size),
        norm: new LayerNorm(parameters, 'transform.norm', size, epsilon),
      };
    }
    const bias = outputBias ? (parameters.get('output.bias', [vocabularySize]) as unknown as tf.Tensor1D) : undefined;
    this.#output = new SearchOutput(parameters, this.#words.table, bias);
  }

  /**
   * The decoder of some photos, for any search.
   * @param grid from `vision.encode`; the caller keeps it alive while it searches. From `vision.encodeWithOrigins`: where a
   *   token looked is carried back through the Vision Transformer, from the vectors to the patches that they come from
   * @param how.steps that compute: the model's own, operation by operation, where none are given
   * @throws RangeError where there is no such layer or head
   */
  decoder(
    grid: tf.Tensor3D,
    looks: Looks = {},
    { everywhereAlike = false, steps = this.steps }: CaptionDecoding = {},
  ): Decoder<TextState> {
    const { heads, layers } = this.config.writer;
    assertBelow('layer', looks.layer, layers);
    assertBelow('head', looks.head, heads);
    const parts = partsOf(looks, layers, heads);
    const start = (): TextStart => ({
      memory: this.#start(grid, everywhereAlike, steps),
      past: steps.begin(grid.shape[0]),
    });
    return new RowDecoder(this.config, grid.shape[0], start, {
      gathers: steps.gathers,
      shares: true,
      step: ({ memory: { origins, ...memory }, position, ...inputs }) => {
        this.#assertPlace(position, 1);
        const { onVectors, ...step } = steps.step({ ...inputs, memory, position }, parts);
        try {
          if (!origins) return step;
          step.weights.dispose();
          return { ...step, weights: tf.tidy(() => this.#onPatches(carriedBack(onVectors, origins as tf.Tensor3D))) };
        } finally {
          onVectors.dispose();
        }
      },
    });
  }

  /** The model's own steps, operation by operation. */
  get steps(): CaptionSteps {
    return {
      gathers: false,
      look: (vectors) => this.memory(vectors),
      begin: () => ({}),
      step: ({ memory, past, position, tokens }, parts) =>
        tf.tidy(() => {
          const { heads, layers } = this.config.writer;
          const place = tf.tensor1d([position], 'int32');
          return this.step({
            tokens: tf.tensor1d(tokens, 'int32'),
            place,
            memory,
            past,
            parts: tf.tensor2d(parts, [layers, heads]),
          });
        }),
    };
  }

  /** A step as a function of tensors alone, which can be recorded. */
  step({ memory, parts, past, place, tokens }: CaptionStep): CaptionStepOutputs {
    return tf.tidy(() => {
      const sight = { memory: unflatten(memory), past: unflatten(past) };
      const { layers, x } = this.#write(
        tokens,
        tokens.shape[0],
        tf.gather(this.#positions as tf.Tensor2D, place),
        sight,
      );
      const onVectors = looked(layers, parts);
      return {
        logProbabilities: this.#output.logProbabilities(x),
        weights: this.#onPatches(onVectors),
        onVectors,
        past: flatten(layers.map((layer) => layer.past)),
      };
    });
  }

  /** Keys and values of the photos for each layer: `0/keys`, `0/values`, `1/keys` … @param vectors from `vision.encode` */
  memory(vectors: tf.Tensor3D): RowTensors {
    return tf.tidy(() => flatten(this.#memory(vectors)));
  }

  /**
   * Where every layer and head looks while these texts are written.
   * @param pixels as `VisionTransformer.encode` takes them
   * @param tokens one text of all photos, without the start token
   * @returns tensors of the caller
   */
  attentionMaps(pixels: tf.Tensor4D, tokens: readonly number[]): CaptionMaps {
    return tf.tidy(() => {
      const { vectors, weights } = this.vision.look(pixels);
      const photos = vectors.shape[0];
      const fed = Array.from({ length: photos }, () => [this.config.startToken, ...tokens]).flat();
      const length = tokens.length + 1;
      this.#assertPlace(0, length);
      const places = tf.slice(this.#positions as tf.Tensor2D, [0, 0], [length, -1]);
      const sight = { memory: this.#memory(vectors), past: [] };
      const { layers } = this.#write(tf.tensor1d(fed, 'int32'), photos, places, sight);
      return {
        encoder: weights,
        decoder: layers.map(({ selfWeights }) => selfWeights),
        cross: layers.map(({ sourceWeights }) => sourceWeights),
      };
    });
  }

  /** What is known of the photos before the first token: keys and values, and where the vectors come from. */
  #start(grid: tf.Tensor3D, everywhereAlike: boolean, steps: CaptionSteps): RowTensors {
    return tf.tidy(() => {
      const { size } = this.config.vision;
      const [, length, channels] = grid.shape;
      const memory = steps.look(channels === size ? grid : tf.slice(grid, [0, 0, 0], [-1, -1, size]));
      return {
        ...(everywhereAlike ? alike(memory) : memory),
        ...(channels > size && { origins: tf.slice(grid, [0, 0, size], [-1, -1, length]) }),
      };
    });
  }

  /** Keys and values of the photos for each layer. */
  #memory(vectors: tf.Tensor3D): HeadMemory[] {
    return tf.tidy(() => {
      const [photos, length, size] = vectors.shape;
      const flat = tf.reshape<tf.Rank.R2>(vectors, [photos * length, size]);
      return this.#layers.map((layer) => layer.sourceMemory(flat, photos));
    });
  }

  /** @throws RangeError where the model has no vector for a token's place */
  #assertPlace(position: number, length: number): void {
    const { positions } = this.config.writer;
    if (position + length > positions) {
      throw new RangeError(`The model has positions for ${positions} tokens; a text of more cannot be written.`);
    }
  }

  /** @param tokens of each row, row after row @param places vectors of their places, [length, size] */
  #write(
    tokens: tf.Tensor1D,
    rows: number,
    places: tf.Tensor2D,
    { memory, past }: { memory: readonly HeadMemory[]; past: readonly HeadMemory[] },
  ): { x: tf.Tensor2D; layers: DecoderLayerOutput[] } {
    const [length, size] = places.shape;
    const words = tf.reshape<tf.Rank.R3>(this.#words.lookUp(tokens), [rows, length, size]);
    let x = tf.reshape<tf.Rank.R2>(tf.add(words, places), [rows * length, size]);
    if (this.#wordsNorm) x = this.#wordsNorm.apply(x);
    const future = length > 1 ? causalBias(length) : undefined;
    const layers: DecoderLayerOutput[] = [];
    for (const [i, layer] of this.#layers.entries()) {
      const source = memory[i] as HeadMemory;
      const sight = { source, sources: source.keys.shape[0], padding: undefined, past: past[i], future };
      const output = layer.apply(x, rows, sight);
      x = output.x;
      layers.push(output);
    }
    if (this.#norm) x = this.#norm.apply(x);
    if (this.#transform) {
      const { map, norm } = this.#transform;
      x = norm.apply(activate(this.config.writer.activation, map.apply(x)));
    }
    return { x, layers };
  }

  /** @param weights [rows, extra + N] @returns [rows, cells of the grid]; rows sum to 1 */
  #onPatches(weights: tf.Tensor2D): tf.Tensor2D {
    const { extra, imageSize, margin = 0, patchSize } = this.config.vision;
    const patches = tf.slice(weights, [0, extra], [-1, -1]);
    const parts = tf.div<tf.Tensor2D>(patches, tf.maximum(tf.sum(patches, 1, true), 1e-12));
    if (margin === 0) return parts;
    const [across, around] = [imageSize / patchSize, margin / patchSize];
    const square = tf.reshape<tf.Rank.R3>(parts, [-1, across, across]);
    const padded = tf.pad(square, [
      [0, 0],
      [around, around],
      [around, around],
    ]);
    return tf.reshape(padded, [-1, (across + 2 * around) ** 2]);
  }
}

/** Keys and values of which no key is preferred: the scores of a query and keys of zero are all 0. */
function alike(memory: RowTensors): RowTensors {
  const entries = Object.entries(memory);
  return Object.fromEntries(entries.map(([name, x]) => [name, name.endsWith('/keys') ? tf.zerosLike(x) : x]));
}

/** How much of each layer and head is wanted, row by row; all together 1. */
function partsOf({ head, layer }: Looks, layers: number, heads: number): Float32Array {
  const parts = new Float32Array(layers * heads);
  const isMeant = (i: number): boolean =>
    (layer === undefined || layer === Math.floor(i / heads)) && (head === undefined || head === i % heads);
  const meant = parts.reduce((count, _, i) => count + Number(isMeant(i)), 0);
  return parts.map((_, i) => (isMeant(i) ? 1 / meant : 0));
}

/** The weights of all layers and heads by their parts, [layers, heads]. @returns [rows, locations] */
function looked(layers: readonly DecoderLayerOutput[], parts: tf.Tensor2D): tf.Tensor2D {
  const heads = parts.shape[1];
  const shares = tf.split(parts, layers.length, 0);
  const means = layers.map(({ sourceWeights }, i) => {
    const share = tf.reshape(shares[i] as tf.Tensor, [1, heads, 1, 1]);
    return tf.sum<tf.Tensor>(tf.mul(sourceWeights, share), 1);
  });
  const all = means.length === 1 ? (means[0] as tf.Tensor) : tf.addN(means);
  return tf.reshape(all, [-1, all.shape.at(-1) as number]);
}

/** Weights on vectors as weights on what these come from. @param looked [rows, L] @param origins [photos, L, L] */
function carriedBack(looked: tf.Tensor2D, origins: tf.Tensor3D): tf.Tensor2D {
  const [photos, length] = origins.shape;
  return tf.reshape(tf.matMul(tf.reshape(looked, [photos, -1, length]), origins), [-1, length]);
}
