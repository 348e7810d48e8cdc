import type * as tf from '@tensorflow/tfjs-core';

/** What turns photos into annotation vectors a_i (Xu et al. 2015, section 3.1.1). */
export interface Encoder {
  /** Which network. */
  readonly name: string;
  /** Width and height of the photos that go in. */
  readonly inputSize: number;
  /** The cells of the grid, row by row. */
  readonly grid: readonly [rows: number, columns: number];
  /** The length of an annotation vector. */
  readonly channels: number;

  /**
   * @param pixels [batch, inputSize, inputSize, 3] in 0..255, int32 or float32; left to the caller
   * @returns [batch, rows * columns, channels]; the caller's to dispose
   */
  encode(pixels: tf.Tensor4D): tf.Tensor3D;

  dispose(): void;
}

/** @throws Error where the pixels are not photos of the encoder's size */
export function assertPixels(pixels: tf.Tensor4D, inputSize: number): void {
  const [, height, width, channels] = pixels.shape;
  if (pixels.rank !== 4 || height !== inputSize || width !== inputSize || channels !== 3) {
    throw new Error(
      `The encoder takes pixels of the shape [batch, ${inputSize}, ${inputSize}, 3], not [${pixels.shape.join(', ')}].`,
    );
  }
}
