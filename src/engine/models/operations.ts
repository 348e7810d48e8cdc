import type { ConvS2SConfig } from './conv-s2s.ts';
import type { Seq2SeqConfig } from './seq2seq.ts';
import type { TransformerConfig } from './transformer.ts';

/**
 * What one translation costs, in multiply-adds: the products of numbers that are summed in matrix products. A look into
 * a table, a bias, a softmax or a tanh are not counted; they grow no faster than the products around them.
 */
export interface Operations {
  /** Attention from the target to the source: keys, values, queries, scores, weighted sums and the maps around them. */
  sourceAttention: number;
  /** Attention of the source to itself and of the target to its past; a Transformer's only. */
  selfAttention: number;
  /** Everything: with the recurrences or feed-forward networks, the read-out and the scores of all tokens. */
  total: number;
}

/**
 * Counts the multiply-adds of one translation: one sentence, one hypothesis, token by token with all that is kept from
 * step to step (keys and values of the source and of the past), as `decoder` computes it.
 *
 * With m and t tokens, the attention to the source is
 *
 * - none at all without attention: the model is O(m + t);
 * - O(m) for the summary without a query, which is made once: the model is O(m + t) as well;
 * - O(m + t) for what is mapped once a token, and O(m t) for the scores and the weighted sums, with every other score:
 *   each of t queries meets each of m keys.
 *
 * A Transformer's self-attention adds O(m²) of the source, and O(t²) of the target; a ConvS2S has none, but looks at the
 * source in every layer.
 *
 * @param m tokens that the encoder reads, with tag and end token; at least 1
 * @param t steps of the decoder: the tokens of the target and its end token
 */
export function countOperations(
  config: Seq2SeqConfig | TransformerConfig | ConvS2SConfig,
  m: number,
  t: number,
): Operations {
  if ('width' in config) return ofConvS2S(config, m, t);
  return 'heads' in config ? ofTransformer(config, m, t) : ofSeq2Seq(config, m, t);
}

function ofSeq2Seq(config: Seq2SeqConfig, m: number, t: number): Operations {
  const { attention, attentionSize, decoder, embeddingSize, encoderSize, hiddenSize, targetVocabularySize } = config;
  const directions = config.encoder === 'bidirectional' ? 2 : 1;
  const annotationSize = directions * encoderSize;
  const valueSize = attention === 'none' ? 0 : attention === 'key-query-value' ? attentionSize : annotationSize;
  const gates = { lstm: 4, gru: 3, plain: 1 }[config.cell];
  const initialParts = config.cell === 'lstm' && config.initialState === 'final' ? 2 : 1;
  const isBahdanau = decoder === 'bahdanau';

  const encoder = m * directions * gates * encoderSize * (embeddingSize + encoderSize);
  const initial = initialParts * annotationSize * hiddenSize;
  const restSize = isBahdanau ? valueSize : config.inputFeeding ? embeddingSize : 0;
  const cell = t * gates * hiddenSize * (embeddingSize + restSize + hiddenSize);
  const readOutInput = hiddenSize + valueSize + (isBahdanau ? embeddingSize : 0);
  const readOut = t * readOutInput * (isBahdanau ? 2 : 1) * embeddingSize;
  const output = t * embeddingSize * targetVocabularySize;

  const { perLocation, perStep, perPair } = scoreOperations(config, annotationSize);
  const values = attention === 'key-query-value' ? m * annotationSize * attentionSize : 0;
  const weightedSums = (attention === 'summary' ? 1 : t) * m * valueSize;
  const sourceAttention = m * perLocation + t * perStep + m * t * perPair + values + weightedSums;
  return {
    sourceAttention,
    selfAttention: 0,
    total: encoder + initial + sourceAttention + cell + readOut + output,
  };
}

/** What a score costs: for its keys, a source token; for a query, a step; for each key that a query meets. */
function scoreOperations(
  { attention, attentionSize, hiddenSize }: Seq2SeqConfig,
  annotationSize: number,
): { perLocation: number; perStep: number; perPair: number } {
  switch (attention) {
    case 'none':
      return { perLocation: 0, perStep: 0, perPair: 0 };
    case 'summary':
      return { perLocation: annotationSize * attentionSize + attentionSize, perStep: 0, perPair: 0 };
    case 'dot':
    case 'scaled-dot':
      return { perLocation: 0, perStep: 0, perPair: hiddenSize };
    case 'general':
      return { perLocation: annotationSize * hiddenSize, perStep: 0, perPair: hiddenSize };
    case 'additive':
    case 'concat':
    case 'key-query':
    case 'key-query-value':
      return {
        perLocation: annotationSize * attentionSize,
        perStep: hiddenSize * attentionSize,
        perPair: attentionSize,
      };
  }
}

function ofTransformer(config: TransformerConfig, m: number, t: number): Operations {
  const { size, feedForwardSize, encoderLayers, decoderLayers, targetVocabularySize } = config;
  const map = size * size;
  const feedForward = 2 * size * feedForwardSize;
  // Scores and weighted sums of all heads together: as if there were one of the whole size.
  const pair = 2 * size;
  // The first token sees itself, the last all t.
  const pastPairs = (t * (t + 1)) / 2;

  const sourceAttention = decoderLayers * (2 * m * map + t * 2 * map + m * t * pair);
  const selfAttention = encoderLayers * (4 * m * map + m * m * pair) + decoderLayers * (4 * t * map + pastPairs * pair);
  const rest = (m * encoderLayers + t * decoderLayers) * feedForward + t * size * targetVocabularySize;
  return { sourceAttention, selfAttention, total: sourceAttention + selfAttention + rest };
}

function ofConvS2S(config: ConvS2SConfig, m: number, t: number): Operations {
  const { decoderLayers, encoderLayers, size, targetVocabularySize, width } = config;
  // Scores and weighted sums: each of t queries meets each of m places.
  const sourceAttention = decoderLayers * (t * size * size + m * t * 2 * size);
  const convolution = width * size * 2 * size;
  const convolutions = (m * encoderLayers + t * decoderLayers) * convolution;
  return { sourceAttention, selfAttention: 0, total: sourceAttention + convolutions + t * size * targetVocabularySize };
}
