import * as tf from '@tensorflow/tfjs-core';
import type { OutputLayer } from '../models/output-layer.ts';

/** Scores that are held at one time: 16 MiB, which processors keep near and allocators use again. */
const CHUNK = 2 ** 22;

export interface OutputCrossEntropyOptions {
  /** ε of label smoothing, on [0, 1) (default 0). */
  smoothing?: number;
  /** Whether the gradient will be asked for (default true); without it the loss costs a third. */
  gradient?: boolean;
  /** What the sum is multiplied with (default 1): a mean costs nothing here, and behind it a pass through all gradients. */
  scale?: number;
}

/**
 * The output layer and its cross entropy as one operation: Σ_tokens −Σ_k q_k log p_k, times a scale, with
 * p = softmax(x Eᵀ + b) and q = (1 − ε) at the target plus ε / K everywhere (Szegedy et al. 2016, section 7).
 *
 * Scores of every token for every word are by far the largest array of a text model. Here they exist for
 * some tokens at a time only: the loss is a plain sum, so each part's gradients are known as soon as its p
 * are, and nothing is kept. What label smoothing adds needs no array of that size at all:
 *
 *     loss = Σ log Σ_k exp s_k − (1 − ε) s_target − ε mean(s)       mean(s) = x · mean(E) + mean(b)
 *     dx = p E − (1 − ε) E_target − ε mean(E)
 *     dE = pᵀ x − (1 − ε) Σ_{tokens of the target} x − ε / K Σ_tokens x
 *     db = Σ p − (1 − ε) (tokens of the target) − ε / K (tokens)
 *
 * @param x [tokens, size]
 * @param targets [tokens]
 * @returns nats, the sum over all tokens times the scale
 */
export function outputCrossEntropy(
  x: tf.Tensor2D,
  layer: OutputLayer,
  targets: Int32Array,
  { smoothing = 0, gradient = true, scale = 1 }: OutputCrossEntropyOptions = {},
): tf.Scalar {
  const [tokens] = x.shape;
  if (tokens !== targets.length) throw new Error(`There are ${tokens} outputs for ${targets.length} targets.`);
  const op = tf.customGrad((...all) => {
    const save = all.pop() as unknown as tf.GradSaveFunc;
    const [given, table, bias] = all as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D | undefined];
    const { loss, gradients } = compute(given, { table, bias }, targets, { smoothing, gradient, scale });
    save(gradients);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      if (!gradient) throw new Error('This cross entropy was computed without its gradient.');
      // Nothing follows the loss as a rule, and what is there need not be written again.
      const isWhole = dy.dataSync()[0] === 1;
      return saved.map((found) => (isWhole ? tf.clone(found) : tf.mul(found, dy)));
    };
    return { value: loss, gradFunc };
  });
  return op(x, layer.table, ...(layer.bias ? [layer.bias] : []));
}

/** What grows from chunk to chunk; errors only where they are wanted. */
type Sums = {
  /** Σ log Σ_k exp s_k − (1 − ε) s_target, without what smoothing adds. */
  loss: tf.Scalar;
  /** p E − (1 − ε) E_target of the chunk, [tokens, size]. */
  input?: tf.Tensor2D;
  /** Σ pᵀ x, [vocabulary, size]. */
  table?: tf.Tensor2D;
  /** Σ p, [vocabulary]. */
  bias?: tf.Tensor1D;
};

/** @returns the loss and the gradients of x, E and, where there is one, b; none where they are not wanted */
function compute(
  x: tf.Tensor2D,
  { table, bias }: OutputLayer,
  targets: Int32Array,
  { smoothing, gradient, scale }: Required<OutputCrossEntropyOptions>,
): { loss: tf.Scalar; gradients: tf.Tensor[] } {
  const [tokens, size] = x.shape;
  const words = table.shape[0];
  const rows = Math.max(1, Math.floor(CHUNK / words));
  const scaled = <T extends tf.Tensor>(array: T): T => (scale === 1 ? array : tf.mul<T>(array, scale));
  let sums: Sums = { loss: tf.scalar(0) };
  const inputErrors: tf.Tensor2D[] = [];
  for (let from = 0; from < tokens; from += rows) {
    const count = Math.min(rows, tokens - from);
    const before = sums;
    const { input, ...now } = tf.tidy((): Sums => {
      const part = tf.slice2d(x, [from, 0], [count, size]);
      const own = tf.tensor1d(targets.slice(from, from + count), 'int32');
      const product = tf.matMul<tf.Tensor2D>(part, table, false, true);
      const scores = bias ? tf.add<tf.Tensor2D>(product, bias) : product;
      const p: tf.Tensor2D = tf.softmax(scores);
      // The likeliest word tells log Σ exp s without overflow: it is max s − log max p.
      const logSums = tf.sub(tf.max(scores, 1), tf.log(tf.max(p, 1)));
      const targetVectors = tf.gather(table, own);
      const products = tf.sum(tf.mul(part, targetVectors), 1);
      const targetScores = bias ? tf.add(products, tf.gather(bias, own)) : products;
      const losses = tf.sub(logSums, tf.mul(targetScores, 1 - smoothing));
      const loss = tf.add<tf.Scalar>(before.loss, tf.sum(losses));
      if (!gradient) return { loss };
      const plus = <T extends tf.Tensor>(sum: T | undefined, next: T): T => (sum ? tf.add<T>(sum, next) : next);
      return {
        loss,
        input: tf.sub<tf.Tensor2D>(tf.matMul<tf.Tensor2D>(p, table), tf.mul(targetVectors, 1 - smoothing)),
        // The scale goes to the narrow factor.
        table: plus(before.table, tf.matMul<tf.Tensor2D>(p, scaled(part), true)),
        ...(bias && { bias: plus(before.bias, tf.sum<tf.Tensor1D>(p, 0)) }),
      };
    });
    tf.dispose(before);
    sums = now;
    if (input) inputErrors.push(input);
  }

  const meanVector = tf.mul<tf.Tensor1D>(tf.mean(table, 0), smoothing);
  const sumOfInputs = tf.sum<tf.Tensor1D>(x, 0);
  let smoothed = tf.sum(tf.mul(sumOfInputs, meanVector));
  if (bias) smoothed = tf.add(smoothed, tf.mul(tf.mean(bias), smoothing * tokens));
  const loss = scaled(tf.sub<tf.Scalar>(sums.loss, smoothed));
  if (!gradient || !sums.table) return { loss, gradients: [] };

  const targetRows = tf.tensor1d(targets, 'int32');
  const byTarget = tf.unsortedSegmentSum(tf.mul(x, (1 - smoothing) * scale), targetRows, words);
  const tableError = tf.sub(tf.sub(sums.table, byTarget), tf.mul(sumOfInputs, (smoothing * scale) / words));
  const gradients: tf.Tensor[] = [scaled(tf.sub(tf.concat(inputErrors, 0), meanVector)), tableError];
  if (sums.bias) {
    const counts = new Float32Array(words).fill((smoothing * tokens) / words);
    for (const target of targets) counts[target] = (counts[target] as number) + 1 - smoothing;
    gradients.push(scaled(tf.sub(sums.bias, tf.tensor1d(counts))));
  }
  return { loss, gradients };
}
