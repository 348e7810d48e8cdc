import type { ConvS2SConfig } from '../../src/engine/models/conv-s2s.ts';
import type { Seq2SeqConfig } from '../../src/engine/models/seq2seq.ts';
import type { TransformerConfig } from '../../src/engine/models/transformer.ts';

const text = { sourceVocabularySize: 13, targetVocabularySize: 11, startToken: 1, endToken: 2 };

export const SMALL_TRANSFORMER: TransformerConfig = {
  ...text,
  embeddings: 'target',
  size: 8,
  heads: 2,
  feedForwardSize: 12,
  normalisation: 'pre',
  encoderLayers: 2,
  decoderLayers: 3,
};

/** Annotations and decoder states are of one size, as the dot scores need them; all other sizes differ. */
export const SMALL_SEQ2SEQ: Seq2SeqConfig = {
  ...text,
  embeddings: 'target',
  cell: 'gru',
  encoder: 'bidirectional',
  embeddingSize: 5,
  encoderSize: 3,
  hiddenSize: 6,
  attention: 'additive',
  attentionSize: 4,
  decoder: 'luong',
  inputFeeding: false,
  initialState: 'final',
};

export const SMALL_CONV_S2S: ConvS2SConfig = {
  ...text,
  embeddings: 'target',
  size: 6,
  width: 3,
  encoderLayers: 2,
  decoderLayers: 3,
};
