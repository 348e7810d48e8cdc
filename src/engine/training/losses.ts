import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross entropy of every token with label smoothing (Szegedy et al. 2016, section 7):
 * −Σ_k q_k log p_k with q = (1 − ε) at the target plus ε / K everywhere.
 *
 * The gradient, (p − q), is written out and the logarithm is only taken of one number a token,
 * log p_k = x_k − log Σ exp x: arrays of the size of the logits are what costs time here.
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
    const p = tf.softmax(scores);
    (save as tf.GradSaveFunc)([p]);
    // The likeliest word tells log Σ exp x without overflow: it is max x − log max p.
    const logSum = tf.sub(tf.max(scores, 1), tf.log(tf.max(p, 1)));
    const places = tf.tensor1d(
      targets.map((target, token) => token * classes + target),
      'int32',
    );
    const target = tf.mul(tf.gather(tf.reshape(scores, [-1]), places), 1 - smoothing);
    const expected = smoothing === 0 ? target : tf.add(target, tf.mul(tf.mean(scores, 1), smoothing));
    return {
      value: tf.sub(logSum, expected),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => {
          const share = smoothing / classes;
          const q = tf.oneHot(tf.tensor1d(targets, 'int32'), classes, 1 - smoothing + share, share, 'float32');
          return tf.mul(tf.sub(saved[0] as tf.Tensor, q), tf.expandDims(dy, 1));
        }),
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
    const padded = weights.map((alpha) =>
      alpha.shape[0] === rows
        ? alpha
        : tf.pad2d(alpha, [
            [0, rows - alpha.shape[0]],
            [0, 0],
          ]),
    );
    return tf.sum(tf.square(tf.sub(tf.addN(padded), 1)));
  });
}
