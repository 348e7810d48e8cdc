import * as tf from '@tensorflow/tfjs-core';
import { Captioner, type CaptionerConfig } from '../../src/engine/models/captioner.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { Random } from '../../src/engine/random.ts';

/** A captioner of a dozen words over a 2 × 3 grid, with drawn weights. */
export function smallCaptioner(
  attention: CaptionerConfig['attention'] = 'soft',
  seed = 1,
  hiddenSize = 7,
  query?: CaptionerConfig['query'],
): { captioner: Captioner; parameters: Parameters } {
  const parameters = new Parameters(new Random(seed).next);
  const captioner = new Captioner(
    {
      vocabularySize: 12,
      startToken: 0,
      endToken: 1,
      grid: [2, 3],
      featureSize: 5,
      annotationSize: 6,
      attention,
      ...(query && { query }),
      attentionSize: 4,
      hiddenSize,
      embeddingSize: 3,
    },
    parameters,
  );
  return { captioner, parameters };
}

/** Grids of some photos for `smallCaptioner`, [photos, 6, 5], the same for the same seed. */
export function smallFeatures(photos: number, seed = 2): tf.Tensor3D {
  const random = new Random(seed);
  return tf.tensor3d(
    Float32Array.from({ length: photos * 30 }, () => random.next()),
    [photos, 6, 5],
  );
}
