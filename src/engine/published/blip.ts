import type { WeightArray } from '../checkpoint/checkpoint.ts';
import type { VisionCaptionerConfig } from '../models/vision-captioner.ts';
import { ConfigReader, MOST } from './config-reader.ts';
import type { ImageProcessor } from './image-processor.ts';
import { PublishedWeights } from './published-weights.ts';
import type { PublishedTensor } from './safetensors.ts';
import { ACTIVATIONS, readVision } from './vision-config.ts';

/**
 * BLIP's captioner (Li et al. 2022, arXiv 2201.12086): a Vision Transformer, and a text decoder that is BERT with a mask and
 * with attention to the photo's vectors between self-attention and feed-forward network (`VisionCaptioner`). A caption
 * begins with the token [DEC] and ends with [SEP]; what it shall begin with stands behind [DEC].
 *
 * @param config `config.json`
 * @throws Error that names the field of a model that is otherwise
 */
export function blipConfig(config: unknown, processor: ImageProcessor): VisionCaptionerConfig {
  const read = new ConfigReader(config, 'config.json');
  read.must('model_type', 'blip');
  const vision = read.part('vision_config');
  const text = read.part('text_config');
  const photo = readVision(vision, { epsilon: 1e-5, extra: 1, imageSize: 384 }, processor);
  text.must('encoder_hidden_size', photo.size);
  const vocabularySize = text.whole('vocab_size', 3, MOST.tokens, 30_524);
  return {
    vision: photo,
    writer: {
      size: text.whole('hidden_size', 1, MOST.size, 768),
      heads: text.whole('num_attention_heads', 1, 1024, 8),
      layers: text.whole('num_hidden_layers', 1, MOST.layers, 12),
      feedForwardSize: text.whole('intermediate_size', 1, 4 * MOST.size, 3072),
      activation: text.word('hidden_act', ACTIVATIONS, 'gelu'),
      epsilon: text.number('layer_norm_eps', 1e-12),
      normalisation: 'post',
      positions: text.whole('max_position_embeddings', 1, 100_000, 512),
      transform: true,
      outputBias: true,
    },
    vocabularySize,
    startToken: text.whole('bos_token_id', 0, vocabularySize - 1, 30_522),
    endToken: text.whole('sep_token_id', 0, vocabularySize - 1, 102),
  };
}

/**
 * The weights under the names of `VisionCaptioner`.
 * @throws Error that names a weight that is missing or of another shape
 */
export function blipWeights(
  tensors: ReadonlyMap<string, PublishedTensor>,
  { vision, vocabularySize, writer }: VisionCaptionerConfig,
): Map<string, WeightArray> {
  const published = new PublishedWeights(tensors);
  const patches = (vision.imageSize / vision.patchSize) ** 2;

  const see = 'vision_model';
  published.patches('vision.patches', `${see}.embeddings.patch_embedding`, vision.patchSize, vision.size);
  published.rows('vision.extra', [`${see}.embeddings.class_embedding`], vision.size);
  published.take('vision.positions', `${see}.embeddings.position_embedding`, [1 + patches, vision.size]);
  for (let i = 0; i < vision.layers; i++) {
    const [own, theirs] = [`vision.${i}`, `${see}.encoder.layers.${i}`];
    const parts = ['query', 'key', 'value'].map((part) => `${own}.attention.${part}`);
    published.linears(parts, `${theirs}.self_attn.qkv`, vision.size, vision.size, 'outputs');
    published.linear(`${own}.attention.output`, `${theirs}.self_attn.projection`, vision.size, vision.size);
    published.norm(`${own}.attention-norm`, `${theirs}.layer_norm1`, vision.size);
    published.linear(`${own}.feed-forward.inner`, `${theirs}.mlp.fc1`, vision.size, vision.feedForwardSize);
    published.linear(`${own}.feed-forward.outer`, `${theirs}.mlp.fc2`, vision.feedForwardSize, vision.size);
    published.norm(`${own}.feed-forward-norm`, `${theirs}.layer_norm2`, vision.size);
  }
  published.norm('vision.norm', `${see}.post_layernorm`, vision.size);

  const { size } = writer;
  const write = 'text_decoder.bert';
  published.take('words.table', `${write}.embeddings.word_embeddings.weight`, [vocabularySize, size]);
  published.take('positions.table', `${write}.embeddings.position_embeddings.weight`, [writer.positions, size]);
  published.norm('words.norm', `${write}.embeddings.LayerNorm`, size);
  for (let i = 0; i < writer.layers; i++) {
    const [own, theirs] = [`decoder.${i}`, `${write}.encoder.layer.${i}`];
    const attention = (ours: string, name: string, memorySize: number): void => {
      published.linear(`${own}.${ours}.query`, `${theirs}.${name}.self.query`, size, size);
      published.linear(`${own}.${ours}.key`, `${theirs}.${name}.self.key`, memorySize, size);
      published.linear(`${own}.${ours}.value`, `${theirs}.${name}.self.value`, memorySize, size);
      published.linear(`${own}.${ours}.output`, `${theirs}.${name}.output.dense`, size, size);
      published.norm(`${own}.${ours}-norm`, `${theirs}.${name}.output.LayerNorm`, size);
    };
    attention('attention', 'attention', size);
    attention('source-attention', 'crossattention', vision.size);
    published.linear(`${own}.feed-forward.inner`, `${theirs}.intermediate.dense`, size, writer.feedForwardSize);
    published.linear(`${own}.feed-forward.outer`, `${theirs}.output.dense`, writer.feedForwardSize, size);
    published.norm(`${own}.feed-forward-norm`, `${theirs}.output.LayerNorm`, size);
  }
  const head = 'text_decoder.cls.predictions';
  published.linear('transform', `${head}.transform.dense`, size, size);
  published.norm('transform.norm', `${head}.transform.LayerNorm`, size);
  published.take('output.bias', published.has(`${head}.bias`) ? `${head}.bias` : `${head}.decoder.bias`, [
    vocabularySize,
  ]);
  return published.weights;
}
