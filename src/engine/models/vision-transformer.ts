import * as tf from '@tensorflow/tfjs-core';
import type { Encoder } from '../encoder/encoder.ts';
import { assertPixels } from '../encoder/encoder.ts';
import type { ActivationName } from '../layers/activation.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import type { Parameters } from '../parameters.ts';
import { EncoderLayer } from './transformer-layers.ts';

/** The shape of a Vision Transformer. */
export interface VisionConfig {
  /** Width and height of what is looked at. */
  imageSize: number;
  /** Of photos so many pixels are cut off on each side before they are looked at; a multiple of the patch's size (default 0). */
  margin?: number;
  /** Width and height of a patch; divides the image's. */
  patchSize: number;
  size: number;
  heads: number;
  feedForwardSize: number;
  layers: number;
  activation: ActivationName;
  epsilon: number;
  /** Vectors before those of the patches: the class's, and in DeiT the teacher's. */
  extra: number;
  /** The network sees (pixel / 255 - mean) / deviation, channel by channel. */
  mean: number[];
  deviation: number[];
}

/**
 * The Vision Transformer (Dosovitskiy et al. 2021, arXiv 2010.11929):
 *
 *     z_0 = [x_class; x_1 E; …; x_N E] + E_pos                           (eq. 1; x_i the patches of the photo)
 *     z'_l = MSA(LN(z_{l-1})) + z_{l-1}, z_l = MLP(LN(z'_l)) + z'_l      (eq. 2, 3)
 *     y = LN(z_L)                                                        (eq. 4, of all vectors)
 *
 * With a second vector beside the class's it is DeiT's (Touvron et al. 2021, arXiv 2012.12877).
 *
 * Weights: `vision.patches` (linear), `vision.extra` [extra, size], `vision.positions` [extra + N, size], `vision.I` (see
 * `EncoderLayer`), `vision.norm`.
 */
export class VisionTransformer implements Encoder {
  readonly name = 'vision-transformer';
  readonly inputSize: number;
  /** The patches, and around them those that the margin would have. */
  readonly grid: readonly [rows: number, columns: number];
  readonly channels: number;
  /** How many vectors a photo has. */
  readonly length: number;
  readonly #config: VisionConfig;
  readonly #patches: Linear;
  readonly #extra: tf.Variable;
  readonly #positions: tf.Variable;
  readonly #layers: EncoderLayer[];
  readonly #norm: LayerNorm;

  constructor(config: VisionConfig, parameters: Parameters) {
    const { epsilon, extra, imageSize, layers, margin = 0, patchSize, size } = config;
    const across = imageSize / patchSize;
    const around = (2 * margin) / patchSize;
    this.#config = config;
    this.inputSize = imageSize + 2 * margin;
    this.grid = [across + around, across + around];
    this.length = extra + across * across;
    this.channels = size;
    this.#patches = new Linear(parameters, 'vision.patches', patchSize * patchSize * 3, size);
    this.#extra = parameters.get('vision.extra', [extra, size]);
    this.#positions = parameters.get('vision.positions', [extra + across * across, size]);
    this.#layers = Array.from(
      { length: layers },
      (_, i) => new EncoderLayer(parameters, `vision.${i}`, { ...config, normalisation: 'pre', attentionBias: true }),
    );
    this.#norm = new LayerNorm(parameters, 'vision.norm', size, epsilon);
  }

  /** @returns the class's vector, then those of the patches row by row, [photos, extra + N, size] */
  encode(pixels: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => this.#run(pixels));
  }

  /**
   * What `encode` gives and, behind the numbers of each vector, how much of it comes from which of the vectors that went
   * in: attention rollout (Abnar and Zuidema 2020, arXiv 2005.00928),
   *
   *     R_l = (½ A_l + ½ I) R_{l-1}, R_0 = I      A_l the weights of a layer, the mean over its heads
   *
   * @returns [photos, extra + N, size + extra + N]; the last extra + N of a row sum to 1
   */
  encodeWithOrigins(pixels: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => {
      let rollout: tf.Tensor3D | undefined;
      const vectors = this.#run(pixels, (weights) => {
        const before = rollout;
        rollout = tf.tidy(() => {
          const [photos, , length] = weights.shape;
          const own = tf.mul(tf.add(tf.mean<tf.Tensor3D>(weights, 1), tf.eye(length)), 0.5);
          return before ? tf.matMul<tf.Tensor3D>(own, before) : tf.reshape(own, [photos, length, length]);
        });
        tf.dispose([weights, ...(before ? [before] : [])]);
      });
      return rollout ? tf.concat([vectors, rollout], 2) : vectors;
    });
  }

  /** With the weights of every layer, [photos, heads, extra + N, extra + N]; all are the caller's to dispose. */
  look(pixels: tf.Tensor4D): { vectors: tf.Tensor3D; weights: tf.Tensor4D[] } {
    return tf.tidy(() => {
      const weights: tf.Tensor4D[] = [];
      const vectors = this.#run(pixels, (own) => void weights.push(own));
      return { vectors, weights };
    });
  }

  /** The weights are the parameters', which go with them. */
  dispose(): void {
    // Nothing of its own.
  }

  /** To be called within a tidy. @param take is given the weights of each layer; without it they go at once: of all layers they are many */
  #run(pixels: tf.Tensor4D, take: (weights: tf.Tensor4D) => void = (weights) => weights.dispose()): tf.Tensor3D {
    assertPixels(pixels, this.inputSize);
    const { deviation, imageSize, margin = 0, mean, patchSize, size } = this.#config;
    const photos = pixels.shape[0];
    const rows = imageSize / patchSize;
    const columns = rows;
    const whole = tf.cast(pixels, 'float32');
    const inner = margin > 0 ? tf.slice(whole, [0, margin, margin, 0], [-1, imageSize, imageSize, -1]) : whole;
    const scale = tf.tensor1d(deviation.map((one) => 1 / (255 * one)));
    const shift = tf.tensor1d(mean.map((one, i) => one / (deviation[i] as number)));
    const seen = tf.sub(tf.mul(inner, scale), shift);
    // A row of pixels of all patches of a row of patches: [photos × rows, patch, columns, patch × 3].
    const strips = tf.reshape<tf.Rank.R4>(seen, [photos * rows, patchSize, columns, patchSize * 3]);
    const patches = tf.reshape<tf.Rank.R2>(tf.transpose(strips, [0, 2, 1, 3]), [
      photos * rows * columns,
      patchSize * patchSize * 3,
    ]);
    const words = tf.reshape<tf.Rank.R3>(this.#patches.apply(patches), [photos, rows * columns, size]);
    // Once for each photo; said so that it can be recorded, as the shape of what is there already.
    const none = tf.mul(tf.slice(words, [0, 0, 0], [-1, 1, -1]), 0);
    const first = tf.add<tf.Tensor3D>(none, this.#extra);
    const placed = tf.add(tf.concat([first, words], 1), this.#positions);
    const { length } = this;
    let x = tf.reshape<tf.Rank.R2>(placed, [photos * length, size]);
    for (const layer of this.#layers) {
      const output = layer.apply(x, photos, undefined);
      x = output.x;
      take(output.weights);
    }
    return tf.reshape<tf.Rank.R3>(this.#norm.apply(x), [photos, length, size]);
  }
}
