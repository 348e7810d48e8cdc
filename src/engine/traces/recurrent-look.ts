import * as tf from '@tensorflow/tfjs-core';
import type { Score } from '../attention/score.ts';
import type { Probe } from '../probe.ts';
import { numbersOf, type Recording } from './recording.ts';
import { changedScores, type LookTrace, type ScoreChange } from './step-trace.ts';

/**
 * A probe's part that changes the scores of one row, and keeps what they were.
 * @param keep is told the model's own
 */
export function changing(change: ScoreChange, keep: (scores: Float32Array) => void): Probe {
  return (name, x) => {
    if (name !== 'energies') return x;
    const own = numbersOf(x);
    keep(own);
    return tf.tensor(changedScores(own, change), x.shape) as typeof x;
  };
}

/**
 * What `attend` handed over, as a look.
 * @param scores the model's own
 * @param keys and `values`: [locations][size]
 */
export function recurrentLook(
  score: Score,
  record: Recording,
  scores: Float32Array,
  { keys, values }: Pick<LookTrace, 'keys' | 'values'>,
): LookTrace {
  const asking = record.numbers('query');
  const query = tf.tidy(() => numbersOf(score.asks(tf.tensor2d(asking, [1, asking.length]))));
  return {
    form: score.form,
    asking,
    query,
    keys,
    ...(score.v && { v: numbersOf(score.v) }),
    values,
    scores,
    seen: record.numbers('energies'),
    weights: record.numbers('weights'),
    context: record.numbers('context'),
  };
}
