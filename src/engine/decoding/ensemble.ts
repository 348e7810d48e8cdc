import * as tf from '@tensorflow/tfjs-core';
import { disposeResults, type Decoder, type DecoderStep } from './decoder.ts';
import type { Evidence } from './evidence.ts';

/** One of the decoders that speak together. */
export interface EnsembleMember<State> {
  readonly decoder: Decoder<State>;
  /**
   * Where this member's attention weights go: location i of the ensemble is the member's location
   * `locations[i]` (a mirrored photo's grid is turned back so). Left out: the same places.
   */
  readonly locations?: Int32Array;
}

/** The states of all members, in their order. */
export type EnsembleState<State> = readonly State[];

/**
 * Several decoders over one vocabulary as one: p(token) is the mean of their probabilities, and the
 * attention weights are the mean of theirs. Every search takes it like any other decoder. The members'
 * row i must describe the same source.
 */
export class EnsembleDecoder<State> implements Decoder<EnsembleState<State>> {
  readonly vocabularySize: number;
  readonly startToken: number;
  readonly endToken: number;
  readonly sources: number;
  readonly evidence: Decoder<unknown>['evidence'];
  readonly #members: readonly EnsembleMember<State>[];

  /** @throws RangeError where the members do not share vocabulary, special tokens and number of sources */
  constructor(members: readonly EnsembleMember<State>[]) {
    const first = members[0]?.decoder;
    if (!first) throw new RangeError('An ensemble needs at least one decoder.');
    for (const key of ['vocabularySize', 'startToken', 'endToken', 'sources'] as const) {
      const other = members.find(({ decoder }) => decoder[key] !== first[key]);
      if (other) {
        throw new RangeError(`The decoders of an ensemble differ in ${key}: ${first[key]} and ${other.decoder[key]}.`);
      }
    }
    this.vocabularySize = first.vocabularySize;
    this.startToken = first.startToken;
    this.endToken = first.endToken;
    this.sources = first.sources;
    this.#members = members;
    const witnesses = members.flatMap(({ decoder }) => decoder.evidence ?? []);
    if (witnesses.length === members.length) this.evidence = () => meanEvidence(witnesses);
  }

  start(): EnsembleState<State> {
    return this.#forAll(({ decoder }) => decoder.start());
  }

  step(state: EnsembleState<State>, tokens: Int32Array): DecoderStep<EnsembleState<State>> {
    const steps: DecoderStep<State>[] = [];
    try {
      this.#members.forEach(({ decoder }, i) => steps.push(decoder.step(state[i] as State, tokens)));
      const { logProbabilities, weights } = this.#mean(steps);
      return { logProbabilities, weights, state: steps.map((step) => step.state) };
    } catch (error) {
      steps.forEach((step, i) => this.#members[i]?.decoder.dispose(step.state));
      throw error;
    } finally {
      steps.forEach(disposeResults);
    }
  }

  reorder(state: EnsembleState<State>, rows: Int32Array): EnsembleState<State> {
    return this.#forAll(({ decoder }, i) => decoder.reorder(state[i] as State, rows));
  }

  dispose(state: EnsembleState<State>): void {
    this.#members.forEach(({ decoder }, i) => decoder.dispose(state[i] as State));
  }

  #mean(steps: readonly DecoderStep<State>[]): { logProbabilities: tf.Tensor2D; weights: tf.Tensor2D | null } {
    const count = steps.length;
    // Attention is shown only where every member has it: a mean of some would not be where the ensemble looked.
    const looked = steps.map((step) => step.weights).filter((weights) => weights !== null);
    const means = tf.tidy(() => {
      const all = tf.stack(steps.map((step) => step.logProbabilities)) as tf.Tensor3D;
      const logProbabilities = tf.sub<tf.Tensor2D>(tf.logSumExp(all, 0), Math.log(count));
      if (looked.length < count) return { logProbabilities };
      const placed = looked.map((weights, i) => {
        const locations = this.#members[i]?.locations;
        return locations ? tf.gather(weights, tf.tensor1d(locations, 'int32'), 1) : weights;
      });
      return { logProbabilities, weights: tf.div<tf.Tensor2D>(tf.addN(placed), count) };
    });
    return { weights: null, ...means };
  }

  /** One value a member; where one throws, those before it are freed. */
  #forAll(make: (member: EnsembleMember<State>, index: number) => State): State[] {
    const made: State[] = [];
    try {
      this.#members.forEach((member, index) => made.push(make(member, index)));
    } catch (error) {
      made.forEach((state, i) => this.#members[i]?.decoder.dispose(state));
      throw error;
    }
    return made;
  }
}

/** The mean of what several say, token by token. */
async function meanEvidence(witnesses: readonly NonNullable<Decoder<unknown>['evidence']>[]): Promise<Evidence[]> {
  const all = await Promise.all(witnesses.map((evidence) => evidence()));
  const [first = []] = all;
  return first.map((own, source) =>
    own.map((_, token) => all.reduce((sum, one) => sum + one[source]![token]!, 0) / all.length),
  );
}

/** The places of a [rows, columns] grid seen in a mirror: location i of the photo is location `result[i]` of its mirror image. */
export function mirroredLocations(rows: number, columns: number): Int32Array {
  return Int32Array.from({ length: rows * columns }, (_, i) => i - (i % columns) + (columns - 1 - (i % columns)));
}
