import type * as tf from '@tensorflow/tfjs-core';
import type { Decoder } from '../decoding/decoder.ts';
import type { PaddedTokens } from '../batches/padded-tokens.ts';
import type { Random } from '../random.ts';
import type { PackedBatch } from '../batches/packed-batch.ts';
import type { OutputLayer } from './output-layer.ts';

/**
 * Which tables are one and the same (Press and Wolf 2017): `all`: that of source, target and output (one
 * joint vocabulary); `target`: those of target and output; `none`: each has its own.
 */
type EmbeddingSharing = 'all' | 'target' | 'none';

/** What every text model's configuration has. */
export interface TextModelConfig {
  /** Tokens that sources are made of. */
  sourceVocabularySize: number;
  /** Tokens that targets are made of, with the start and the end token. */
  targetVocabularySize: number;
  /** The token fed first. */
  startToken: number;
  endToken: number;
  embeddings: EmbeddingSharing;
}

/** What happens only in training. */
export interface TextTraining {
  random: Random;
  /** Dropout of the places that the model's paper names. */
  dropout: number;
  /** Transformer only: dropout of the attention weights (default 0). */
  attentionDropout?: number;
  /** Transformer only: dropout between the two feed-forward layers (default 0). */
  feedForwardDropout?: number;
}

/** What teacher forcing computes. */
export interface ForcedOutput {
  /** What the output layer turns into scores, in the packed order of the batch, [tokens, size]. */
  output: tf.Tensor2D;
}

/** What training and search need of a model from token sequences to token sequences. */
export interface TextModel<State = unknown> {
  readonly config: TextModelConfig;
  readonly outputLayer: OutputLayer;

  /**
   * Teacher forcing: what is said of every next token of every target, given the true tokens before it.
   * To be called inside a tidy, which frees what it made on its way.
   * @param target `photo` names the source of each row
   * @param training nothing: no dropout
   */
  teacherForced(source: PaddedTokens, target: PackedBatch, training?: TextTraining): ForcedOutput;

  /** The decoder of some sources, for any search. */
  decoder(source: PaddedTokens): Decoder<State>;
}
