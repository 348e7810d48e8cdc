import * as tf from '@tensorflow/tfjs-core';
import { assertPixels, type Encoder } from '../engine/encoder/encoder.ts';
import { trace } from '../engine/graph/trace.ts';
import type { GraphRunner } from './whole-graph.ts';

/**
 * An encoder that is a function of tensors, recorded and run as a whole graph.
 * @param encoder stays in use, and the caller's
 * @param how.encode what is recorded, where it is not `encoder.encode`
 * @param how.halves see `TracedLoading`
 */
export async function loadTracedEncoder(
  encoder: Encoder,
  runner: GraphRunner,
  { encode = (pixels) => encoder.encode(pixels), halves }: { encode?: Encoder['encode']; halves?: number } = {},
): Promise<Encoder> {
  const { channels, grid, inputSize, name } = encoder;
  const pixels = { dataType: 'float32', shape: ['photos', inputSize, inputSize, 3] } as const;
  const traced = trace({ pixels }, ({ pixels }) => ({ vectors: encode(pixels as tf.Tensor4D) }));
  const graph = await runner.loadTraced(traced, 'encoder', { halves });
  return {
    name,
    inputSize,
    grid,
    channels,
    encode(pixels) {
      assertPixels(pixels, inputSize);
      return tf.tidy(() => graph.run({ pixels: tf.cast(pixels, 'float32') })['vectors'] as tf.Tensor3D);
    },
    dispose: () => graph.dispose(),
  };
}
