import * as tf from '@tensorflow/tfjs-core';
import type { OutputLayer } from '../models/output-layer.ts';
import { numbersOf } from './recording.ts';
import type { NextToken, StepTrace } from './step-trace.ts';

/**
 * The likeliest next tokens, with the rows of the output layer that they come of.
 * @param output what the layer reads, [output size]
 * @param logProbabilities of every token
 * @param never tokens that are left out, since nothing may be made of them
 */
export function likeliestOf(
  output: Float32Array,
  { bias, table }: OutputLayer,
  logProbabilities: Float32Array,
  count: number,
  never: readonly number[] = [],
): Pick<StepTrace, 'likeliest' | 'logSum'> {
  const left = new Set(never);
  const order = Array.from(logProbabilities.keys())
    .filter((token) => !left.has(token))
    .sort((a, b) => (logProbabilities[b] as number) - (logProbabilities[a] as number))
    .slice(0, count);
  const likeliest = order.map((token): NextToken => {
    const vector = tf.tidy(() => numbersOf(tf.slice(table, [token, 0], [1, table.shape[1]])));
    const own = bias ? (tf.tidy(() => numbersOf(tf.slice(bias, [token], [1])))[0] as number) : 0;
    const logit = vector.reduce((sum, x, i) => sum + x * (output[i] as number), own);
    return { token, logit, probability: Math.exp(logProbabilities[token] as number), vector, bias: own };
  });
  const [first] = likeliest;
  return { likeliest, logSum: first ? first.logit - Math.log(first.probability) : 0 };
}
