import * as tf from '@tensorflow/tfjs-core';
import type { Decoder } from '../engine/decoding/decoder.ts';
import { EnsembleDecoder, mirroredLocations } from '../engine/decoding/ensemble.ts';
import type { Constraints } from '../engine/decoding/hypothesis.ts';
import type { CaptionerModel } from './captioner-model.ts';

/**
 * The grids of some photos and, for a second look, of their mirror images: each [photos, locations, channels].
 * @param images 8-bit RGB pixels of the encoder's size, one array a photo
 */
export function encodeImages(
  { encoder }: CaptionerModel,
  images: readonly Uint8Array[],
  secondLook: boolean,
): tf.Tensor3D[] {
  const size = encoder.inputSize;
  const numbers = new Float32Array(images.length * size * size * 3);
  images.forEach((pixels, i) => numbers.set(pixels, i * pixels.length));
  return tf.tidy(() => {
    const pixels = tf.tensor4d(numbers, [images.length, size, size, 3]);
    if (!secondLook) return [encoder.encode(pixels)];
    const both = encoder.encode(tf.concat([pixels, tf.reverse(pixels, 2)], 0));
    return tf.split(both, 2, 0);
  });
}

/** The decoder of photos from what `encodeImages` gave; the caller keeps the grids alive while it searches. */
export function decoderOf(model: CaptionerModel, grids: readonly tf.Tensor3D[]): Decoder<unknown> {
  const [grid, mirrored] = grids as [tf.Tensor3D, tf.Tensor3D?];
  const decoder = model.decoder(grid);
  if (!mirrored) return decoder;
  // What the mirrored look saw on the left lies on the right of the photo.
  const locations = mirroredLocations(...model.captioner.config.grid);
  return new EnsembleDecoder([{ decoder }, { decoder: model.decoder(mirrored), locations }]);
}

/** What every caption of a model obeys (see `DecodingDefaults`). @param prefix the forced beginning */
export function captionConstraints(
  { decoding, vocabulary }: Pick<CaptionerModel, 'decoding' | 'vocabulary'>,
  prefix: readonly number[],
): Constraints & { prefix: readonly number[] } {
  const { maxLength, neverLast, noRepeat, repeatable } = decoding;
  const ids = (words: readonly string[]): number[] =>
    words.filter((word) => vocabulary.has(word)).map((word) => vocabulary.id(word));
  return {
    maxLength,
    forbidden: [vocabulary.unknown, vocabulary.start],
    noRepeat,
    neverLast: ids(neverLast),
    ...(repeatable && { repeatable: ids(repeatable) }),
    prefix,
  };
}
