import type { WeightArray } from '../checkpoint/checkpoint.ts';
import type { ActivationName } from '../layers/activation.ts';
import type { TransformerConfig } from '../models/transformer.ts';
import { ConfigReader, MOST } from './config-reader.ts';
import { PublishedWeights } from './published-weights.ts';
import type { PublishedTensor } from './safetensors.ts';

const ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  relu: 'relu',
  swish: 'swish',
  silu: 'swish',
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
};

/** How a model's authors search, from `generation_config.json` or, of older models, `config.json`. */
export interface MarianSearch {
  beam: number;
  /** The most tokens with the start and the end token. */
  maxLength: number;
  lengthPenalty: number;
  /** Tokens that are never written. */
  bad: number[];
}

/**
 * MarianMT (Junczys-Dowmunt et al. 2018, arXiv 1804.00344), as OPUS-MT publishes it (Tiedemann and Thottingal 2020):
 * a Transformer as in its paper (see `Transformer`),
 *
 *     x_0 = √d E w + PE(p)                              E one table for source, target and output
 *     encoder: x ← LN(x + MultiHead(x, x)), x ← LN(x + FFN(x))
 *     decoder: x ← LN(x + MultiHead(x, x_≤)), x ← LN(x + MultiHead(x, encoder)), x ← LN(x + FFN(x))
 *     p(w) = softmax(x Eᵀ + b)
 *
 * but that
 *
 * - the sines of PE come before its cosines instead of beside them;
 * - the maps of attention have biases, and the scores of tokens have one, b (`final_logits_bias`);
 * - FFN has swish in the place of max(0, ·) in most models;
 * - a target begins with the padding token.
 *
 * @param config `config.json`
 * @throws Error that names the field of a model that is otherwise
 */
export function marianConfig(config: unknown): TransformerConfig {
  const read = new ConfigReader(config, 'config.json');
  for (const [name, wanted] of Object.entries(USUAL)) read.must(name, wanted);
  const size = read.whole('d_model', 2, MOST.size);
  const heads = read.whole('encoder_attention_heads', 1, 1024);
  read.must('decoder_attention_heads', heads);
  const feedForwardSize = read.whole('encoder_ffn_dim', 1, 4 * MOST.size);
  read.must('decoder_ffn_dim', feedForwardSize);
  if (size % heads !== 0) throw new Error(`config.json: a size of ${size} cannot be divided among ${heads} heads.`);
  const sourceVocabularySize = read.whole('vocab_size', 3, MOST.tokens);
  const targetVocabularySize = read.whole('decoder_vocab_size', 3, MOST.tokens, sourceVocabularySize);
  const isShared = read.flag('share_encoder_decoder_embeddings', true);
  const isTied = read.flag('tie_word_embeddings', true);
  return {
    size,
    heads,
    feedForwardSize,
    encoderLayers: read.whole('encoder_layers', 1, MOST.layers),
    decoderLayers: read.whole('decoder_layers', 1, MOST.layers),
    normalisation: 'post',
    attentionBias: true,
    activation: read.word('activation_function', ACTIVATIONS),
    positions: 'halves',
    outputBias: true,
    embeddingScale: read.flag('scale_embedding', false) ? Math.sqrt(size) : 1,
    sourceVocabularySize,
    targetVocabularySize,
    startToken: read.whole('decoder_start_token_id', 0, targetVocabularySize - 1),
    endToken: read.whole('eos_token_id', 0, targetVocabularySize - 1),
    embeddings: !isTied ? 'none' : isShared ? 'all' : 'target',
  };
}

/** What other models of the same code have otherwise, and Marian's are. */
const USUAL: Readonly<Record<string, unknown>> = {
  model_type: 'marian',
  normalize_before: false,
  normalize_embedding: false,
  add_final_layer_norm: false,
  add_bias_logits: false,
  static_position_embeddings: true,
};

/**
 * The weights under the names of `Transformer`.
 * @throws Error that names a weight that is missing or of another shape
 */
export function marianWeights(
  tensors: ReadonlyMap<string, PublishedTensor>,
  config: TransformerConfig,
): Map<string, WeightArray> {
  const published = new PublishedWeights(tensors);
  const { size, feedForwardSize, embeddings, sourceVocabularySize, targetVocabularySize } = config;

  const table = (own: string, candidates: readonly string[], tokens: number): void => {
    const theirs = candidates.find((name) => published.has(name)) ?? candidates[0]!;
    published.take(`${own}.table`, theirs, [tokens, size]);
  };
  const shared = ['model.shared.weight', 'model.encoder.embed_tokens.weight', 'lm_head.weight'];
  const target = ['model.decoder.embed_tokens.weight', 'lm_head.weight'];
  table(embeddings === 'all' ? 'words' : 'source', shared, sourceVocabularySize);
  if (embeddings !== 'all')
    table('target', embeddings === 'none' ? [...target.slice(0, 1), ...shared] : target, targetVocabularySize);
  if (embeddings === 'none') table('output', ['lm_head.weight'], targetVocabularySize);
  published.take('output.bias', 'final_logits_bias', [targetVocabularySize]);

  const attention = (own: string, theirs: string): void => {
    const parts = { query: 'q_proj', key: 'k_proj', value: 'v_proj', output: 'out_proj' };
    for (const [part, name] of Object.entries(parts))
      published.linear(`${own}.${part}`, `${theirs}.${name}`, size, size);
    published.norm(`${own}-norm`, `${theirs}_layer_norm`, size);
  };
  const layers = (side: 'encoder' | 'decoder', count: number): void => {
    for (let i = 0; i < count; i++) {
      const [own, theirs] = [`${side}.${i}`, `model.${side}.layers.${i}`];
      attention(`${own}.attention`, `${theirs}.self_attn`);
      if (side === 'decoder') attention(`${own}.source-attention`, `${theirs}.encoder_attn`);
      published.linear(`${own}.feed-forward.inner`, `${theirs}.fc1`, size, feedForwardSize);
      published.linear(`${own}.feed-forward.outer`, `${theirs}.fc2`, feedForwardSize, size);
      published.norm(`${own}.feed-forward-norm`, `${theirs}.final_layer_norm`, size);
    }
  };
  layers('encoder', config.encoderLayers);
  layers('decoder', config.decoderLayers);
  return published.weights;
}

/**
 * How the authors search.
 * @param generation `generation_config.json`; nothing of older models, whose `config.json` has the same fields
 */
export function marianSearch(config: unknown, generation: unknown): MarianSearch {
  const [read, where] =
    generation === undefined
      ? [new ConfigReader(config, 'config.json'), 'config.json']
      : [new ConfigReader(generation, 'generation_config.json'), 'generation_config.json'];
  const bad = read.get('bad_words_ids') ?? [];
  const isTokens = Array.isArray(bad) && bad.every((words) => Array.isArray(words) && words.every(Number.isInteger));
  if (!isTokens) throw new Error(`${where}'s bad_words_ids is no list of lists of tokens.`);
  return {
    beam: read.whole('num_beams', 1, 50, 4),
    maxLength: read.whole('max_length', 3, 100_000, 512),
    lengthPenalty: read.number('length_penalty', 1),
    // A word of several tokens cannot be forbidden by a token, and none of these models has one.
    bad: (bad as number[][]).filter(({ length }) => length === 1).map(([token]) => token as number),
  };
}
