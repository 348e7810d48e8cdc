import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross entropy of every token with label smoothing (Szegedy et al. 2016, section 7):
 * −Σ_k q_k log p_k with q = (1 − ε) at the target plus ε / K everywhere.
 *
 * The gradient, (p − q), is written out: it needs the softmax once, where tracing the logarithm, the
 * product and the sum would keep four arrays of the size of the logits.
 *
 * @param logits [tokens, K]
 * @param targets [tokens]
 * @param smoothing ε on [0, 1)
 * @returns nats, [tokens]
 */
export function crossEntropy(logits: tf.Tensor2D, targets: Int32Array, smoothing = 0): tf.Tensor1D {
  const classes = logits.shape[1];
  const op = tf.customGrad((x, save) => {
    const scores = x as tf.Tensor2D;
    const logProbabilities = tf.logSoftmax(scores) as tf.Tensor2D;
    const oneHot = tf.oneHot(tf.tensor1d(targets, 'int32'), classes) as tf.Tensor2D;
    (save as tf.GradSaveFunc)([logProbabilities, oneHot]);
    const likelihood = tf.mul(tf.sum(tf.mul(logProbabilities, oneHot), 1), 1 - smoothing);
    const value = smoothing === 0 ? likelihood : tf.add(likelihood, tf.mul(tf.mean(logProbabilities, 1), smoothing));
    return {
      value: tf.neg(value),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logP, hot] = saved as [tf.Tensor2D, tf.Tensor2D];
        const difference = tf.sub(tf.exp(logP), tf.mul(hot, 1 - smoothing));
        return tf.mul(smoothing === 0 ? difference : tf.sub(difference, smoothing / classes), tf.expandDims(dy, 1));
      },
    };
  });
  return op(logits) as tf.Tensor1D;
}

/**
 * The doubly stochastic penalty of Xu et al. 2015 (eq. 14): Σ_i (1 − Σ_t α_ti)², summed over rows; it
 * asks the model to look at every location at some time.
 *
 * @param weights α_t of each step, [active rows, locations], rows never rising (see `PackedBatch`)
 */
export function doublyStochasticPenalty(weights: readonly tf.Tensor2D[]): tf.Scalar {
  return tf.tidy(() => {
    const first = weights[0];
    if (!first) return tf.scalar(0);
    const rows = first.shape[0];
    const padded = weights.map((alpha) => (alpha.shape[0] === rows ? alpha : tf.pad2d(alpha, [[0, rows - alpha.shape[0]], [0, 0]])));
    return tf.sum(tf.square(tf.sub(tf.addN(padded), 1)));
  });
}
