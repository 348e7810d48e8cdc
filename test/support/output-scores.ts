import * as tf from '@tensorflow/tfjs-core';
import { tiedOutput } from '../../src/engine/layers/tied-output.ts';
import type { OutputLayer } from '../../src/engine/models/output-layer.ts';

/** Scores of every token, written out. @param x [rows, size] @returns [rows, vocabulary] */
export function outputScores({ table, bias }: OutputLayer, x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const scores = tiedOutput(x, table);
    return bias ? tf.add<tf.Tensor2D>(scores, bias) : scores;
  });
}
