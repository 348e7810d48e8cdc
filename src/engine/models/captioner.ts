import * as tf from '@tensorflow/tfjs-core';
import { AdditiveScore } from '../attention/additive.ts';
import { attend, weightedSum } from '../attention/attend.ts';
import type { Decoder } from '../decoding/decoder.ts';
import { dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import { Linear } from '../layers/linear.ts';
import { LstmCell, type LstmState } from '../layers/lstm.ts';
import { SearchOutput } from '../layers/tied-output.ts';
import { constant, type Parameters } from '../parameters.ts';
import type { Random } from '../random.ts';
import type { PackedBatch } from '../batches/packed-batch.ts';
import {
  CaptionerDecoder,
  type CaptionerInputs,
  type CaptionerOutputs,
  type CaptionerStart,
  type CaptionerState,
  type CaptionerSteps,
} from './captioner-decoder.ts';
import { unrollAttentionLstm, type UnrolledInputs } from './unrolled-attention-lstm.ts';

/** The shape of a captioner; stored in its checkpoint. */
export interface CaptionerConfig {
  /** Words, with the start, end and unknown tokens. */
  vocabularySize: number;
  startToken: number;
  endToken: number;
  /** Locations of the annotation grid: [rows, columns]. */
  grid: [number, number];
  /** Channels of the encoder's grid. */
  featureSize: number;
  /** Size of an annotation vector a_i after the projection. */
  annotationSize: number;
  /** `soft`: the expectation over locations; `hard`: one sampled location; `none`: the mean annotation at every step. */
  attention: 'soft' | 'hard' | 'none';
  attentionSize: number;
  hiddenSize: number;
  embeddingSize: number;
}

/** What happens only in training. */
export interface CaptionerTraining {
  random: Random;
  /** Dropout of the annotation vectors. */
  annotationDropout: number;
  /** Dropout of the word vectors and before the output layer. */
  dropout: number;
  /** Takes the slow way, step by step with traced gradients, where there is a faster one; for comparison. */
  stepByStep?: boolean;
}

/** Everything that teacher forcing computes, in the packed order of the batch (see `PackedBatch`). */
export interface TeacherForced {
  /** Scores of the next word, [tokens, vocabulary]. */
  logits: tf.Tensor2D;
  /** α_t of each step, [active rows, locations]; empty where there is no attention. */
  weights: tf.Tensor2D[];
  /** Hard attention: the sampled locations of each step, one hot, [active rows, locations]; 0 in a row that took the expectation. */
  locations: tf.Tensor2D[];
}

/** What the steps leave to the output layer and the loss. */
interface Recurrence extends Pick<TeacherForced, 'weights' | 'locations'> {
  /** h_t, [tokens, hidden size]. */
  hidden: tf.Tensor2D;
  /** The gated ẑ_t, [tokens, annotation size]. */
  contexts: tf.Tensor2D;
}

/**
 * Show, Attend and Tell (Xu et al. 2015, arXiv 1502.03044), from the encoder's grid on:
 *
 * - a_i = ReLU(W_p x_i + b_p), the annotation vectors of the L grid cells x_i;
 * - h_0, c_0 = tanh of two maps of the mean annotation (section 3.1.2);
 * - e_ti = vᵀ tanh(W_a a_i + W_h h_{t−1}), α_t = softmax(e_t) (eqs. 4-5);
 * - ẑ_t = β_t Σ_i α_ti a_i with the gate β_t = σ(f_β(h_{t−1})) (eq. 13 and section 4.2.1);
 * - h_t, c_t = LSTM([E y_{t−1}; ẑ_t], h_{t−1}, c_{t−1}) (eqs. 1-3);
 * - p(y_t) ∝ exp(L_o (E y_{t−1} + L_h h_t + L_z ẑ_t)) (eq. 7), L_o sharing its matrix with E.
 */
export class Captioner implements CaptionerSteps {
  readonly config: CaptionerConfig;
  readonly #projection: Linear;
  readonly #initialH: Linear;
  readonly #initialC: Linear;
  readonly #score: AdditiveScore | undefined;
  readonly #gate: Linear;
  readonly #embedding: Embedding;
  readonly #search: SearchOutput;
  readonly #lstm: LstmCell;
  readonly #outputH: Linear;
  readonly #outputZ: Linear;
  readonly #outputBias: tf.Variable;

  constructor(config: CaptionerConfig, parameters: Parameters) {
    const { featureSize, annotationSize, attentionSize, hiddenSize, embeddingSize, vocabularySize } = config;
    this.config = config;
    this.#projection = new Linear(parameters, 'annotations', featureSize, annotationSize);
    this.#initialH = new Linear(parameters, 'initial.h', annotationSize, hiddenSize);
    this.#initialC = new Linear(parameters, 'initial.c', annotationSize, hiddenSize);
    if (config.attention !== 'none') {
      this.#score = new AdditiveScore(parameters, 'attention', annotationSize, hiddenSize, attentionSize);
    }
    this.#gate = new Linear(parameters, 'gate', hiddenSize, 1);
    this.#embedding = new Embedding(parameters, 'words', vocabularySize, embeddingSize);
    this.#lstm = new LstmCell(parameters, 'lstm', embeddingSize + annotationSize, hiddenSize);
    this.#outputH = new Linear(parameters, 'output.h', hiddenSize, embeddingSize);
    this.#outputZ = new Linear(parameters, 'output.z', annotationSize, embeddingSize, { bias: false });
    this.#outputBias = parameters.get('output.bias', [vocabularySize], constant(0));
    this.#search = new SearchOutput(parameters, this.#embedding.table, this.#outputBias as tf.Tensor1D);
  }

  /** a_i. @param features the encoder's grid, [photos, locations, feature size] @returns [photos, locations, annotation size] */
  annotations(features: tf.Tensor3D): tf.Tensor3D {
    return tf.tidy(() => {
      const [photos, locations, size] = features.shape;
      const flat = tf.reshape<tf.Rank.R2>(features, [photos * locations, size]);
      const projected = tf.relu(this.#projection.apply(flat));
      return tf.reshape<tf.Rank.R3>(projected, [photos, locations, this.config.annotationSize]);
    });
  }

  /**
   * Teacher forcing: the scores of every next word of every caption, given the true words before it.
   * To be called inside a tidy, which frees what it made on its way.
   *
   * @param features the encoder's grid, [photos, locations, feature size]
   * @param training nothing: no dropout, and hard attention takes the likeliest location
   */
  teacherForced(features: tf.Tensor3D, batch: PackedBatch, training?: CaptionerTraining): TeacherForced {
    const random = training?.random;
    const annotations = dropout(this.annotations(features), training?.annotationDropout ?? 0, random);
    const words = dropout(this.#embedding.lookUp(batch.inputs), training?.dropout ?? 0, random);
    const recurrence =
      this.config.attention === 'hard' || training?.stepByStep
        ? this.#stepByStep(annotations, words, batch, random)
        : this.#unrolled(annotations, words, batch);
    const { hidden, contexts, weights, locations } = recurrence;
    const deep = this.#deepOutput(words, hidden, contexts);
    return { logits: this.#scores(dropout(deep, training?.dropout ?? 0, random)), weights, locations };
  }

  /** The recurrence as the paper writes it, one step after the other; its gradient is traced. */
  #stepByStep(
    annotations: tf.Tensor3D,
    words: tf.Tensor2D,
    batch: PackedBatch,
    random: Random | undefined,
  ): Recurrence {
    const photo = tf.tensor1d(batch.photo, 'int32');
    const rowAnnotations = tf.gather(annotations, photo);
    const rowKeys = this.#score ? tf.gather(this.#score.keys(annotations), photo) : undefined;
    const mean = tf.mean<tf.Tensor2D>(rowAnnotations, 1);
    let { h, c } = this.#initialState(mean);
    const wordGates = this.#lstm.inputGates(words);
    const kernel = this.#lstm.recurrentKernel(this.config.embeddingSize);

    const hidden: tf.Tensor2D[] = [];
    const contexts: tf.Tensor2D[] = [];
    const weights: tf.Tensor2D[] = [];
    const locations: tf.Tensor2D[] = [];
    let offset = 0;
    for (const rows of batch.active) {
      if (rows < h.shape[0]) {
        h = firstRows(h, rows);
        c = firstRows(c, rows);
      }
      let context: tf.Tensor2D;
      if (this.#score && rowKeys) {
        const values = firstRows(rowAnnotations, rows);
        const attended = attend(this.#score, firstRows(rowKeys, rows), values, h);
        context = attended.context;
        weights.push(attended.weights);
        if (this.config.attention === 'hard') {
          const { used, sampled } = chooseLocation(attended.weights, random);
          locations.push(sampled);
          context = weightedSum(used, values);
        }
      } else {
        context = firstRows(mean, rows);
      }
      context = this.#gated(context, h);
      const gates = tf.slice2d(wordGates, [offset, 0], [rows, wordGates.shape[1]]);
      ({ h, c } = this.#lstm.stepFrom(gates, context, kernel, { h, c }));
      hidden.push(h);
      contexts.push(context);
      offset += rows;
    }
    return { hidden: tf.concat(hidden, 0), contexts: tf.concat(contexts, 0), weights, locations };
  }

  /** The same as one operation with a written-out gradient, which costs less in training; not for hard attention. */
  #unrolled(annotations: tf.Tensor3D, words: tf.Tensor2D, batch: PackedBatch): Recurrence {
    const mean = tf.mean<tf.Tensor2D>(annotations, 1);
    const attention = this.#score
      ? { annotations, keys: this.#score.keys(annotations), query: this.#score.query, v: this.#score.v }
      : oneLocation(mean, this.config.hiddenSize);
    const { hidden, contexts, weights } = unrollAttentionLstm(
      {
        ...attention,
        ...this.#initialState(mean),
        wordGates: this.#lstm.inputGates(words),
        kernel: this.#lstm.recurrentKernel(this.config.embeddingSize),
        gateKernel: this.#gate.kernel as tf.Tensor2D,
        gateBias: this.#gate.bias as tf.Tensor1D,
      },
      batch,
    );
    return { hidden, contexts, weights: this.#score ? tf.split(weights, batch.active, 0) : [], locations: [] };
  }

  /** The decoder of some photos, for any search. The caller keeps `features` alive while it searches. @param features [photos, locations, feature size] */
  decoder(features: tf.Tensor3D): Decoder<CaptionerState> {
    return new CaptionerDecoder(this.config, this, features);
  }

  /** Everything about photos that is computed once. @param features the encoder's grid, [photos, locations, feature size] */
  start(features: tf.Tensor3D): CaptionerStart {
    return tf.tidy(() => {
      const annotations = this.annotations(features);
      const state = { ...this.#initialState(tf.mean(annotations, 1)), annotations };
      return this.#score ? { ...state, keys: this.#score.keys(annotations) } : state;
    });
  }

  /** One word further, with as many rows as there are words. */
  step({ annotations, keys, rows, tokens, ...before }: CaptionerInputs): CaptionerOutputs {
    return tf.tidy(() => {
      const h = rows ? tf.gather(before.h, rows) : before.h;
      const c = rows ? tf.gather(before.c, rows) : before.c;
      let context: tf.Tensor2D;
      let weights: tf.Tensor2D | undefined;
      if (this.#score && keys) {
        ({ context, weights } = attend(this.#score, keys, annotations, h));
        if (this.config.attention === 'hard') context = weightedSum(likeliestLocation(weights), annotations);
      } else {
        context = tf.mean(annotations, 1);
      }
      context = this.#gated(context, h);
      const word = this.#embedding.lookUp(tokens);
      const next = this.#lstm.step(tf.concat([word, context], 1), { h, c });
      const logProbabilities = this.#search.logProbabilities(this.#deepOutput(word, next.h, context));
      return weights ? { logProbabilities, weights, ...next } : { logProbabilities, ...next };
    });
  }

  #initialState(mean: tf.Tensor2D): LstmState {
    return { h: tf.tanh(this.#initialH.apply(mean)), c: tf.tanh(this.#initialC.apply(mean)) };
  }

  /** β ẑ with β = σ(f_β(h)), a number a row. */
  #gated(context: tf.Tensor2D, h: tf.Tensor2D): tf.Tensor2D {
    return tf.mul(context, tf.sigmoid(this.#gate.apply(h)));
  }

  /** E y_{t−1} + L_h h_t + L_z ẑ_t, [rows, embedding size]. */
  #deepOutput(word: tf.Tensor2D, h: tf.Tensor2D, context: tf.Tensor2D): tf.Tensor2D {
    return tf.addN([word, this.#outputH.apply(h), this.#outputZ.apply(context)]);
  }

  /** Scores of every word, [rows, vocabulary]. */
  #scores(deep: tf.Tensor2D): tf.Tensor2D {
    return tf.add(this.#embedding.project(deep), this.#outputBias);
  }
}

/** No attention, as attention that has but one location to look at: the mean annotation. */
function oneLocation(
  mean: tf.Tensor2D,
  hiddenSize: number,
): Pick<UnrolledInputs, 'annotations' | 'keys' | 'query' | 'v'> {
  const [photos, size] = mean.shape;
  return {
    annotations: tf.reshape(mean, [photos, 1, size]),
    keys: tf.zeros([photos, 1, 1]),
    query: tf.zeros([hiddenSize, 1]),
    v: tf.zeros([1, 1]),
  };
}

function firstRows<T extends tf.Tensor>(x: T, rows: number): T {
  return rows === x.shape[0] ? x : tf.slice(x, 0, rows);
}

/** The location that hard attention takes outside training: the likeliest, as one-hot rows, [rows, locations]. */
function likeliestLocation(weights: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.oneHot(tf.argMax<tf.Tensor1D>(weights, 1), weights.shape[1], 1, 0, 'float32') as tf.Tensor2D);
}

/**
 * The location that hard attention takes: sampled from α in training, the likeliest otherwise. As in
 * the paper (section 4.1), with probability one half a row takes the expectation α itself, which
 * lowers the variance of the gradient.
 *
 * @returns `used`: what weighs the annotations; `sampled`: its one-hot rows, 0 in the rows that take the
 *   expectation. A sampled location is a constant to the gradient.
 */
function chooseLocation(weights: tf.Tensor2D, random: Random | undefined): { used: tf.Tensor2D; sampled: tf.Tensor2D } {
  if (!random) {
    const used = likeliestLocation(weights);
    return { used, sampled: used };
  }
  const [rows, locations] = weights.shape;
  const alpha = weights.dataSync();
  const choice = new Float32Array(rows * locations);
  const expected = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    if (random.next() < 0.5) {
      expected[row] = 1;
      continue;
    }
    let chosen = 0;
    let left = random.next();
    while (chosen < locations - 1 && (left -= alpha[row * locations + chosen] as number) >= 0) chosen++;
    choice[row * locations + chosen] = 1;
  }
  const sampled = tf.tensor2d(choice, [rows, locations]);
  const used = tf.tidy(() => tf.add<tf.Tensor2D>(sampled, tf.mul(weights, tf.tensor2d(expected, [rows, 1]))));
  return { used, sampled };
}
