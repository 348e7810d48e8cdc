import type { WeightArray } from '../checkpoint/checkpoint.ts';
import type { VisionCaptionerConfig } from '../models/vision-captioner.ts';
import { ConfigReader, MOST } from './config-reader.ts';
import type { ImageProcessor } from './image-processor.ts';
import { PublishedWeights } from './published-weights.ts';
import type { PublishedTensor } from './safetensors.ts';
import { ACTIVATIONS, readVision } from './vision-config.ts';

/** How many vectors stand before those of the patches. */
const EXTRA: Readonly<Record<string, number>> = { vit: 1, deit: 2 };

/**
 * VisionEncoderDecoder with GPT-2: a Vision Transformer or DeiT, and GPT-2 (Radford et al. 2019) with attention to the photo's
 * vectors between self-attention and feed-forward network, each with its normalisation before it (`VisionCaptioner`). A
 * caption begins and ends with GPT-2's one special token.
 *
 * @param config `config.json`
 * @throws Error that names the field of a model that is otherwise
 */
export function visionEncoderDecoderConfig(config: unknown, processor: ImageProcessor): VisionCaptionerConfig {
  const read = new ConfigReader(config, 'config.json');
  read.must('model_type', 'vision-encoder-decoder');
  const vision = read.part('encoder');
  const text = read.part('decoder');
  const extra = vision.word('model_type', EXTRA);
  text.must('model_type', 'gpt2');
  text.must('add_cross_attention', true);
  text.must('scale_attn_weights', true);
  text.must('scale_attn_by_inverse_layer_idx', false);
  vision.must('qkv_bias', true);
  vision.must('num_channels', 3);
  const photo = readVision(vision, { epsilon: 1e-12, extra, imageSize: 224 }, processor);
  const writerSize = text.whole('n_embd', 1, MOST.size, 768);
  if (writerSize !== photo.size) {
    throw new Error(
      `config.json: the photo's vectors have ${photo.size} numbers and GPT-2's ${writerSize}; both must have as many.`,
    );
  }
  const vocabularySize = text.whole('vocab_size', 3, MOST.tokens, 50_257);
  const endToken = text.whole('eos_token_id', 0, vocabularySize - 1, 50_256);
  const bos = text.whole('bos_token_id', 0, vocabularySize - 1, endToken);
  return {
    vision: photo,
    writer: {
      size: writerSize,
      heads: text.whole('n_head', 1, 1024, 12),
      layers: text.whole('n_layer', 1, MOST.layers, 12),
      feedForwardSize: text.whole('n_inner', 1, 4 * MOST.size, 4 * writerSize),
      activation: text.word('activation_function', ACTIVATIONS, 'gelu_new'),
      epsilon: text.number('layer_norm_epsilon', 1e-5),
      normalisation: 'pre',
      positions: text.whole('n_positions', 1, 100_000, 1024),
      transform: false,
      outputBias: false,
    },
    vocabularySize,
    startToken: read.whole('decoder_start_token_id', 0, vocabularySize - 1, bos),
    endToken,
  };
}

/**
 * The weights under the names of `VisionCaptioner`. (GPT-2 keeps its maps as [inputs, outputs].)
 * @throws Error that names a weight that is missing or of another shape
 */
export function visionEncoderDecoderWeights(
  tensors: ReadonlyMap<string, PublishedTensor>,
  { vision, vocabularySize, writer }: VisionCaptionerConfig,
): Map<string, WeightArray> {
  const published = new PublishedWeights(tensors);
  const patches = (vision.imageSize / vision.patchSize) ** 2;

  const see = 'encoder.embeddings';
  const tokens = ['cls_token', 'distillation_token'].slice(0, vision.extra);
  published.patches('vision.patches', `${see}.patch_embeddings.projection`, vision.patchSize, vision.size);
  published.rows(
    'vision.extra',
    tokens.map((token) => `${see}.${token}`),
    vision.size,
  );
  published.take('vision.positions', `${see}.position_embeddings`, [vision.extra + patches, vision.size]);
  for (let i = 0; i < vision.layers; i++) {
    const [own, theirs] = [`vision.${i}`, `encoder.encoder.layer.${i}`];
    for (const part of ['query', 'key', 'value']) {
      published.linear(`${own}.attention.${part}`, `${theirs}.attention.attention.${part}`, vision.size, vision.size);
    }
    published.linear(`${own}.attention.output`, `${theirs}.attention.output.dense`, vision.size, vision.size);
    published.norm(`${own}.attention-norm`, `${theirs}.layernorm_before`, vision.size);
    published.linear(`${own}.feed-forward.inner`, `${theirs}.intermediate.dense`, vision.size, vision.feedForwardSize);
    published.linear(`${own}.feed-forward.outer`, `${theirs}.output.dense`, vision.feedForwardSize, vision.size);
    published.norm(`${own}.feed-forward-norm`, `${theirs}.layernorm_after`, vision.size);
  }
  published.norm('vision.norm', 'encoder.layernorm', vision.size);

  const { feedForwardSize, size } = writer;
  const write = 'decoder.transformer';
  published.take('words.table', `${write}.wte.weight`, [vocabularySize, size]);
  published.take('positions.table', `${write}.wpe.weight`, [writer.positions, size]);
  for (let i = 0; i < writer.layers; i++) {
    const [own, theirs] = [`decoder.${i}`, `${write}.h.${i}`];
    const map = (ours: readonly string[], name: string, inputs: number, outputs: number): void =>
      published.linears(
        ours.map((one) => `${own}.${one}`),
        `${theirs}.${name}`,
        inputs,
        outputs,
        'inputs',
      );
    map(['attention.query', 'attention.key', 'attention.value'], 'attn.c_attn', size, size);
    map(['attention.output'], 'attn.c_proj', size, size);
    published.norm(`${own}.attention-norm`, `${theirs}.ln_1`, size);
    map(['source-attention.query'], 'crossattention.q_attn', size, size);
    map(['source-attention.key', 'source-attention.value'], 'crossattention.c_attn', size, size);
    map(['source-attention.output'], 'crossattention.c_proj', size, size);
    published.norm(`${own}.source-attention-norm`, `${theirs}.ln_cross_attn`, size);
    map(['feed-forward.inner'], 'mlp.c_fc', size, feedForwardSize);
    map(['feed-forward.outer'], 'mlp.c_proj', feedForwardSize, size);
    published.norm(`${own}.feed-forward-norm`, `${theirs}.ln_2`, size);
  }
  published.norm('decoder.norm', `${write}.ln_f`, size);
  return published.weights;
}
