import * as tf from '@tensorflow/tfjs-core';
import type { Captioner, CaptionerTraining, TeacherForced } from '../models/captioner.ts';
import { crossEntropy, doublyStochasticPenalty } from './losses.ts';
import type { PackedBatch } from '../batches/packed-batch.ts';

/** What the loss is made of. */
export interface CaptionerLossOptions {
  training: CaptionerTraining;
  /** ε of label smoothing. */
  labelSmoothing: number;
  /** λ of the doubly stochastic penalty, a caption. */
  penalty: number;
  /** For each row, the factor of its tokens' cross entropy; 1 everywhere where it is left out. In self-critical training the advantage. */
  rowWeights?: ArrayLike<number>;
  /** Hard attention only. */
  reinforce?: Reinforce;
  /** Where some words should look. */
  look?: LookTargets & { weight: number };
}

/** Where a teacher says that some words of a batch are. */
export interface LookTargets {
  /** Their packed places, in rising order. */
  places: Int32Array;
  /** A distribution over the locations for each, [places, locations]. */
  maps: tf.Tensor2D;
}

/** The terms that hard attention adds (Xu et al. 2015, section 4.1). */
export interface Reinforce {
  /** λ_r, the weight of the reward. */
  rewardWeight: number;
  /** λ_e, the weight of the entropy of α. */
  entropyWeight: number;
  /** b: the moving average of log p(y | s, a) a token; the loss moves it by `b ← 0.9 b + 0.1 log p`. */
  baseline: { value: number };
}

/**
 * The training loss of a batch of captions, a token:
 * (Σ cross entropy + λ Σ_rows Σ_i (1 − Σ_t α_ti)²) / tokens (Xu et al. 2015, eq. 14), and for hard
 * attention the gradient of eq. 12; and the weighted mean of KL(target ‖ α) over the words that have a target.
 *
 * @param features the encoder's grid, [photos, locations, feature size]
 */
export function captionerLoss(
  captioner: Captioner,
  features: tf.Tensor3D,
  batch: PackedBatch,
  { look, training, labelSmoothing, penalty, rowWeights, reinforce }: CaptionerLossOptions,
): tf.Scalar {
  return tf.tidy(() => {
    const forced = captioner.teacherForced(features, batch, training);
    const losses = crossEntropy(forced.logits, batch.targets, labelSmoothing);
    const terms: tf.Tensor[] = [
      rowWeights
        ? tf.dot(losses, tf.tensor1d(Float32Array.from(batch.row, (row) => rowWeights[row] as number)))
        : tf.sum(losses),
    ];
    if (penalty > 0) terms.push(tf.mul(doublyStochasticPenalty(forced.weights), penalty));
    if (reinforce && forced.locations.length > 0) terms.push(reinforceLoss(forced, losses, batch, reinforce));
    const loss = tf.div<tf.Scalar>(tf.addN(terms), batch.targets.length);
    return look && look.weight > 0
      ? tf.add<tf.Scalar>(loss, tf.mul(lookLoss(forced.weights, look), look.weight))
      : loss;
  });
}

/**
 * The mean of KL(target ‖ α) = Σ_i t_i (log t_i − log α_i) over the words that have a target, nats.
 * @param weights α_t of each step (see `TeacherForced`)
 */
export function lookLoss(weights: readonly tf.Tensor2D[], { maps, places }: LookTargets): tf.Scalar {
  return tf.tidy(() => {
    const alpha = tf.gather(tf.concat([...weights], 0), tf.tensor1d(places, 'int32'));
    const log = (x: tf.Tensor): tf.Tensor => tf.log(tf.add(x, 1e-8));
    return tf.div<tf.Scalar>(tf.sum(tf.mul(maps, tf.sub(log(maps), log(alpha)))), places.length);
  });
}

/**
 * −Σ_t [λ_r (log p(y | s, a) − b) log p(s_t | a) + λ_e H(s_t)]: a loss whose gradient is that of eq. 12.
 * The reward of a caption is its log-probability a token; it is a constant to the gradient.
 */
function reinforceLoss(forced: TeacherForced, losses: tf.Tensor1D, batch: PackedBatch, settings: Reinforce): tf.Tensor {
  const { rewardWeight, entropyWeight, baseline } = settings;
  const rows = batch.source.length;
  const reward = new Float32Array(rows);
  const lengths = new Float32Array(rows);
  const values = losses.dataSync();
  for (const [place, row] of batch.row.entries()) {
    reward[row] = (reward[row] as number) - (values[place] as number);
    lengths[row] = (lengths[row] as number) + 1;
  }
  let mean = 0;
  for (let row = 0; row < rows; row++) {
    reward[row] = (reward[row] as number) / (lengths[row] as number);
    mean += (reward[row] as number) / rows;
  }
  const advantage = tf.tensor2d(
    reward.map((value) => value - baseline.value),
    [rows, 1],
  );
  baseline.value = 0.9 * baseline.value + 0.1 * mean;
  const terms = forced.weights.map((alpha, step) => {
    const logAlpha = tf.log(tf.add(alpha, 1e-8));
    const entropy = tf.neg(tf.sum(tf.mul(alpha, logAlpha)));
    // Rows that took the expectation have no sampled location: theirs is 0, and drops out here.
    const logChoice = tf.sum(tf.mul(logAlpha, forced.locations[step] as tf.Tensor2D), 1, true);
    const score = tf.sum(tf.mul(logChoice, tf.slice(advantage, [0, 0], [alpha.shape[0], 1])));
    return tf.add(tf.mul(score, rewardWeight), tf.mul(entropy, entropyWeight));
  });
  return tf.neg(tf.addN(terms));
}
