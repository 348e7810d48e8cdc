import * as tf from '@tensorflow/tfjs-core';
import type { Decoder, DecoderStep, Likeliest, SearchPlan } from '../decoding/decoder.ts';
import { ForeseeingDecoder, type ForeseenStep } from '../decoding/foresight.ts';
import { rowsAt } from '../layers/rows.ts';
import { assertTokens, type PaddedTokens } from '../batches/padded-tokens.ts';
import type { TextModelConfig } from './text-model.ts';

/** Tensors by name; the first dimension of each is rows. */
export type RowTensors = Record<string, tf.Tensor>;

/** What a text model knows before the first token, a row a source. */
export type TextStart = {
  /** Of the source: the same at every step. */
  memory: RowTensors;
  /** Of the target so far: another one after every step. Empty where nothing was fed yet and a model keeps nothing. */
  past: RowTensors;
};

/** What one step takes. */
export type TextInputs = TextStart & {
  /** Which row of `past` each row goes on from; null: each from its own. */
  readonly rows: Int32Array | null;
  /** The tokens fed, one a row. */
  readonly tokens: Int32Array;
  /** Tokens that were fed before to every row. */
  readonly position: number;
};

/** What one step gives. */
export type TextOutputs = {
  /** log p of every token, [rows, vocabulary]. */
  logProbabilities: tf.Tensor2D;
  /** Where each row looked, [rows, locations]; nothing where there is no attention. */
  weights?: tf.Tensor2D | undefined;
  /** Where each head of each layer looked, [rows, layers, heads, locations]; only where it was asked for. */
  maps?: tf.Tensor4D | undefined;
  /** See `DecoderStep`. */
  likeliest?: Likeliest | undefined;
  past: RowTensors;
};

/**
 * What a search needs of a text model: operation by operation as the models themselves have it, or run as whole
 * graphs. Who calls owns what comes back.
 */
export interface TextSteps {
  /** Whether `step` takes rows of `past` on its way. Otherwise it is never asked to: `rows` is always null. */
  readonly gathers: boolean;
  /** Whether rows may share their source's memory: sources with equally many rows then lie in `memory` once each (default false). */
  readonly shares?: boolean;
  start(source: PaddedTokens): TextStart;
  step(inputs: TextInputs): TextOutputs;
  /** The steps of a whole search, where they can be computed at once. */
  foresee?: (source: PaddedTokens, plan: SearchPlan) => readonly ForeseenStep[];
}

/** The state of a batch of targets being written. */
export interface TextState extends TextStart {
  /** Which row of `past` each row goes on from; null: each from its own. */
  readonly rows: Int32Array | null;
  /** Which source each row is written for. */
  readonly source: Int32Array;
  /** Which source each row of the memory is of: the same, but where rows share. */
  readonly held: Int32Array;
  readonly position: number;
}

/** The special tokens, and how many there are. */
type Tokens = Pick<Decoder<unknown>, 'vocabularySize' | 'startToken' | 'endToken'>;

/** A model that writes tokens about some sources, a row each, for any search. */
export class RowDecoder implements Decoder<TextState> {
  readonly vocabularySize: number;
  readonly startToken: number;
  readonly endToken: number;
  readonly sources: number;
  readonly #start: () => TextStart;
  readonly #steps: Omit<TextSteps, 'start'>;

  /** @param start what is known before the first token, a row a source */
  constructor(
    { endToken, startToken, vocabularySize }: Tokens,
    sources: number,
    start: () => TextStart,
    steps: Omit<TextSteps, 'start'>,
  ) {
    this.vocabularySize = vocabularySize;
    this.startToken = startToken;
    this.endToken = endToken;
    this.sources = sources;
    this.#start = start;
    this.#steps = steps;
  }

  start(): TextState {
    const source = Int32Array.from({ length: this.sources }, (_, row) => row);
    return { ...this.#start(), rows: null, source, held: source, position: 0 };
  }

  step({ held, memory, past, position, rows, source }: TextState, tokens: Int32Array): DecoderStep<TextState> {
    assertTokens('target', tokens, this.vocabularySize);
    const next = this.#steps.step({ memory, past, position, rows, tokens });
    return {
      logProbabilities: next.logProbabilities,
      weights: next.weights ?? null,
      likeliest: next.likeliest,
      // The sources' tensors are the same as before: the new state shares their data under its own handles.
      state: { memory: mapRows(memory, tf.clone), past: next.past, rows: null, source, held, position: position + 1 },
    };
  }

  reorder(state: TextState, rows: Int32Array): TextState {
    const source = Int32Array.from(rows, (row) => state.source[row] as number);
    const { gathers, shares = false } = this.#steps;
    const held = (shares ? oncePerSource(source) : undefined) ?? source;
    const same = held.length === state.held.length && held.every((index, row) => index === state.held[row]);
    const tensors = tf.tidy(() => ({
      past: mapRows(state.past, gathers ? tf.clone : rowsAt(rows)),
      // Beams mostly change places within a source, whose tensors are the same for all of them.
      memory: mapRows(state.memory, same ? tf.clone : rowsAt(held.map((index) => state.held.indexOf(index)))),
    }));
    const pending = gathers ? Int32Array.from(rows, (row) => state.rows?.[row] ?? row) : null;
    return { ...tensors, rows: pending, source, held, position: state.position };
  }

  dispose({ memory, past }: TextState): void {
    tf.dispose([memory, past]);
  }
}

/** A text model and some sources, for any search. */
export class TextDecoder extends RowDecoder {
  constructor(config: TextModelConfig, steps: TextSteps, source: PaddedTokens) {
    const { endToken, sourceVocabularySize, startToken, targetVocabularySize: vocabularySize } = config;
    const start = (): TextStart => {
      assertTokens('source', source.tokens, sourceVocabularySize);
      return steps.start(source);
    };
    super({ vocabularySize, startToken, endToken }, source.rows, start, steps);
  }
}

/** The sources of rows, each once, where each has as many that follow each other; nothing where they have not. */
function oncePerSource(source: Int32Array): Int32Array | undefined {
  const once = [...new Set(source)];
  const each = source.length / once.length;
  return source.every((index, row) => index === once[Math.floor(row / each)]) ? Int32Array.from(once) : undefined;
}

/** The decoder of some sources, the fastest way that the steps have. */
export function textDecoder(config: TextModelConfig, steps: TextSteps, source: PaddedTokens): Decoder<unknown> {
  const decoder = new TextDecoder(config, steps, source);
  const { foresee } = steps;
  if (!foresee) return decoder;
  return new ForeseeingDecoder(decoder, (plan) => {
    assertTokens('source', source.tokens, config.sourceVocabularySize);
    return foresee(source, plan);
  });
}

/** The same names with other tensors. */
export function mapRows(tensors: RowTensors, map: (x: tf.Tensor) => tf.Tensor): RowTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, map(x)]));
}
