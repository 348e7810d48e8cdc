import * as tf from '@tensorflow/tfjs-core';
import { Embedding } from '../layers/embedding.ts';
import { Linear } from '../layers/linear.ts';
import { logSoftmax } from '../layers/log-softmax.ts';
import { LstmCell } from '../layers/lstm.ts';
import type { Parameters } from '../parameters.ts';
import type { CaptionerInputs, CaptionerOutputs, CaptionerStart, CaptionerSteps } from './captioner-decoder.ts';

/** The shape of a captioner; stored in its checkpoint. */
export interface ShowAttendTellConfig {
  /** The cells of the encoder's grid. */
  grid: [rows: number, columns: number];
  /** Numbers of an annotation vector a_i. */
  featureSize: number;
  attentionSize: number;
  embeddingSize: number;
  hiddenSize: number;
  vocabularySize: number;
  startToken: number;
  endToken: number;
}

/**
 * Show, Attend and Tell (Xu et al. 2015, arXiv 1502.03044) as the widely used PyTorch tutorial has it:
 *
 *     h_0 = W_h ā, c_0 = W_c ā                          ā the mean of the a_i, without a tanh
 *     e_ti = v · ReLU(W_a a_i + W_d h_{t-1}), α_t = softmax(e_t)
 *     ẑ_t = σ(f_β(h_{t-1})) ⊙ Σ_i α_ti a_i              a gate for each number of the context
 *     h_t, c_t = LSTM([E y_{t-1}; ẑ_t], h_{t-1}, c_{t-1})
 *     p(y_t) = softmax(W_o h_t)
 *
 * The differences from `Captioner`: the score has a ReLU for its tanh, the gate is a vector, and the output sees h_t alone.
 *
 * Weights: `attention.annotation`, `attention.state`, `attention.score`, `words.table`, `lstm`, `start.h`, `start.c`,
 * `gate`, `output`.
 */
export class ShowAttendTell implements CaptionerSteps {
  readonly config: ShowAttendTellConfig;
  readonly #annotation: Linear;
  readonly #state: Linear;
  readonly #score: Linear;
  readonly #words: Embedding;
  readonly #lstm: LstmCell;
  readonly #h: Linear;
  readonly #c: Linear;
  readonly #gate: Linear;
  readonly #output: Linear;

  constructor(config: ShowAttendTellConfig, parameters: Parameters) {
    const { attentionSize, embeddingSize, featureSize, hiddenSize, vocabularySize } = config;
    this.config = config;
    this.#annotation = new Linear(parameters, 'attention.annotation', featureSize, attentionSize);
    this.#state = new Linear(parameters, 'attention.state', hiddenSize, attentionSize);
    this.#score = new Linear(parameters, 'attention.score', attentionSize, 1);
    this.#words = new Embedding(parameters, 'words', vocabularySize, embeddingSize);
    this.#lstm = new LstmCell(parameters, 'lstm', embeddingSize + featureSize, hiddenSize);
    this.#h = new Linear(parameters, 'start.h', featureSize, hiddenSize);
    this.#c = new Linear(parameters, 'start.c', featureSize, hiddenSize);
    this.#gate = new Linear(parameters, 'gate', hiddenSize, featureSize);
    this.#output = new Linear(parameters, 'output', hiddenSize, vocabularySize);
  }

  start(features: tf.Tensor3D): CaptionerStart {
    return tf.tidy(() => {
      const [photos, locations, size] = features.shape;
      const { attentionSize } = this.config;
      const mean = tf.mean<tf.Tensor2D>(features, 1);
      const keys = this.#annotation.apply(tf.reshape(features, [photos * locations, size]));
      return {
        h: this.#h.apply(mean),
        c: this.#c.apply(mean),
        annotations: tf.clone(features),
        keys: tf.reshape<tf.Rank.R3>(keys, [photos, locations, attentionSize]),
      };
    });
  }

  step({ annotations, keys, rows, tokens, ...before }: CaptionerInputs): CaptionerOutputs {
    return tf.tidy(() => {
      const { h, c } = rows ? { h: tf.gather(before.h, rows), c: tf.gather(before.c, rows) } : before;
      const [count, locations, size] = annotations.shape;
      const { attentionSize } = this.config;
      const query = tf.reshape(this.#state.apply(h), [count, 1, attentionSize]);
      const compared = tf.reshape<tf.Rank.R2>(tf.relu(tf.add(keys as tf.Tensor3D, query)), [
        count * locations,
        attentionSize,
      ]);
      const weights = tf.softmax(tf.reshape<tf.Rank.R2>(this.#score.apply(compared), [count, locations]));
      const looked = tf.matMul(tf.reshape(weights, [count, 1, locations]), annotations);
      const gated = tf.mul<tf.Tensor2D>(tf.sigmoid(this.#gate.apply(h)), tf.reshape<tf.Rank.R2>(looked, [count, size]));
      const state = this.#lstm.step(tf.concat<tf.Tensor2D>([this.#words.lookUp(tokens), gated], 1), { h, c });
      return { ...state, weights, logProbabilities: logSoftmax(this.#output.apply(state.h)) };
    });
  }
}
