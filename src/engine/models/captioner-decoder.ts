import * as tf from '@tensorflow/tfjs-core';
import type { Decoder, DecoderStep, SearchPlan } from '../decoding/decoder.ts';
import { ForeseeingDecoder, type ForeseenStep } from '../decoding/foresight.ts';
import type { LstmState } from '../layers/lstm.ts';
import { rowsAt } from '../layers/rows.ts';
import type { DescribedWords } from './described-words.ts';

/** What a captioner knows of photos before the first word, a row a photo. */
export type CaptionerStart = LstmState & {
  /** a_i, [photos, locations, annotation size]. */
  annotations: tf.Tensor3D;
  /** W_a a_i, [photos, locations, attention size]; left out where there is no attention. */
  keys?: tf.Tensor3D;
};

/** What one step takes. */
export type CaptionerInputs = CaptionerStart & {
  /** Which row of h and c each row goes on from, [rows]; left out: each from its own. */
  rows?: tf.Tensor1D;
  /** The words fed, [rows]. */
  tokens: tf.Tensor1D;
  /** See `Captioner.meanGates`, a row each; left out: computed. */
  meanGates?: tf.Tensor2D;
};

/** What one step gives. */
export type CaptionerOutputs = LstmState & {
  /** log p of every word, [rows, vocabulary]. */
  logProbabilities: tf.Tensor2D;
  /** α, [rows, locations]; left out where there is no attention. */
  weights?: tf.Tensor2D;
};

/**
 * What a search needs of a captioner, as functions of tensors alone: they can run operation by operation, or
 * be recorded and run as whole graphs. Who calls owns what comes back.
 */
export interface CaptionerSteps {
  /** @param features the encoder's grid, [photos, locations, feature size] */
  start(features: tf.Tensor3D): CaptionerStart;
  step(inputs: CaptionerInputs): CaptionerOutputs;
  /** Gets the step ready for photos of one location alone; left out: `step` takes any number of them. */
  alone?: () => Promise<(inputs: CaptionerInputs) => CaptionerOutputs>;
  /** The steps of a whole search, where they can be computed at once. */
  foresee?: (features: tf.Tensor3D, plan: SearchPlan) => readonly ForeseenStep[];
}

/** The state of a batch of captions being written. */
export interface CaptionerState extends CaptionerStart {
  /** Which row of h and c each row goes on from; null: each from its own. The next step gathers them on its way. */
  readonly rows: Int32Array | null;
  /** Which photo each row describes; annotations and keys lie in this order. */
  readonly photo: Int32Array;
}

/** The special words, of the captioner's configuration. */
type Words = Pick<Decoder<unknown>, 'vocabularySize' | 'startToken' | 'endToken'>;

/** A captioner and some photos, for any search. */
export class CaptionerDecoder implements Decoder<CaptionerState> {
  readonly vocabularySize: number;
  readonly startToken: number;
  readonly endToken: number;
  readonly sources: number;
  readonly evidence: Decoder<unknown>['evidence'];
  readonly #steps: CaptionerSteps;
  readonly #features: tf.Tensor3D;

  /**
   * @param features [photos, locations, feature size]; the caller keeps them alive while it searches
   * @param described says which words the photos are described with
   */
  constructor(
    { vocabularySize, startToken, endToken }: Words,
    steps: CaptionerSteps,
    features: tf.Tensor3D,
    described?: DescribedWords,
  ) {
    this.vocabularySize = vocabularySize;
    this.startToken = startToken;
    this.endToken = endToken;
    this.sources = features.shape[0];
    this.#steps = steps;
    this.#features = features;
    if (described) this.evidence = () => described.of(features);
  }

  start(): CaptionerState {
    const photo = Int32Array.from({ length: this.sources }, (_, index) => index);
    return { ...this.#steps.start(this.#features), rows: null, photo };
  }

  step(state: CaptionerState, tokens: Int32Array): DecoderStep<CaptionerState> {
    const { h, c, annotations, keys, photo } = state;
    const fed = { tokens: tf.tensor1d(tokens, 'int32'), ...(state.rows && { rows: tf.tensor1d(state.rows, 'int32') }) };
    try {
      const next = this.#steps.step({ h, c, annotations, ...(keys && { keys }), ...fed });
      // The photo's tensors are the same as before: the new state shares their data under its own handles.
      const shared = { annotations: tf.clone(annotations), ...(keys && { keys: tf.clone(keys) }) };
      return {
        logProbabilities: next.logProbabilities,
        weights: next.weights ?? null,
        state: { h: next.h, c: next.c, ...shared, rows: null, photo },
      };
    } finally {
      tf.dispose(fed);
    }
  }

  reorder(state: CaptionerState, rows: Int32Array): CaptionerState {
    const { h, c, annotations, keys } = state;
    const photo = rows.map((row) => state.photo[row] as number);
    const samePhotos = photo.length === state.photo.length && photo.every((index, row) => index === state.photo[row]);
    return tf.tidy(() => {
      const picked = samePhotos ? tf.clone : rowsAt(rows);
      return {
        h: tf.clone(h),
        c: tf.clone(c),
        annotations: picked(annotations),
        ...(keys && { keys: picked(keys) }),
        rows: rows.map((row) => state.rows?.[row] ?? row),
        photo,
      };
    });
  }

  dispose({ h, c, annotations, keys }: CaptionerState): void {
    tf.dispose([h, c, annotations, ...(keys ? [keys] : [])]);
  }
}

/** The decoder of some photos, the fastest way that the steps have. @param features, described see `CaptionerDecoder` */
export function captionerDecoder(
  words: Words,
  steps: CaptionerSteps,
  features: tf.Tensor3D,
  described?: DescribedWords,
): Decoder<unknown> {
  const decoder = new CaptionerDecoder(words, steps, features, described);
  const { foresee } = steps;
  return foresee ? new ForeseeingDecoder(decoder, (plan) => foresee(features, plan)) : decoder;
}
