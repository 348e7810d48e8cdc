import * as tf from '@tensorflow/tfjs-core';
import type { TextModel, TextTraining } from '../models/text-model.ts';
import { padTokens, type PaddedTokens } from '../batches/padded-tokens.ts';
import { outputCrossEntropy } from './output-cross-entropy.ts';
import { packBatch, type PackedBatch } from '../batches/packed-batch.ts';

/** Sentence pairs for one update. */
export interface TextBatch {
  source: PaddedTokens;
  target: PackedBatch;
}

/**
 * A batch of sentence pairs. The longest target comes first, in the source as well, so that no model has to
 * put rows in order.
 * @param pairs tokens of the source, as the model shall read them (at least one), and of the target without
 *   start and end token
 */
export function textBatch(
  pairs: readonly { source: readonly number[]; target: readonly number[] }[],
  startToken: number,
  endToken: number,
): TextBatch {
  const sorted = [...pairs].sort((a, b) => b.target.length - a.target.length);
  return {
    source: padTokens(sorted.map(({ source }) => source)),
    target: packBatch(
      sorted.map(({ target }) => target),
      [...sorted.keys()],
      startToken,
      endToken,
    ),
  };
}

export interface TextLossOptions {
  /** Nothing: no dropout, and no gradient; for validation. */
  training?: TextTraining;
  /** ε (default 0). */
  labelSmoothing?: number;
}

/**
 * The mean cross entropy a target token, the end token counted, in nats. Padding has no share in it. Without
 * label smoothing its exponential is the perplexity.
 */
export function textLoss<State>(model: TextModel<State>, batch: TextBatch, options: TextLossOptions = {}): tf.Scalar {
  const { training, labelSmoothing = 0 } = options;
  return tf.tidy(() => {
    const { output } = model.teacherForced(batch.source, batch.target, training);
    const { targets } = batch.target;
    return outputCrossEntropy(output, model.outputLayer, targets, {
      smoothing: labelSmoothing,
      gradient: training !== undefined,
      scale: 1 / targets.length,
    });
  });
}
