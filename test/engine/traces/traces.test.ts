import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { padTokens } from '../../../src/engine/batches/padded-tokens.ts';
import { ConvS2S } from '../../../src/engine/models/conv-s2s.ts';
import { Seq2Seq, type Seq2SeqConfig } from '../../../src/engine/models/seq2seq.ts';
import { Transformer } from '../../../src/engine/models/transformer.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { traceCaptioner } from '../../../src/engine/traces/captioner-trace.ts';
import { traceConvS2S } from '../../../src/engine/traces/conv-s2s-trace.ts';
import { plainTrace, type PlainTrace } from '../../../src/engine/traces/plain-trace.ts';
import { traceSeq2Seq } from '../../../src/engine/traces/seq2seq-trace.ts';
import type { ScoreChange, StepTrace } from '../../../src/engine/traces/step-trace.ts';
import { traceTransformer, type HeadPlace } from '../../../src/engine/traces/transformer-trace.ts';
import { logitOf, scoreOf, softmax, weightedSum } from '../../../src/renderer/learn/arithmetic.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { smallCaptioner, smallFeatures } from '../../support/small-captioner.ts';
import { SMALL_CONV_S2S, SMALL_SEQ2SEQ, SMALL_TRANSFORMER } from '../../support/small-text-shapes.ts';

useTestBackend();

const SOURCE = [3, 9, 4, 12, 2];
const WRITTEN = [5, 7];
const COUNT = 5;
const wordOf = (token: number): string => `w${token}`;

const RECURRENT: Partial<Seq2SeqConfig>[] = [
  { attention: 'summary' },
  { attention: 'additive' },
  { attention: 'additive', decoder: 'bahdanau', cell: 'lstm' },
  { attention: 'dot' },
  { attention: 'scaled-dot' },
  { attention: 'general', inputFeeding: true },
  { attention: 'concat' },
  { attention: 'key-query' },
  { attention: 'key-query-value' },
];

const HEADS: HeadPlace[] = [
  { kind: 'source', layer: 2, head: 1 },
  { kind: 'decoder', layer: 1, head: 0 },
  { kind: 'encoder', layer: 1, head: 1, query: 3 },
];

/** A step of some model, and what its own search says there. */
interface Case {
  name: string;
  trace: (change?: ScoreChange) => StepTrace;
  searched: () => Float32Array;
}

function seq2seqCase(change: Partial<Seq2SeqConfig>): Case {
  const model = (): Seq2Seq => new Seq2Seq({ ...SMALL_SEQ2SEQ, ...change }, new Parameters(new Random(4).next));
  return {
    name: [change.attention, change.decoder, change.inputFeeding && 'fed'].filter(Boolean).join(', '),
    trace: (own) => traceSeq2Seq(model(), SOURCE, WRITTEN, { count: COUNT }, own),
    searched: () => searchedBy(model().decoder(padTokens([SOURCE])), WRITTEN),
  };
}

function headCase(place: HeadPlace): Case {
  const model = (): Transformer => new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
  return {
    name: `a head of the Transformer, ${place.kind}`,
    trace: (own) => traceTransformer(model(), SOURCE, WRITTEN, place, { count: COUNT }, own),
    searched: () => searchedBy(model().decoder(padTokens([SOURCE])), WRITTEN),
  };
}

function convolutionCase(layer: number): Case {
  const model = (): ConvS2S => new ConvS2S(SMALL_CONV_S2S, new Parameters(new Random(4).next));
  return {
    name: `layer ${layer} of a ConvS2S`,
    trace: (own) => traceConvS2S(model(), SOURCE, WRITTEN, layer, { count: COUNT }, own),
    searched: () => searchedBy(model().decoder(padTokens([SOURCE])), WRITTEN),
  };
}

const captioner: Case = {
  name: 'the captioner',
  trace: (own) => traceCaptioner(smallCaptioner().captioner, smallFeatures(1), WRITTEN, { count: COUNT }, own),
  searched: () => searchedBy(smallCaptioner().captioner.decoder(smallFeatures(1)), WRITTEN),
};

const CASES = [captioner, ...RECURRENT.map(seq2seqCase), ...HEADS.map(headCase), ...[0, 2].map(convolutionCase)];

/** log p of every token after some, as a search has it. */
function searchedBy<State>(
  decoder: {
    startToken: number;
    start: () => State;
    step: (state: State, tokens: Int32Array) => { logProbabilities: tf.Tensor2D; state: State };
  },
  tokens: readonly number[],
): Float32Array {
  let state = decoder.start();
  let last: tf.Tensor2D | undefined;
  for (const token of [decoder.startToken, ...tokens]) {
    const step = decoder.step(state, Int32Array.of(token));
    ({ state } = step);
    last = step.logProbabilities;
  }
  return last!.dataSync<'float32'>();
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5);
}

describe.each(CASES)('one step, taken apart: $name', ({ searched, trace }) => {
  const look = (change?: ScoreChange): PlainTrace => plainTrace(trace(change), wordOf);

  it('is the step that a search takes', () => {
    const log = searched();
    const order = [...log.keys()].sort((a, b) => log[b]! - log[a]!).slice(0, COUNT);
    const { likeliest } = look();
    expect(likeliest.map(({ token }) => token)).toEqual(order);
    expectClose(
      likeliest.map(({ probability }) => probability),
      order.map((token) => Math.exp(log[token]!)),
    );
  });

  it('comes out the same where a page computes it from the trace', () => {
    const { gate, gated, likeliest, logSum, look: own, output } = look();
    expectClose(
      own!.keys.map((_, i) => scoreOf(own!, i)),
      own!.scores,
    );
    const visible = own!.weights.map((weight, i) => (weight === 0 ? null : own!.seen[i]!));
    expectClose(softmax(visible), own!.weights);
    expectClose(weightedSum(own!.weights, own!.values), own!.context);
    if (gate !== undefined)
      expectClose(
        own!.context.map((x) => gate * x),
        gated!,
      );
    for (const token of likeliest) {
      expectClose([logitOf(output, token)], [token.logit]);
      expectClose([Math.exp(token.logit - logSum)], [token.probability]);
    }
  });

  it('shows what a change of the scores makes of the word, and a hidden location has no weight', () => {
    const before = look();
    const scores = before.look!.scores.map((score, i) => (i === 0 ? null : i === 1 ? score + 3 : score));
    const after = look({ scores, temperature: 0.5 });
    expectClose(after.look!.scores, before.look!.scores);
    expect(after.look!.weights[0]).toBe(0);
    const shown = after.look!.weights.map((_, i) => (before.look!.weights[i] === 0 ? null : scores[i]!));
    expectClose(softmax(shown, 0.5), after.look!.weights);
    expectClose(weightedSum(after.look!.weights, after.look!.values), after.look!.context);
    expect(after.output).not.toEqual(before.output);
  });

  it('is as it was where the scores are put in their own place', () => {
    const before = look();
    expectClose(look({ scores: before.look!.scores }).output, before.output);
  });

  it('refuses scores for other locations, and a look at nothing', () => {
    const { scores } = look().look!;
    expect(() => trace({ scores: [...scores, 1] })).toThrow(`There are ${scores.length} locations`);
    expect(() => trace({ scores: scores.map(() => null) })).toThrow('One location at least must be seen.');
    expect(() => trace({ temperature: 0 })).toThrow('The temperature must be above 0');
  });
});

describe('a trace', () => {
  it('has no look where there is no attention', () => {
    const model = new Seq2Seq({ ...SMALL_SEQ2SEQ, attention: 'none' }, new Parameters(new Random(4).next));
    expect(traceSeq2Seq(model, SOURCE, WRITTEN, { count: 3 }).look).toBeNull();
    const { captioner: none } = smallCaptioner('none');
    expect(traceCaptioner(none, smallFeatures(1), [], { count: 3 }).look).toBeNull();
  });

  it('leaves out what no caption has', () => {
    const { captioner: model } = smallCaptioner();
    const { likeliest } = traceCaptioner(model, smallFeatures(1), [], { count: 12, never: [0, 2] });
    expect(likeliest.map(({ token }) => token)).not.toContain(0);
    expect(likeliest).toHaveLength(10);
  });

  it('of a head hides the future from every token of the target', () => {
    const model = new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
    const { allWeights } = traceTransformer(model, SOURCE, WRITTEN, HEADS[1]!, { count: 1 });
    expect(allWeights.map((row) => [...row].map((weight) => weight > 0))).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  it.each(HEADS)('of a head has its mask at work, and nothing but what is hidden changes by it: $kind', (place) => {
    const model = new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
    const { allWeights, mask, positions } = traceTransformer(model, SOURCE, WRITTEN, place, { count: 1 });
    const isCausal = place.kind === 'decoder';
    const queries = place.kind === 'encoder' ? SOURCE.length : WRITTEN.length + 1;
    const locations = isCausal ? queries : SOURCE.length;
    expect(mask.kind).toBe(isCausal ? 'causal' : 'padding');
    for (let q = 0; q < queries; q++) {
      expectClose([...mask.weights[q]!.slice(0, locations)], [...allWeights[q]!]);
      for (const [i, score] of mask.scores[q]!.entries()) {
        const isHidden = isCausal ? i > q : i >= SOURCE.length;
        expect(score === -Infinity).toBe(isHidden);
        expect(mask.weights[q]![i] === 0).toBe(isHidden);
      }
    }
    expect(positions).toHaveLength(queries);
    expectClose([...positions[1]!.slice(0, 2)], [Math.sin(1), Math.cos(1)]);
  });

  it('of the first token sees the start alone, which no mask hides', () => {
    const model = new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
    const { mask } = traceTransformer(model, SOURCE, [], HEADS[1]!, { count: 1 });
    expect(mask.weights.map((row) => [...row])).toEqual([[1]]);
  });

  it('of a head has x, what is added to it, and their sum', () => {
    const model = new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
    const { position, residual } = traceTransformer(model, SOURCE, WRITTEN, HEADS[0]!, { count: 1 });
    expectClose(
      [...residual.before].map((x, i) => x + residual.added[i]!),
      [...residual.after],
    );
    // PE(2, 0) = sin 2, PE(2, 1) = cos 2.
    expectClose([...position.slice(0, 2)], [Math.sin(2), Math.cos(2)]);
  });

  it('refuses a head that is not there', () => {
    const model = new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
    const place = { kind: 'source', layer: 3, head: 0 } as const;
    expect(() => traceTransformer(model, SOURCE, [], place, { count: 1 })).toThrow('There is no layer 3');
  });

  it('leaves no tensors behind', async () => {
    const { captioner: model } = smallCaptioner();
    const features = smallFeatures(1);
    const text = new Seq2Seq(SMALL_SEQ2SEQ, new Parameters(new Random(4).next));
    const transformer = new Transformer(SMALL_TRANSFORMER, new Parameters(new Random(4).next));
    await expectNoLeak(() => {
      traceCaptioner(model, features, WRITTEN, { count: 3 }, { temperature: 2 });
      traceSeq2Seq(text, SOURCE, WRITTEN, { count: 3 });
      traceTransformer(transformer, SOURCE, WRITTEN, HEADS[2]!, { count: 3 });
    });
  });
});
