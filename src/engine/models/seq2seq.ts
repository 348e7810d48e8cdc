import * as tf from '@tensorflow/tfjs-core';
import { attend, weightedSum } from '../attention/attend.ts';
import { createScore, type ScoreName } from '../attention/create-score.ts';
import { mapLocations } from '../attention/products.ts';
import { scaled } from '../attention/scaled.ts';
import type { Score } from '../attention/score.ts';
import type { Decoder } from '../decoding/decoder.ts';
import { Bidirectional } from '../layers/bidirectional.ts';
import { dropout } from '../layers/dropout.ts';
import { Linear } from '../layers/linear.ts';
import { runRecurrent, type Recurrence, type RecurrentOutput } from '../layers/recurrent.ts';
import { recurrentCell, type CellName, type RecurrentCell } from '../layers/recurrent-cell.ts';
import { rowsAt } from '../layers/rows.ts';
import { assertTokens, paddingMask, type PaddedTokens } from '../batches/padded-tokens.ts';
import type { Parameters } from '../parameters.ts';
import { unprobed, type Probe } from '../probe.ts';
import type { PackedBatch } from '../batches/packed-batch.ts';
import {
  TextDecoder,
  type RowTensors,
  type TextOutputs,
  type TextStart,
  type TextState,
  type TextSteps,
} from './text-decoder.ts';
import type { OutputLayer } from './output-layer.ts';
import { TextEmbeddings } from './text-embeddings.ts';
import type { ForcedOutput, TextModel, TextModelConfig, TextTraining } from './text-model.ts';

/** The ways of a decoder to see its source, by the names that configurations use. */
export const SEQ2SEQ_ATTENTIONS = [
  'none',
  'summary',
  'additive',
  'dot',
  'scaled-dot',
  'general',
  'concat',
  'key-query',
  'key-query-value',
] as const;
type Seq2SeqAttention = (typeof SEQ2SEQ_ATTENTIONS)[number];

/** The shape of a recurrent sequence-to-sequence model; stored in its checkpoint. */
export interface Seq2SeqConfig extends TextModelConfig {
  cell: CellName;
  encoder: 'one-directional' | 'bidirectional';
  /** Size of a word vector, and of what the output layer reads. */
  embeddingSize: number;
  /** Size of the encoder's state, of each direction. */
  encoderSize: number;
  /** Size of the decoder's state. */
  hiddenSize: number;
  /**
   * How the decoder sees the source.
   *
   * - `none`: only through its initial state;
   * - `summary`: a weighted mean without a query, the same at every step, so made once: O(m + t);
   * - a score's name: attention, O(m t); `key-query-value` averages maps of the annotations, not themselves.
   */
  attention: Seq2SeqAttention;
  /** Hidden layer of the score, or size of keys, queries and values; scores without one ignore it. */
  attentionSize: number;
  /** Whether a score that is a product is divided by the root of the size of what it multiplies (default false). */
  scaled?: boolean | undefined;
  /** `bahdanau`: look with the old state, then step, then a deep output; `luong`: step, look with the new state, attentional output. */
  decoder: 'bahdanau' | 'luong';
  /** Luong's only: the attentional output is also part of the next step's input. */
  inputFeeding: boolean;
  /** What the decoder starts from: the encoder's last state, or the mean annotation, which knows no order. */
  initialState: 'final' | 'mean';
}

/** What a decoder keeps of its sources; what a configuration does not need is not there. */
type Memory = {
  /** What is averaged, [rows, locations, value size]. */
  values?: tf.Tensor3D;
  /** `Score.keys` of the annotations. */
  keys?: tf.Tensor3D;
  /** 1 at a token, 0 at padding, [rows, locations]; nothing where no source is padded. */
  mask?: tf.Tensor2D;
  /** The summary without a query, [rows, value size], and its weights, [rows, locations]. */
  context?: tf.Tensor2D;
  weights?: tf.Tensor2D;
};

/** The tensors of a state. */
type StateTensors = {
  /** s_t, and the memory of an LSTM. */
  cell: tf.Tensor2D[];
  /** h̃_t under input feeding, [rows, embedding size]. */
  fed?: tf.Tensor2D;
  memory: Memory;
};

/** What one step takes, as tensors. */
export type Seq2SeqStep = {
  /** int32, [rows]. */
  tokens: tf.Tensor1D;
  /** Of each row's source, by the names that `Seq2Seq.steps.start` gives. */
  memory: RowTensors;
  /** From the step before, or from the start. */
  past: RowTensors;
};

/** The parts of an encoder that goes from token to token; see `Seq2Seq.encoding`. */
export interface RecurrentEncoding {
  readonly recurrences: readonly Recurrence[];
  /** Numbers of a token, of which gates are made. */
  readonly inputSize: number;
  /** @param tokens int32, [rows, length] @returns for each recurrence the gates of all tokens, [rows, length, gates] */
  readonly begin: (tokens: tf.Tensor2D) => tf.Tensor3D[];
  /**
   * What the decoder starts from.
   * @param states of each recurrence, h at every token, [rows, length, size]
   * @param final of each recurrence its last state, [rows, size] each
   * @param mask 1 at a token, 0 at padding, [rows, length]
   */
  readonly finish: (states: tf.Tensor3D[], final: tf.Tensor2D[][], mask: tf.Tensor2D) => TextStart;
}

/** What one step computes. */
type Moment = {
  cell: tf.Tensor2D[];
  context?: tf.Tensor2D;
  weights?: tf.Tensor2D;
  fed?: tf.Tensor2D;
};

/**
 * Recurrent sequence to sequence, from the first (Sutskever et al. 2014; Cho et al. 2014) to Bahdanau et al.
 * 2015 (arXiv 1409.0473) and Luong et al. 2015 (arXiv 1508.04025).
 *
 * Encoder: a_j = h_j, or [→h_j; ←h_j] in two directions; s_0 = tanh(W a) of its last state (or of the mean).
 *
 * Attention, with any score: α_tj = softmax_j(score(a_j, query)), c_t = Σ_j α_tj a_j.
 *
 * Bahdanau's decoder (section 3.1 and appendix A.2.2):
 *
 *     query = s_{t−1}   s_t = f([E y_{t−1}; c_t], s_{t−1})
 *     t_t = maxout(W [s_t; E y_{t−1}; c_t] + b)   p(y_t) ∝ exp(E_o t_t + b_o)
 *
 * Luong's decoder (section 3, eqs. 5-6, and input feeding, section 3.3):
 *
 *     s_t = f([E y_{t−1}; h̃_{t−1}], s_{t−1})   query = s_t
 *     h̃_t = tanh(W_c [s_t; c_t])   p(y_t) ∝ exp(E_o h̃_t + b_o)
 *
 * Without attention there is no c_t; without input feeding no h̃_{t−1}.
 */
export class Seq2Seq implements TextModel<TextState> {
  readonly config: Seq2SeqConfig;
  readonly #embeddings: TextEmbeddings;
  readonly #encoder: (x: tf.Tensor3D, lengths: Int32Array) => RecurrentOutput;
  readonly #recurrences: readonly Recurrence[];
  readonly #initial: Linear[];
  readonly #score: Score | undefined;
  readonly #value: Linear | undefined;
  readonly #cell: RecurrentCell;
  readonly #output: Linear;

  /** @throws RangeError on choices that do not go together */
  constructor(config: Seq2SeqConfig, parameters: Parameters) {
    const { cell, encoder, embeddingSize, encoderSize, hiddenSize, attention, attentionSize, decoder } = config;
    if (config.inputFeeding && decoder !== 'luong') {
      throw new RangeError(`Input feeding belongs to Luong's decoder; this one is ${decoder}'s.`);
    }
    this.config = config;
    this.#embeddings = new TextEmbeddings(parameters, config, embeddingSize, { limit: 0.1, outputBias: true });

    let annotationSize = encoderSize;
    if (encoder === 'bidirectional') {
      const both = new Bidirectional(cell, parameters, 'encoder', embeddingSize, encoderSize);
      annotationSize = both.size;
      this.#recurrences = both.recurrences;
      this.#encoder = (x, lengths) => both.apply(x, lengths);
    } else {
      const one = recurrentCell(cell, parameters, 'encoder', embeddingSize, encoderSize);
      this.#recurrences = [{ cell: one, direction: 'forward' }];
      this.#encoder = (x, lengths) => runRecurrent(one, x, lengths, 'forward');
    }
    const parts = cell === 'lstm' && config.initialState === 'final' ? ['h', 'c'] : ['h'];
    this.#initial = parts.map((part) => new Linear(parameters, `initial.${part}`, annotationSize, hiddenSize));

    let contextSize = attention === 'none' ? 0 : annotationSize;
    if (attention !== 'none') {
      const score = createScore(scoreOf(attention), parameters, 'attention', annotationSize, hiddenSize, attentionSize);
      this.#score = config.scaled ? scaled(score) : score;
    }
    if (attention === 'key-query-value') {
      contextSize = attentionSize;
      this.#value = new Linear(parameters, 'attention.value', annotationSize, attentionSize, { bias: false });
    }

    const bahdanau = decoder === 'bahdanau';
    const restSize = bahdanau ? contextSize : config.inputFeeding ? embeddingSize : 0;
    this.#cell = recurrentCell(cell, parameters, 'decoder', embeddingSize + restSize, hiddenSize);
    const outputInput = hiddenSize + (bahdanau ? embeddingSize : 0) + contextSize;
    this.#output = new Linear(parameters, 'read-out', outputInput, bahdanau ? 2 * embeddingSize : embeddingSize, {
      bias: bahdanau,
    });
  }

  get outputLayer(): OutputLayer {
    return this.#embeddings.output;
  }

  /** Nothing where there is no attention. */
  get score(): Score | undefined {
    return this.#score;
  }

  /**
   * See `TextModel`.
   * @returns `weights`: α_t of each step, [active rows, locations]; empty where there is no attention
   */
  teacherForced(
    source: PaddedTokens,
    target: PackedBatch,
    training?: TextTraining,
  ): ForcedOutput & { weights: tf.Tensor2D[] } {
    assertTokens('target', target.inputs, this.config.targetVocabularySize);
    const rate = training?.dropout ?? 0;
    const words = dropout(this.#embeddings.target.lookUp(target.inputs), rate, training?.random);
    const gates = tf.split<tf.Tensor2D>(this.#cell.inputGates(words), target.active, 0);
    const step = this.#cell.stepper(this.config.embeddingSize);

    let state = mapTensors(this.#encode(source, training), rowsAt(target.source));
    const moments: Moment[] = [];
    for (const [t, rows] of target.active.entries()) {
      // Cut from what the step before was cut to: where no row ends there is nothing to cut.
      if (rows < (state.cell[0] as tf.Tensor2D).shape[0]) state = mapTensors(state, (x) => tf.slice(x, 0, rows));
      const moment = this.#advance((rest, cell) => step(gates[t] as tf.Tensor2D, rest, cell), state);
      moments.push(moment);
      state = next(state, moment);
    }
    const all = (part: 'context' | 'fed'): tf.Tensor2D | undefined => {
      const found = moments.flatMap((moment) => moment[part] ?? []);
      return found.length > 0 ? tf.concat(found, 0) : undefined;
    };
    const hidden = tf.concat(
      moments.map(({ cell }) => cell[0] as tf.Tensor2D),
      0,
    );
    const output = all('fed') ?? this.#readOut(hidden, words, all('context'));
    return {
      output: dropout(output, rate, training?.random),
      weights: moments.flatMap(({ weights }) => weights ?? []),
    };
  }

  /** The decoder of some sources, for any search. */
  decoder(source: PaddedTokens): Decoder<TextState> {
    return new TextDecoder(this.config, this.steps, source);
  }

  /** What a search needs, operation by operation. */
  get steps(): TextSteps {
    return {
      gathers: false,
      start: (source) => this.start(source),
      step: ({ memory, past, tokens }) =>
        tf.tidy(() => this.step({ tokens: tf.tensor1d(tokens, 'int32'), memory, past })),
    };
  }

  /**
   * What is known before the first token, a row a source.
   * @param probe sees `keys` and `values`, and of a summary, which is made here, what `attend` hands over
   */
  start(source: PaddedTokens, probe: Probe = unprobed): TextStart {
    return tf.tidy(() => {
      const { memory, ...state } = this.#encode(source, undefined, probe);
      return { memory, past: flatten(state) };
    });
  }

  /** The encoder in parts that can be recorded: all but that it goes from token to token. */
  get encoding(): RecurrentEncoding {
    const { embeddingSize } = this.config;
    return {
      recurrences: this.#recurrences,
      inputSize: embeddingSize,
      begin: (tokens) =>
        tf.tidy(() => {
          const [rows, length] = tokens.shape;
          const words = this.#embeddings.source.lookUp(tf.reshape(tokens, [rows * length]));
          return this.#recurrences.map(({ cell }) => {
            const gates = cell.inputGates(words);
            return tf.reshape<tf.Rank.R3>(gates, [rows, length, gates.shape[1]]);
          });
        }),
      finish: (states, final, mask) =>
        tf.tidy(() => {
          const [first] = final as [tf.Tensor2D[]];
          const joined = first.map((_, k) => beside(final.map((own) => own[k] as tf.Tensor2D)));
          const { memory, ...state } = this.#begun({ states: beside(states), final: joined }, mask);
          return { memory, past: flatten(state) };
        }),
    };
  }

  /**
   * A step of the decoder as a function of tensors alone, which can be recorded.
   * @param probe sees what `attend` hands over, `word` (E y_{t−1}), `state` (s_t) and `output` (h̃_t, or t_t)
   */
  step({ tokens, memory, past }: Seq2SeqStep, probe: Probe = unprobed): TextOutputs {
    return tf.tidy(() => {
      const word = probe('word', this.#embeddings.target.lookUp(tokens));
      const state: StateTensors = { ...unflatten(past), memory };
      const moment = this.#advance(
        (rest, cell) => this.#cell.step(rest ? tf.concat([word, rest], 1) : word, cell),
        state,
        probe,
      );
      const hidden = probe('state', moment.cell[0] as tf.Tensor2D);
      const output = probe('output', moment.fed ?? this.#readOut(hidden, word, moment.context));
      return {
        logProbabilities: this.#embeddings.logProbabilities(output),
        // The summary's are the memory's own.
        weights: moment.weights && tf.clone(moment.weights),
        past: flatten(next(state, moment)),
      };
    });
  }

  /** The state before the first token, one row a source. */
  #encode(source: PaddedTokens, training?: TextTraining, probe: Probe = unprobed): StateTensors {
    assertTokens('source', source.tokens, this.config.sourceVocabularySize);
    const { embeddingSize } = this.config;
    const { rows, length, lengths } = source;
    const flat = dropout(this.#embeddings.source.lookUp(source.tokens), training?.dropout ?? 0, training?.random);
    const words = tf.reshape<tf.Rank.R3>(flat, [rows, length, embeddingSize]);
    return this.#begun(this.#encoder(words, lengths), paddingMask(source), probe);
  }

  /** What the decoder begins with. @param mask 1 at a token, 0 at padding; nothing where no source is padded */
  #begun({ final, states }: RecurrentOutput, mask: tf.Tensor2D | undefined, probe: Probe = unprobed): StateTensors {
    const { attention, embeddingSize, cell, inputFeeding } = this.config;
    const from = this.config.initialState === 'mean' ? [meanAnnotation(states, mask)] : final;
    // A memory is not bounded as h is, so the tanh is for h alone.
    const initial = this.#initial.map((map, k) => {
      const mapped = map.apply(from[k] as tf.Tensor2D);
      return k === 0 ? tf.tanh<tf.Tensor2D>(mapped) : mapped;
    });
    const [h] = initial as [tf.Tensor2D];
    // Made of what is there: how many rows it has, nobody knows who records it.
    if (cell === 'lstm' && initial.length === 1) initial.push(tf.mul(h, 0));
    const state: StateTensors = { cell: initial, memory: {} };
    if (inputFeeding)
      state.fed = tf.mul<tf.Tensor2D>(tf.slice(h, [0, 0], [h.shape[0], 1]), tf.zeros([1, embeddingSize]));

    if (this.#score) {
      const keys = probe('keys', this.#score.keys(states));
      const values = probe('values', this.#value ? mapLocations(states, this.#value.kernel as tf.Tensor2D) : states);
      if (attention === 'summary') {
        // No query: the state is handed over as one, and ignored.
        const { context, weights } = attend(this.#score, keys, values, initial[0] as tf.Tensor2D, mask, probe);
        state.memory = { context, weights };
      } else {
        state.memory = { keys, values, ...(mask && { mask }) };
      }
    }
    return state;
  }

  /** One step of the decoder. @param step the cell's, from its state and what its input has beside E y_{t−1} */
  #advance(
    step: (rest: tf.Tensor2D | null, cell: readonly tf.Tensor2D[]) => tf.Tensor2D[],
    state: StateTensors,
    probe: Probe = unprobed,
  ): Moment {
    if (this.config.decoder === 'bahdanau') {
      const looked = this.#look(state.memory, state.cell[0] as tf.Tensor2D, probe);
      return { cell: step(looked.context ?? null, state.cell), ...looked };
    }
    const cell = step(state.fed ?? null, state.cell);
    const looked = this.#look(state.memory, cell[0] as tf.Tensor2D, probe);
    if (!this.config.inputFeeding) return { cell, ...looked };
    return { cell, ...looked, fed: this.#attentional(cell[0] as tf.Tensor2D, looked.context) };
  }

  /** c_t and α_t. */
  #look(
    { keys, values, mask, context, weights }: Memory,
    query: tf.Tensor2D,
    probe: Probe,
  ): Pick<Moment, 'context' | 'weights'> {
    if (context && weights) return { context: probe('context', context), weights: probe('weights', weights) };
    return this.#score && keys && values ? attend(this.#score, keys, values, query, mask, probe) : {};
  }

  /** h̃_t = tanh(W_c [s_t; c_t]), or t_t = maxout(W [s_t; E y_{t−1}; c_t] + b), [rows, embedding size]. */
  #readOut(hidden: tf.Tensor2D, words: tf.Tensor2D, contexts: tf.Tensor2D | undefined): tf.Tensor2D {
    if (this.config.decoder === 'luong') return this.#attentional(hidden, contexts);
    return tf.tidy(() => {
      const deep = this.#output.apply(tf.concat([hidden, words, ...(contexts ? [contexts] : [])], 1));
      const [one, other] = tf.split(deep, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      return tf.maximum<tf.Tensor2D>(one, other);
    });
  }

  #attentional(hidden: tf.Tensor2D, contexts: tf.Tensor2D | undefined): tf.Tensor2D {
    return tf.tidy(() => tf.tanh(this.#output.apply(contexts ? tf.concat([hidden, contexts], 1) : hidden)));
  }
}

function scoreOf(attention: Exclude<Seq2SeqAttention, 'none'>): ScoreName {
  if (attention === 'summary') return 'self-attentive';
  return attention === 'key-query-value' ? 'key-query' : attention;
}

/** The state after a step. */
function next(state: StateTensors, { cell, fed }: Moment): StateTensors {
  return { cell, ...(fed && { fed }), memory: state.memory };
}

/** The changing part of a state by name: `cell/0` (s_t), `cell/1` (the memory of an LSTM), `fed`. */
function flatten({ cell, fed }: Omit<StateTensors, 'memory'>): RowTensors {
  return { ...Object.fromEntries(cell.map((x, i) => [`cell/${i}`, x])), ...(fed && { fed }) };
}

function unflatten({ fed, ...cell }: RowTensors): Omit<StateTensors, 'memory'> {
  const count = Object.keys(cell).length;
  return {
    cell: Array.from({ length: count }, (_, i) => cell[`cell/${i}`] as tf.Tensor2D),
    ...(fed && { fed: fed as tf.Tensor2D }),
  };
}

function mapTensors({ cell, fed, memory }: StateTensors, map: <T extends tf.Tensor>(x: T) => T): StateTensors {
  return { cell: cell.map(map), ...(fed && { fed: map(fed) }), memory: mapMemory(memory, map) };
}

function mapMemory(memory: Memory, map: <T extends tf.Tensor>(x: T) => T): Memory {
  return Object.fromEntries(Object.entries(memory).map(([name, x]) => [name, map(x)]));
}

/** The mean over the tokens of each row, [rows, annotation size]. */
function meanAnnotation(states: tf.Tensor3D, mask: tf.Tensor2D | undefined): tf.Tensor2D {
  if (!mask) return tf.mean(states, 1);
  return weightedSum(tf.div<tf.Tensor2D>(mask, tf.sum(mask, 1, true)), states);
}

/** Along the last axis; one by itself stays what it is. */
const beside = <T extends tf.Tensor>(parts: T[]): T =>
  parts.length === 1 ? (parts[0] as T) : tf.concat(parts, parts[0]!.rank - 1);
