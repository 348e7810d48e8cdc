import * as tf from '@tensorflow/tfjs-core';
import { disposeResults, type Decoder, type DecoderStep, type SearchPlan } from './decoder.ts';

/** One step that a search is going to take, and what it will read. */
export interface ForeseenStep {
  /** Which row of the step before each row goes on from; of the first step, each from its own. */
  readonly rows: Int32Array;
  /** The token fed to each row. */
  readonly tokens: Int32Array;
  /** The likeliest tokens of each row, [rows x count], and their log p. */
  readonly likeliest: { readonly tokens: Int32Array; readonly logProbabilities: Float32Array; readonly count: number };
  /** log p of all tokens, [rows x vocabulary]; null where they are computed only if somebody asks. */
  readonly logProbabilities: Float32Array | null;
  /** Where each row looked, [rows x locations]; null where the model has no attention. */
  readonly weights: Float32Array | null;
}

/** @returns the steps of a search, as far as they can be told */
export type Foresee = (plan: SearchPlan) => readonly ForeseenStep[];

/** Where a search stands: among what was foreseen, or in a state of the decoder behind it. */
export type ForesightState<State> = { readonly at: number; readonly rows: Int32Array | null } | { readonly own: State };

/**
 * A decoder that can compute a whole search at once, faster than step by step, and then only hands out what it found. The
 * search stays the judge: as soon as it takes another step than was foreseen, the decoder behind takes over, from the
 * beginning through the steps that were right. So what was foreseen may err; it only has to be computed alike.
 */
export class ForeseeingDecoder<State> implements Decoder<ForesightState<State>> {
  readonly vocabularySize: number;
  readonly startToken: number;
  readonly endToken: number;
  readonly sources: number;
  readonly evidence: Decoder<State>['evidence'];
  readonly #decoder: Decoder<State>;
  readonly #foresee: Foresee;
  #steps: readonly ForeseenStep[] = [];

  constructor(decoder: Decoder<State>, foresee: Foresee) {
    this.vocabularySize = decoder.vocabularySize;
    this.startToken = decoder.startToken;
    this.endToken = decoder.endToken;
    this.sources = decoder.sources;
    this.evidence = decoder.evidence;
    this.#decoder = decoder;
    this.#foresee = foresee;
  }

  foresee(plan: SearchPlan): void {
    this.#steps = this.#foresee(plan);
  }

  start(): ForesightState<State> {
    return this.#steps.length > 0 ? { at: 0, rows: null } : { own: this.#decoder.start() };
  }

  step(state: ForesightState<State>, tokens: Int32Array): DecoderStep<ForesightState<State>> {
    if ('own' in state) return this.#ownStep(state.own, tokens);
    const foreseen = this.#steps[state.at];
    if (foreseen && isSame(foreseen.tokens, tokens) && goesOn(foreseen.rows, state.rows)) {
      return this.#tell(foreseen, state.at);
    }
    const own = this.#catchUp(state.at, state.rows);
    try {
      return this.#ownStep(own, tokens);
    } finally {
      this.#decoder.dispose(own);
    }
  }

  reorder(state: ForesightState<State>, rows: Int32Array): ForesightState<State> {
    if ('own' in state) return { own: this.#decoder.reorder(state.own, rows) };
    return { at: state.at, rows: rows.map((row) => state.rows?.[row] ?? row) };
  }

  dispose(state: ForesightState<State>): void {
    if ('own' in state) this.#decoder.dispose(state.own);
  }

  #ownStep(own: State, tokens: Int32Array): DecoderStep<ForesightState<State>> {
    const step = this.#decoder.step(own, tokens);
    return { ...step, state: { own: step.state } };
  }

  #tell(step: ForeseenStep, at: number): DecoderStep<ForesightState<State>> {
    const rows = step.tokens.length;
    const { count } = step.likeliest;
    const all = step.logProbabilities;
    const told = {
      likeliest: {
        tokens: tf.tensor2d(step.likeliest.tokens, [rows, count], 'int32'),
        logProbabilities: tf.tensor2d(step.likeliest.logProbabilities, [rows, count]),
      },
      weights: step.weights && tf.tensor2d(step.weights, [rows, step.weights.length / rows]),
      // Whoever goes on says which rows with.
      state: { at: at + 1, rows: null },
    };
    if (all) return { ...told, logProbabilities: tf.tensor2d(all, [rows, this.vocabularySize]) };
    let computed: tf.Tensor2D | undefined;
    const compute = (): tf.Tensor2D => this.#compute(at);
    return {
      ...told,
      get logProbabilities() {
        return (computed ??= compute());
      },
      dispose() {
        tf.dispose([told.likeliest, ...(told.weights ? [told.weights] : []), ...(computed ? [computed] : [])]);
      },
    };
  }

  /** log p of all tokens at a step. */
  #compute(at: number): tf.Tensor2D {
    const { rows, tokens } = this.#steps[at] as ForeseenStep;
    const before = this.#catchUp(at, at === 0 ? null : rows);
    const { logProbabilities, ...rest } = this.#decoder.step(before, tokens);
    this.#decoder.dispose(before);
    this.#decoder.dispose(rest.state);
    tf.dispose([...(rest.weights ? [rest.weights] : []), ...(rest.likeliest ? [rest.likeliest] : [])]);
    return logProbabilities;
  }

  /** The state of the decoder behind after the first `count` steps. @param rows that go on from there; null: all */
  #catchUp(count: number, rows: Int32Array | null): State {
    let own = this.#decoder.start();
    const replace = (next: State): void => {
      this.#decoder.dispose(own);
      own = next;
    };
    for (const [i, step] of this.#steps.slice(0, count).entries()) {
      if (i > 0) replace(this.#decoder.reorder(own, step.rows));
      const taken = this.#decoder.step(own, step.tokens);
      disposeResults(taken);
      replace(taken.state);
    }
    if (rows) replace(this.#decoder.reorder(own, rows));
    return own;
  }
}

/** @param rows null: each from its own */
function goesOn(foreseen: Int32Array, rows: Int32Array | null): boolean {
  return rows ? isSame(foreseen, rows) : foreseen.every((row, i) => row === i);
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
