import type { ActivationName } from '../layers/activation.ts';
import type { VisionCaptionerConfig } from '../models/vision-captioner.ts';
import { MOST, type ConfigReader } from './config-reader.ts';
import type { ImageProcessor } from './image-processor.ts';

/** Activations by the names that configurations give them. */
export const ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  relu: 'relu',
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
};

/**
 * The Vision Transformer of a published captioner.
 *
 * @param vision its part of `config.json`
 * @param usual what a family takes where the configuration is silent, and how many vectors stand before those of the patches
 * @throws Error that names the field of a model that is otherwise
 */
export function readVision(
  vision: ConfigReader,
  { epsilon, extra, imageSize: usualSize }: { epsilon: number; extra: number; imageSize: number },
  { cropped, deviation, mean }: ImageProcessor,
): VisionCaptionerConfig['vision'] {
  const imageSize = vision.whole('image_size', 8, 2048, usualSize);
  const patchSize = vision.whole('patch_size', 1, 256, 16);
  if (imageSize % patchSize !== 0) throw new Error(`config.json: ${imageSize} pixels are no whole number of patches.`);
  // Of whole patches: so the margins are cells of the map, in which nothing is seen.
  const margin = cropped?.to === imageSize ? (cropped.from - cropped.to) / 2 : 0;
  return {
    ...(margin > 0 && margin % patchSize === 0 && { margin }),
    imageSize,
    patchSize,
    size: vision.whole('hidden_size', 1, MOST.size, 768),
    heads: vision.whole('num_attention_heads', 1, 1024, 12),
    layers: vision.whole('num_hidden_layers', 1, MOST.layers, 12),
    feedForwardSize: vision.whole('intermediate_size', 1, 4 * MOST.size, 3072),
    activation: vision.word('hidden_act', ACTIVATIONS, 'gelu'),
    epsilon: vision.number('layer_norm_eps', epsilon),
    extra,
    mean,
    deviation,
  };
}
