import * as tf from '@tensorflow/tfjs-core';
import { AdditiveScore } from '../attention/additive.ts';
import { attend, weightedSum } from '../attention/attend.ts';
import type { Decoder } from '../decoding/decoder.ts';
import { dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import { Linear } from '../layers/linear.ts';
import { LstmCell, type LstmState } from '../layers/lstm.ts';
import { rowsAt } from '../layers/rows.ts';
import { SearchOutput } from '../layers/tied-output.ts';
import { constant, type Parameters } from '../parameters.ts';
import { unprobed, type Probe } from '../probe.ts';
import type { Random } from '../random.ts';
import type { PackedBatch } from '../batches/packed-batch.ts';
import type { OutputLayer } from './output-layer.ts';
import {
  CaptionerDecoder,
  type CaptionerInputs,
  type CaptionerOutputs,
  type CaptionerStart,
  type CaptionerState,
  type CaptionerSteps,
} from './captioner-decoder.ts';
import { unrollAttentionLstm, type UnrolledInputs } from './unrolled-attention-lstm.ts';
import type { Unrolled } from './unrolled-parts.ts';
import { unrollTopDown } from './unrolled-top-down.ts';

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
  /**
   * What the attention is asked with (left out: `state`).
   *
   * - `state`: h_{t−1}, which has not seen the previous word (Xu et al. 2015);
   * - `word`: [h_{t−1}; E y_{t−1}], which has;
   * - `top-down`: the state of an LSTM of its own, below the one that writes (Anderson et al. 2018).
   */
  query?: 'state' | 'word' | 'top-down';
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
  /**
   * How often a photo's mean annotation is kept from the decoder, which then has to look: h_0 and c_0 are 0 (or, with a
   * top-down query, the mean in its input). Nothing is scaled up for it. Left out: never.
   */
  meanDropout?: number;
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
  /** The (gated) ẑ_t, [tokens, annotation size]. */
  contexts: tf.Tensor2D;
}

/** What a step sees of photos, a row each. */
interface Seen {
  /** a_i, [rows, locations, annotation size]. */
  annotations: tf.Tensor3D;
  /** W_a a_i + b, [rows, locations, attention size], where there is attention. */
  keys: tf.Tensor3D | undefined;
  /** The mean annotation, [rows, annotation size]; only read where there is no attention. */
  mean: () => tf.Tensor2D;
}

/** What a step reads of the word before it. */
interface WordRead {
  /** E y_{t−1}, [rows, embedding size]; only asked for by a query that wants it. */
  vector: () => tf.Tensor2D;
  /** The (first) LSTM's step. @param rest its input behind what is known of word and photo */
  lstm: (rest: tf.Tensor2D, state: LstmState) => LstmState;
}

/** What a step computes. */
interface Moment {
  /** h_t and c_t; of a pair of LSTMs side by side. */
  state: LstmState;
  /** What the output layer reads of the state, [rows, hidden size]. */
  hidden: tf.Tensor2D;
  /** ẑ_t, gated where there is a gate, [rows, annotation size]. */
  context: tf.Tensor2D;
  /** α_t. */
  weights?: tf.Tensor2D;
  /** Hard attention: see `TeacherForced.locations`. */
  location?: tf.Tensor2D;
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
 *
 * With a top-down query (Anderson et al. 2018, arXiv 1707.07998, section 3.2) there are two LSTMs, without gate and
 * beginning with 0: h¹_t = LSTM¹([E y_{t−1}; ā; h²_{t−1}], h¹_{t−1}) looks, e_ti = vᵀ tanh(W_a a_i + W_h h¹_t), and
 * h²_t = LSTM²([ẑ_t; h¹_t], h²_{t−1}) writes: it is the h_t of the output layer. ā is the mean annotation.
 */
export class Captioner implements CaptionerSteps {
  readonly config: CaptionerConfig;
  readonly #projection: Linear;
  readonly #initial: { h: Linear; c: Linear } | undefined;
  readonly #score: AdditiveScore | undefined;
  readonly #gate: Linear | undefined;
  readonly #embedding: Embedding;
  readonly #search: SearchOutput;
  readonly #lstm: LstmCell;
  /** The second LSTM of a pair, which writes. */
  readonly #writer: LstmCell | undefined;
  readonly #outputH: Linear;
  readonly #outputZ: Linear;
  readonly #outputBias: tf.Variable;

  /** @throws RangeError on choices that do not go together */
  constructor(config: CaptionerConfig, parameters: Parameters) {
    const { featureSize, annotationSize, attentionSize, hiddenSize, embeddingSize, vocabularySize } = config;
    const query = config.query ?? 'state';
    if (config.attention === 'none' && query !== 'state') {
      throw new RangeError(`Without attention there is no query, so it cannot be "${query}".`);
    }
    const isPair = query === 'top-down';
    this.config = config;
    this.#projection = new Linear(parameters, 'annotations', featureSize, annotationSize);
    if (!isPair) {
      this.#initial = {
        h: new Linear(parameters, 'initial.h', annotationSize, hiddenSize),
        c: new Linear(parameters, 'initial.c', annotationSize, hiddenSize),
      };
    }
    if (config.attention !== 'none') {
      const querySize = query === 'word' ? hiddenSize + embeddingSize : hiddenSize;
      this.#score = new AdditiveScore(parameters, 'attention', annotationSize, querySize, attentionSize);
    }
    if (!isPair) this.#gate = new Linear(parameters, 'gate', hiddenSize, 1);
    this.#embedding = new Embedding(parameters, 'words', vocabularySize, embeddingSize);
    const restSize = isPair ? annotationSize + hiddenSize : annotationSize;
    this.#lstm = new LstmCell(parameters, 'lstm', embeddingSize + restSize, hiddenSize);
    if (isPair) this.#writer = new LstmCell(parameters, 'writer', annotationSize + hiddenSize, hiddenSize);
    this.#outputH = new Linear(parameters, 'output.h', hiddenSize, embeddingSize);
    this.#outputZ = new Linear(parameters, 'output.z', annotationSize, embeddingSize, { bias: false });
    this.#outputBias = parameters.get('output.bias', [vocabularySize], constant(0));
    this.#search = new SearchOutput(parameters, this.#embedding.table, this.#outputBias as tf.Tensor1D);
  }

  /** Numbers of a state's h, and of its c: a pair of LSTMs has twice as many. */
  get stateSize(): number {
    return stateSizeOf(this.config);
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
    const mean = tf.mean<tf.Tensor2D>(annotations, 1);
    const kept = keptRows(mean.shape[0], training?.meanDropout ?? 0, random);
    const forced: Forced = {
      annotations,
      keys: this.#score?.keys(annotations),
      // A pair of LSTMs sees the mean in its input, the single one in its first state.
      mean: kept && this.#writer ? tf.mul(mean, kept) : mean,
      words,
      state: this.#initialState(mean, kept),
      batch,
    };
    const recurrence =
      this.config.attention === 'hard' || training?.stepByStep
        ? this.#stepByStep(forced, random)
        : this.#unrolled(forced);
    const { hidden, contexts, weights, locations } = recurrence;
    const deep = this.#deepOutput(words, hidden, contexts);
    return { logits: this.#scores(dropout(deep, training?.dropout ?? 0, random)), weights, locations };
  }

  /** The recurrence as the papers write it, one step after the other; its gradient is traced. */
  #stepByStep(forced: Forced, random: Random | undefined): Recurrence {
    const { batch, words } = forced;
    const rowsOf = rowsAt(batch.source);
    const annotations = rowsOf(forced.annotations);
    const keys = forced.keys && rowsOf(forced.keys);
    const mean = rowsOf(forced.mean);
    const wordGates = tf.split<tf.Tensor2D>(this.#firstGates(forced), batch.active, 0);
    const vectors = tf.split<tf.Tensor2D>(words, batch.active, 0);
    const kernel = this.#lstm.recurrentKernel(this.#knownSize);
    const choose = (weights: tf.Tensor2D): Chosen => chooseLocation(weights, random);

    let state: LstmState = { h: rowsOf(forced.state.h), c: rowsOf(forced.state.c) };
    const moments: Moment[] = [];
    for (const [step, rows] of batch.active.entries()) {
      if (rows < state.h.shape[0]) state = { h: firstRows(state.h, rows), c: firstRows(state.c, rows) };
      const seen = {
        annotations: firstRows(annotations, rows),
        keys: keys && firstRows(keys, rows),
        mean: () => firstRows(mean, rows),
      };
      const word: WordRead = {
        vector: () => vectors[step] as tf.Tensor2D,
        lstm: (rest, before) => this.#lstm.stepFrom(wordGates[step] as tf.Tensor2D, rest, kernel, before),
      };
      const moment = this.#advance(seen, state, word, choose);
      moments.push(moment);
      state = moment.state;
    }
    const all = (part: 'hidden' | 'context'): tf.Tensor2D =>
      tf.concat(
        moments.map((moment) => moment[part]),
        0,
      );
    return {
      hidden: all('hidden'),
      contexts: all('context'),
      weights: moments.flatMap(({ weights }) => weights ?? []),
      locations: moments.flatMap(({ location }) => location ?? []),
    };
  }

  /** The same as one operation with a written-out gradient, which costs less in training; not for hard attention. */
  #unrolled(forced: Forced): Recurrence {
    const { batch, state, words } = forced;
    const { embeddingSize, hiddenSize } = this.config;
    const recurrent = this.#lstm.recurrentKernel(this.#knownSize);
    let found: Unrolled;
    if (this.#writer) {
      const { keys, query, v } = this.#attentionInputs(forced);
      found = unrollTopDown(
        {
          annotations: forced.annotations,
          keys,
          query,
          v,
          wordGates: this.#firstGates(forced),
          kernel: recurrent,
          writerKernel: this.#writer.recurrentKernel(0),
          writerBias: this.#writer.bias,
        },
        batch,
      );
    } else {
      const { kernel, bias } = this.#gate as Linear;
      const { query, ...attention } = this.#attentionInputs(forced);
      const sees = this.config.query === 'word';
      found = unrollAttentionLstm(
        {
          ...attention,
          ...state,
          query: sees ? tf.slice(query, [0, 0], [hiddenSize, query.shape[1]]) : query,
          ...(sees && {
            wordQueries: tf.matMul<tf.Tensor2D>(
              words,
              tf.slice(query, [hiddenSize, 0], [embeddingSize, query.shape[1]]),
            ),
          }),
          wordGates: this.#firstGates(forced),
          kernel: recurrent,
          gateKernel: kernel as tf.Tensor2D,
          gateBias: bias as tf.Tensor1D,
        },
        batch,
      );
    }
    const { hidden, contexts, weights } = found;
    return { hidden, contexts, weights: this.#score ? tf.split(weights, batch.active, 0) : [], locations: [] };
  }

  #attentionInputs({ annotations, keys, mean }: Forced): Pick<UnrolledInputs, 'annotations' | 'keys' | 'query' | 'v'> {
    return this.#score && keys
      ? { annotations, keys, query: this.#score.query, v: this.#score.v }
      : oneLocation(mean, this.config.hiddenSize);
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

  /**
   * What the mean of a photo adds to the gates of a pair's first LSTM, [photos, 4 hidden size], which is the same at all
   * steps; nothing where there is no pair.
   */
  meanGates(annotations: tf.Tensor3D): tf.Tensor2D | undefined {
    if (!this.#writer) return undefined;
    return tf.tidy(() => this.#lstm.partGates(tf.mean<tf.Tensor2D>(annotations, 1), this.config.embeddingSize));
  }

  /** Nothing where there is no attention. */
  get score(): AdditiveScore | undefined {
    return this.#score;
  }

  get outputLayer(): OutputLayer {
    return { table: this.#embedding.table, bias: this.#outputBias as tf.Tensor1D };
  }

  /**
   * One word further, with as many rows as there are words.
   * @param probe sees what `attend` hands over, `word` (E y_{t−1}), `gate` (β_t), `gated` (β_t ẑ_t), `state` (h_t) and
   *   `output` (E y_{t−1} + L_h h_t + L_z ẑ_t)
   */
  step(
    { annotations, keys, meanGates, rows, tokens, ...before }: CaptionerInputs,
    probe: Probe = unprobed,
  ): CaptionerOutputs {
    return tf.tidy(() => {
      const state = rows ? { h: tf.gather(before.h, rows), c: tf.gather(before.c, rows) } : before;
      const vector = probe('word', this.#embedding.lookUp(tokens));
      const mean = (): tf.Tensor2D => tf.mean(annotations, 1);
      const known = this.#writer && !meanGates ? [vector, mean()] : [vector];
      const word: WordRead = {
        vector: () => vector,
        lstm: (rest, own) => {
          if (!meanGates) return this.#lstm.step(tf.concat([...known, rest], 1), own);
          const gates = tf.add<tf.Tensor2D>(this.#lstm.inputGates(vector), meanGates);
          return this.#lstm.stepFrom(gates, rest, this.#lstm.recurrentKernel(this.#knownSize), own);
        },
      };
      const moment = this.#advance({ annotations, keys, mean }, state, word, likeliest, probe);
      const { context } = moment;
      // Where it looked: of hard attention one location.
      const weights = moment.location ?? moment.weights;
      const hidden = probe('state', moment.hidden);
      const output = probe('output', this.#deepOutput(vector, hidden, context));
      const logProbabilities = this.#search.logProbabilities(output);
      return { logProbabilities, ...(weights && { weights }), ...moment.state };
    });
  }

  /** One step of the recurrence, whoever computes it. @param choose hard attention's location */
  #advance(
    seen: Seen,
    before: LstmState,
    word: WordRead,
    choose: (weights: tf.Tensor2D) => Chosen,
    probe: Probe = unprobed,
  ): Moment {
    if (this.#writer) {
      const [h1, h2] = tf.split(before.h, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const [c1, c2] = tf.split(before.c, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const looking = word.lstm(h2, { h: h1, c: c1 });
      const looked = this.#look(seen, looking.h, choose, probe);
      const written = this.#writer.step(tf.concat([looked.context, looking.h], 1), { h: h2, c: c2 });
      const state = { h: tf.concat([looking.h, written.h], 1), c: tf.concat([looking.c, written.c], 1) };
      return { ...looked, state, hidden: written.h };
    }
    const query = this.config.query === 'word' ? tf.concat([before.h, word.vector()], 1) : before.h;
    const looked = this.#look(seen, query, choose, probe);
    // β ẑ with β = σ(f_β(h)), a number a row.
    const gate = probe('gate', tf.sigmoid<tf.Tensor2D>((this.#gate as Linear).apply(before.h)));
    const context = probe('gated', tf.mul<tf.Tensor2D>(looked.context, gate));
    const state = word.lstm(context, before);
    return { ...looked, context, state, hidden: state.h };
  }

  /** ẑ_t, α_t and, under hard attention, the location taken. */
  #look(
    { annotations, keys, mean }: Seen,
    query: tf.Tensor2D,
    choose: (weights: tf.Tensor2D) => Chosen,
    probe: Probe,
  ): Pick<Moment, 'context' | 'weights' | 'location'> {
    if (!this.#score || !keys) return { context: mean() };
    const looked = attend(this.#score, keys, annotations, query, undefined, probe);
    if (this.config.attention !== 'hard') return looked;
    const { used, sampled } = choose(looked.weights);
    return { context: weightedSum(used, annotations), weights: looked.weights, location: sampled };
  }

  /** Columns of the LSTM's input that are known before the first step: the word, and the mean that a pair of LSTMs sees. */
  get #knownSize(): number {
    const { annotationSize, embeddingSize } = this.config;
    return this.#writer ? embeddingSize + annotationSize : embeddingSize;
  }

  /** The share of what is known beforehand in the gates of the (first) LSTM, [tokens, 4 hidden size]. */
  #firstGates({ batch, mean, words }: Forced): tf.Tensor2D {
    const gates = this.#lstm.inputGates(words);
    if (!this.#writer) return gates;
    const ofMeans = this.#lstm.partGates(mean, this.config.embeddingSize);
    const source = tf.tensor1d(
      batch.row.map((row) => batch.source[row] as number),
      'int32',
    );
    return tf.add(gates, tf.gather(ofMeans, source));
  }

  /** @param mean [photos, annotation size] @param kept 0 in a row whose photo is kept from the state, [photos, 1] */
  #initialState(mean: tf.Tensor2D, kept?: tf.Tensor2D): LstmState {
    if (!this.#initial) {
      // Zeros, but as many rows as there are photos: how many that is, a recorded graph does not know.
      const zeros = tf.mul<tf.Tensor2D>(tf.sum(mean, 1, true), tf.zeros([1, this.stateSize]));
      return { h: zeros, c: tf.clone(zeros) };
    }
    const h = tf.tanh(this.#initial.h.apply(mean));
    const c = tf.tanh(this.#initial.c.apply(mean));
    return kept ? { h: tf.mul(h, kept), c: tf.mul(c, kept) } : { h, c };
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

/** What teacher forcing starts from; a row is a photo where nothing else is said. */
interface Forced {
  annotations: tf.Tensor3D;
  keys: tf.Tensor3D | undefined;
  mean: tf.Tensor2D;
  /** E y_{t−1} in packed order, [tokens, embedding size]. */
  words: tf.Tensor2D;
  state: LstmState;
  batch: PackedBatch;
}

/** Numbers of a state's h, and of its c. */
function stateSizeOf({ hiddenSize, query }: Pick<CaptionerConfig, 'hiddenSize' | 'query'>): number {
  return query === 'top-down' ? 2 * hiddenSize : hiddenSize;
}

/** 0 with some probability, else 1, [rows, 1]; nothing where that is never. */
function keptRows(rows: number, rate: number, random: Random | undefined): tf.Tensor2D | undefined {
  if (rate === 0 || !random) return undefined;
  return tf.tensor2d(
    Float32Array.from({ length: rows }, () => Number(random.next() >= rate)),
    [rows, 1],
  );
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

/** What hard attention looks with: see `chooseLocation`. */
interface Chosen {
  used: tf.Tensor2D;
  sampled: tf.Tensor2D;
}

const likeliest = (weights: tf.Tensor2D): Chosen => {
  const used = likeliestLocation(weights);
  return { used, sampled: used };
};

/** The location that hard attention takes outside training: the likeliest, as one-hot rows, [rows, locations]. */
function likeliestLocation(weights: tf.Tensor2D): tf.Tensor2D {
  // Where there is one alone its weight is 1; tfjs knows no one-hot rows of one number.
  if (weights.shape[1] === 1) return tf.clone(weights);
  // The WASM backend writes whole numbers, whatever numbers it is asked for.
  return tf.tidy(() =>
    tf.cast(tf.oneHot(tf.argMax<tf.Tensor1D>(weights, 1), weights.shape[1]) as tf.Tensor2D, 'float32'),
  );
}

/**
 * The location that hard attention takes: sampled from α in training, the likeliest otherwise. As in
 * the paper (section 4.1), with probability one half a row takes the expectation α itself, which
 * lowers the variance of the gradient.
 *
 * @returns `used`: what weighs the annotations; `sampled`: its one-hot rows, 0 in the rows that take the
 *   expectation. A sampled location is a constant to the gradient.
 */
function chooseLocation(weights: tf.Tensor2D, random: Random | undefined): Chosen {
  if (!random) return likeliest(weights);
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
