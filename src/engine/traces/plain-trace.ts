import type { HeadTrace } from './transformer-trace.ts';
import type { NextToken, StepTrace } from './step-trace.ts';

/** Eight digits: as many as a float32 has, and less than half as long to write. */
export const eight = (value: number): number => Number(value.toPrecision(8));
const plain = (numbers: Float32Array): number[] => Array.from(numbers, eight);

/** Scores; null where a location is hidden. */
const hidden = (scores: Float32Array): (number | null)[] =>
  Array.from(scores, (score) => (Number.isFinite(score) ? eight(score) : null));

/** A trace as plain lists of numbers, as it travels. */
export interface PlainTrace {
  look: PlainLook | null;
  word: number[];
  gate?: number;
  gated?: number[];
  state?: number[];
  output: number[];
  logSum: number;
  likeliest: PlainToken[];
  head?: {
    place: number;
    position: number[];
    residual: { before: number[]; added: number[]; after: number[] };
    allWeights: number[][];
    positions: number[][];
    mask: { kind: 'causal' | 'padding'; scores: (number | null)[][]; weights: number[][] };
  };
}

type PlainLook = {
  form: 'tanh' | 'product' | 'fixed';
  asking: number[];
  query: number[];
  keys: number[][];
  v?: number[];
  values: number[][];
  scores: number[];
  /** Null where a location is hidden. */
  seen: (number | null)[];
  weights: number[];
  context: number[];
};

type PlainToken = Omit<NextToken, 'vector'> & { word: string | null; vector: number[] };

/** @param wordOf what a token is called; null: the end */
export function plainTrace(trace: StepTrace | HeadTrace, wordOf: (token: number) => string | null): PlainTrace {
  const { gate, gated, likeliest, logSum, look, output, state, word } = trace;
  return {
    look: look && {
      form: look.form,
      asking: plain(look.asking),
      query: plain(look.query),
      keys: look.keys.map(plain),
      ...(look.v && { v: plain(look.v) }),
      values: look.values.map(plain),
      scores: plain(look.scores),
      seen: hidden(look.seen),
      weights: plain(look.weights),
      context: plain(look.context),
    },
    word: plain(word),
    ...(gate !== undefined && { gate: eight(gate) }),
    ...(gated && { gated: plain(gated) }),
    ...(state && { state: plain(state) }),
    output: plain(output),
    logSum: eight(logSum),
    likeliest: likeliest.map((one) => ({
      word: wordOf(one.token),
      token: one.token,
      logit: eight(one.logit),
      probability: Math.min(1, eight(one.probability)),
      vector: plain(one.vector),
      bias: eight(one.bias),
    })),
    ...('position' in trace && {
      head: {
        place: trace.place,
        position: plain(trace.position),
        residual: {
          before: plain(trace.residual.before),
          added: plain(trace.residual.added),
          after: plain(trace.residual.after),
        },
        allWeights: trace.allWeights.map(plain),
        positions: trace.positions.map(plain),
        mask: {
          kind: trace.mask.kind,
          scores: trace.mask.scores.map(hidden),
          weights: trace.mask.weights.map(plain),
        },
      },
    }),
  };
}
