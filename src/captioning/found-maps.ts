import type * as tf from '@tensorflow/tfjs-core';
import type { FoundMaps } from '../contract/constants/map-kinds.ts';
import { matteredMaps, type MatteredOptions } from './mattered.ts';
import { assertPosterior, posteriorMaps } from './posterior.ts';
import type { CaptionerModel } from './ready-captioner.ts';
import { encodeImages } from './search.ts';

/** @throws AttendError `bad-request` where maps of a kind cannot be had of a model */
export function assertHasMaps(model: CaptionerModel, kind: FoundMaps | undefined): void {
  if (kind === 'posterior') assertPosterior(model);
}

/**
 * Maps of the words of some captions of a photo, of one look at it: see `matteredMaps` and `posteriorMaps`.
 * @param photo 8-bit RGB of the encoder's size, and what the encoder made of it, [1, locations, channels], where that is known
 * @param captions the tokens of each
 * @returns [captions][words][cells], as parts of 1
 */
export async function foundMaps(
  kind: FoundMaps,
  model: CaptionerModel,
  { grid, pixels }: { pixels: Uint8Array; grid?: tf.Tensor3D | undefined },
  captions: readonly (readonly number[])[],
  options: MatteredOptions = {},
): Promise<number[][][]> {
  if (kind === 'mattered') return matteredMaps(model, pixels, captions, options);
  const [encoded] = grid ? [] : encodeImages(model, [pixels], false);
  try {
    return await posteriorMaps(model, grid ?? (encoded as tf.Tensor3D), captions, options.signal);
  } finally {
    encoded?.dispose();
  }
}
