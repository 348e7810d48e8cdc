import * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../batches/padded-tokens.ts';
import type { Seq2Seq } from '../models/seq2seq.ts';
import { likeliestOf } from './likeliest.ts';
import { changing, recurrentLook } from './recurrent-look.ts';
import { numbersOf, Recording } from './recording.ts';
import type { ScoreChange, StepTrace } from './step-trace.ts';

/**
 * How a recurrent translator comes to the token after some tokens, with every number on the way.
 *
 * @param source tokens of the sentence, as the encoder reads them
 * @param written tokens of the translation before
 * @param options see `traceCaptioner`
 * @param change of the scores of this step; of a summary, which is made once, those of all steps
 * @throws RangeError where a change does not fit
 */
export function traceSeq2Seq(
  model: Seq2Seq,
  source: readonly number[],
  written: readonly number[],
  options: { count: number; never?: readonly number[] },
  change: ScoreChange = {},
): StepTrace {
  let trace!: StepTrace;
  // Not handed through the tidy, which would look for tensors number by number.
  tf.tidy(() => {
    const scores: Float32Array[] = [];
    const record = new Recording(changing(change, (own) => scores.push(own)));
    const fed = [model.config.startToken, ...written];
    const start = model.start(padTokens([source]), record.probe);
    const { memory } = start;
    let { past } = start;
    let logProbabilities: tf.Tensor2D | undefined;
    for (const [t, token] of fed.entries()) {
      const inputs = { tokens: tf.tensor1d([token], 'int32'), memory, past };
      const step = model.step(inputs, t === fed.length - 1 ? record.probe : undefined);
      ({ past, logProbabilities } = step);
    }
    const { score } = model;
    const output = record.numbers('output');
    const [own] = scores;
    trace = {
      look:
        score && own
          ? recurrentLook(score, record, own, { keys: record.vectors('keys'), values: record.vectors('values') })
          : null,
      word: record.numbers('word'),
      state: record.numbers('state'),
      output,
      ...likeliestOf(output, model.outputLayer, numbersOf(logProbabilities as tf.Tensor), options.count, options.never),
    };
  });
  return trace;
}
