import * as tf from '@tensorflow/tfjs-core';
import type { Captioner } from '../models/captioner.ts';
import { likeliestOf } from './likeliest.ts';
import { changing, recurrentLook } from './recurrent-look.ts';
import { numbersOf, Recording, vectorsOf } from './recording.ts';
import type { ScoreChange, StepTrace } from './step-trace.ts';

/**
 * How a captioner comes to the word after some words, with every number on the way.
 *
 * @param features the encoder's grid of one photo, [1, locations, feature size]
 * @param words tokens of the words before
 * @param options.count how many of the likeliest words are wanted
 * @param options.never tokens that no caption has
 * @param change of the scores of this step; the steps before are as they were
 * @throws RangeError where a change does not fit
 */
export function traceCaptioner(
  captioner: Captioner,
  features: tf.Tensor3D,
  words: readonly number[],
  options: { count: number; never?: readonly number[] },
  change: ScoreChange = {},
): StepTrace {
  let trace!: StepTrace;
  // Not handed through the tidy, which would look for tensors number by number.
  tf.tidy(() => {
    const { annotations, keys, ...first } = captioner.start(features);
    const fed = [captioner.config.startToken, ...words];
    const scores: Float32Array[] = [];
    const record = new Recording(changing(change, (own) => scores.push(own)));
    let state = first;
    let logProbabilities: tf.Tensor2D | undefined;
    for (const [t, token] of fed.entries()) {
      const inputs = { ...state, annotations, ...(keys && { keys }), tokens: tf.tensor1d([token], 'int32') };
      const isLast = t === fed.length - 1;
      const step = captioner.step(inputs, isLast ? record.probe : undefined);
      state = { h: step.h, c: step.c };
      logProbabilities = step.logProbabilities;
    }
    const { score } = captioner;
    const output = record.numbers('output');
    const [own] = scores;
    trace = {
      look:
        score && keys && own
          ? recurrentLook(score, record, own, {
              keys: vectorsOf(numbersOf(keys), keys.shape[2]),
              values: vectorsOf(numbersOf(annotations), annotations.shape[2]),
            })
          : null,
      word: record.numbers('word'),
      ...(record.has('gate') && { gate: record.numbers('gate')[0], gated: record.numbers('gated') }),
      state: record.numbers('state'),
      output,
      ...likeliestOf(
        output,
        captioner.outputLayer,
        numbersOf(logProbabilities as tf.Tensor),
        options.count,
        options.never,
      ),
    };
  });
  return trace;
}
