import type * as tf from '@tensorflow/tfjs-core';
import type { SearchPlan } from '../engine/decoding/decoder.ts';
import type { ForeseenStep } from '../engine/decoding/foresight.ts';
import {
  placeInput,
  SEARCH_INPUTS,
  SEARCH_OUTPUTS,
  searchGraph,
  stateInput,
  type SearchParts,
} from '../engine/graph/search-graph.ts';
import type { OnnxGraph } from '../engine/graph/onnx-graph.ts';
import { toOnnx } from '../engine/graph/to-onnx.ts';
import { bake, type Traced } from '../engine/graph/trace.ts';
import { unchanged, type GraphOrigin, type GraphRunner, type Numbers, type OnnxSession } from './whole-graph.ts';

/** A model's start and step, recorded, and how a search goes through them: see `SearchParts`. */
export interface RecordedSearch extends Pick<
  SearchParts,
  'memory' | 'states' | 'places' | 'endToken' | 'tellsAll' | 'noRepeat'
> {
  readonly start: () => Traced;
  readonly step: () => Traced;
  readonly startToken: number;
  readonly vocabularySize: number;
}

/** What a search is about: inputs of the start, the states that it does not give, and what the step takes a row of at each place. */
export interface SearchSubject {
  readonly sources: number;
  readonly start: Readonly<Record<string, Numbers>>;
  readonly states?: Readonly<Record<string, Numbers>>;
  readonly places?: Readonly<Record<string, Numbers>>;
}

/** So many of the likeliest tokens of each row are told and looked at: rules forbid a few, and then there must be enough. */
export const LISTED = 16;
const WIDEST = LISTED / 2;

/** Runs whole searches of one model. */
export class SearchRunner {
  readonly #recorded: RecordedSearch;
  readonly #session: OnnxSession;
  readonly #listed: number;
  readonly #assertUnchanged: () => void;

  /** @returns nothing where searches cannot be run as a whole */
  static async load(
    recorded: RecordedSearch,
    { open }: GraphRunner,
    origin?: GraphOrigin,
  ): Promise<SearchRunner | undefined> {
    if (!open) return undefined;
    const { start: recordStart, step: recordStep, ...rest } = recorded;
    let weights = origin?.weights ?? [];
    const graph = (): OnnxGraph => {
      const [start, step] = [recordStart(), recordStep()];
      weights = [start, step].flatMap((traced) => [...traced.weights.values()]);
      const models = { start: toOnnx(bake(start), 'start'), step: toOnnx(bake(only(step, rest)), 'step') };
      return searchGraph({ ...rest, ...models, listed: listedOf(recorded) }, 'search');
    };
    const session = await open(graph, 'search', origin);
    return new SearchRunner(recorded, session, unchanged(weights));
  }

  private constructor(recorded: RecordedSearch, session: OnnxSession, assertUnchanged: () => void) {
    this.#recorded = recorded;
    this.#listed = listedOf(recorded);
    this.#session = session;
    this.#assertUnchanged = assertUnchanged;
  }

  /** The steps that a beam search takes; none where it is too wide to be foreseen. */
  foresee(plan: SearchPlan, subject: SearchSubject): ForeseenStep[] {
    this.#assertUnchanged();
    const { noRepeat, startToken, vocabularySize } = this.#recorded;
    const { sources } = subject;
    const { maxLength, minLength, nBest, repeatable, width } = plan;
    if (width > WIDEST) return [];
    const I = SEARCH_INPUTS;
    const first = (value: (source: number) => number): Numbers =>
      integers(Int32Array.from({ length: sources }, (_, source) => value(source)));
    const results = this.#session.run({
      ...subject.start,
      ...mapped(subject.states, stateInput),
      ...mapped(subject.places, placeInput),
      [I.rows]: first((source) => source),
      [I.tokens]: first(() => startToken),
      [I.firstPlaces]: first((source) => source * width),
      [I.allPlaces]: integers(Int32Array.from({ length: sources * width }, (_, place) => place)),
      [I.scores]: floats(new Float32Array(sources)),
      [I.finished]: floats(new Float32Array(sources * nBest).fill(-Infinity), [sources, nBest]),
      [I.width]: integers(Int32Array.of(width)),
      [I.wanted]: integers(Int32Array.of(nBest)),
      [I.longest]: integers(Int32Array.of(maxLength)),
      [I.shortest]: integers(Int32Array.of(minLength)),
      [I.alpha]: floats(Float32Array.of(plan.lengthNormalisation), []),
      ...(noRepeat !== undefined && {
        [I.sequences]: { type: 'bool', data: Uint8Array.of(Number(plan.noRepeat === noRepeat)), dims: [] },
      }),
      [I.forbidden]: flags(plan.forbidden, vocabularySize),
      [I.neverLast]: flags(plan.neverLast, vocabularySize),
      [I.repeatable]: repeatable ? flags(repeatable, vocabularySize) : all(vocabularySize),
    });
    return stepsOf(results, sources * width, this.#listed);
  }

  dispose(): void {
    this.#session.dispose();
  }
}

const listedOf = ({ vocabularySize }: RecordedSearch): number => Math.min(vocabularySize, LISTED);

/** A step without what it gives and no search takes. */
function only({ graph, weights }: Traced, { states }: Pick<SearchParts, 'states'>): Traced {
  const taken = new Set(['logProbabilities', 'weights', ...states]);
  const outputs = Object.fromEntries(Object.entries(graph.outputs).filter(([name]) => taken.has(name)));
  return { graph: { ...graph, outputs }, weights };
}

/** @param height rows of the table of each step @param listed tokens that are listed of a row */
function stepsOf(results: Readonly<Record<string, Numbers>>, height: number, listed: number): ForeseenStep[] {
  const O = SEARCH_OUTPUTS;
  const integersOf = (name: string): Int32Array => (results[name] as Numbers).data as Int32Array;
  const counts = integersOf(O.count);
  const taken = { rows: integersOf(O.rows), tokens: integersOf(O.tokens) };
  const likely = { tokens: integersOf(O.likely), values: (results[O.values] as Numbers).data as Float32Array };
  const table = (name: string): ((step: number) => Float32Array) | null => {
    const found = results[name];
    if (!found) return null;
    const width = found.dims[2] as number;
    return (step) =>
      (found.data as Float32Array).subarray(step * height * width, (step * height + (counts[step] as number)) * width);
  };
  const [all, weights] = [table(O.logProbabilities), table(O.weights)];
  return Array.from(counts, (count, step): ForeseenStep => {
    const [from, to] = [step * height, step * height + count];
    return {
      rows: taken.rows.subarray(from, to),
      tokens: taken.tokens.subarray(from, to),
      likeliest: {
        tokens: likely.tokens.subarray(from * listed, to * listed),
        logProbabilities: likely.values.subarray(from * listed, to * listed),
        count: listed,
      },
      logProbabilities: all?.(step) ?? null,
      weights: weights?.(step) ?? null,
    };
  });
}

function mapped(
  given: Readonly<Record<string, Numbers>> | undefined,
  nameOf: (name: string) => string,
): Record<string, Numbers> {
  return Object.fromEntries(Object.entries(given ?? {}).map(([name, numbers]) => [nameOf(name), numbers]));
}

/** A tensor of tfjs, whose numbers are shared. */
export function numbersIn(tensor: tf.Tensor): Numbers {
  return tensor.dtype === 'int32'
    ? { type: 'int32', data: tensor.dataSync<'int32'>(), dims: tensor.shape }
    : { type: 'float32', data: tensor.dataSync<'float32'>(), dims: tensor.shape };
}

const integers = (data: Int32Array, dims: readonly number[] = [data.length]): Numbers => ({
  type: 'int32',
  data,
  dims,
});
const floats = (data: Float32Array, dims: readonly number[] = [data.length]): Numbers => ({
  type: 'float32',
  data,
  dims,
});

const all = (size: number): Numbers => ({ type: 'bool', data: new Uint8Array(size).fill(1), dims: [size] });

function flags(tokens: readonly number[], size: number): Numbers {
  const data = new Uint8Array(size);
  for (const token of tokens) data[token] = 1;
  return { type: 'bool', data, dims: [size] };
}
