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
import { assertBelow, flatten, lookedAt, unflatten, type Looks } from './looks.ts';
import { RowDecoder, type RowTensors, type TextOutputs, type TextStart, type TextState } from './text-decoder.ts';
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
   * @param looks what a step's `weights` are; default: the mean over all layers and heads
   * @param everywhereAlike every token looks at all vectors alike instead of where it would
   * @throws RangeError where there is no such layer or head
   */
  decoder(grid: tf.Tensor3D, looks: Looks = {}, everywhereAlike = false): Decoder<TextState> {
    assertBelow('layer', looks.layer, this.config.writer.layers);
    assertBelow('head', looks.head, this.config.writer.heads);
    const start = (): TextStart => ({ memory: this.#start(grid, everywhereAlike), past: {} });
    return new RowDecoder(this.config, grid.shape[0], start, {
      gathers: false,
      step: ({ memory: { origins, ...memory }, past, position, tokens }) =>
        tf.tidy(() => {
          const sight = { memory: unflatten(memory), past: unflatten(past) };
          const { layers, x } = this.#write(tokens, tokens.length, position, sight);
          const looked = lookedAt(layers, looks);
          return {
            logProbabilities: this.#output.logProbabilities(x),
            weights: this.#onPatches(origins ? carriedBack(looked, origins as tf.Tensor3D) : looked),
            past: flatten(layers.map((layer) => layer.past)),
          } satisfies TextOutputs;
        }),
    });
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
      const { layers } = this.#write(Int32Array.from(fed), photos, 0, { memory: this.#memory(vectors), past: [] });
      return {
        encoder: weights,
        decoder: layers.map(({ selfWeights }) => selfWeights),
        cross: layers.map(({ sourceWeights }) => sourceWeights),
      };
    });
  }

  /** What is known of the photos before the first token: keys and values, and where the vectors come from. */
  #start(grid: tf.Tensor3D, everywhereAlike: boolean): RowTensors {
    return tf.tidy(() => {
      const { size } = this.config.vision;
      const [, length, channels] = grid.shape;
      const memory = this.#memory(channels === size ? grid : tf.slice(grid, [0, 0, 0], [-1, -1, size]));
      return {
        // The scores of a query and keys of zero are all 0.
        ...flatten(everywhereAlike ? memory.map(({ keys, values }) => ({ keys: tf.zerosLike(keys), values })) : memory),
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

  /** @param tokens of each row, row after row; the first of a row is the `position`-th of its text */
  #write(
    tokens: Int32Array,
    rows: number,
    position: number,
    { memory, past }: { memory: readonly HeadMemory[]; past: readonly HeadMemory[] },
  ): { x: tf.Tensor2D; layers: DecoderLayerOutput[] } {
    const { positions, size } = this.config.writer;
    const length = tokens.length / rows;
    if (position + length > positions) {
      throw new RangeError(`The model has positions for ${positions} tokens; a text of more cannot be written.`);
    }
    const places = tf.slice(this.#positions, [position, 0], [length, size]);
    const words = tf.reshape<tf.Rank.R3>(this.#words.lookUp(tokens), [rows, length, size]);
    let x = tf.reshape<tf.Rank.R2>(tf.add(words, places), [rows * length, size]);
    if (this.#wordsNorm) x = this.#wordsNorm.apply(x);
    const future = length > 1 ? causalBias(length) : undefined;
    const layers: DecoderLayerOutput[] = [];
    for (const [i, layer] of this.#layers.entries()) {
      const sight = { source: memory[i] as HeadMemory, padding: undefined, past: past[i], future };
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

  /** @param weights [rows, extra + N] @returns [rows, N]; rows sum to 1 */
  #onPatches(weights: tf.Tensor2D): tf.Tensor2D {
    const { extra } = this.config.vision;
    const patches = tf.slice(weights, [0, extra], [-1, -1]);
    return tf.div(patches, tf.maximum(tf.sum(patches, 1, true), 1e-12));
  }
}

/** Weights on vectors as weights on what these come from. @param looked [rows, L] @param origins [rows, L, L] */
function carriedBack(looked: tf.Tensor2D, origins: tf.Tensor3D): tf.Tensor2D {
  const [rows, length] = looked.shape;
  return tf.reshape(tf.matMul(tf.reshape(looked, [rows, 1, length]), origins), [rows, length]);
}
