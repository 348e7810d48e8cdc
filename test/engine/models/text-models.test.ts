import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ConvS2S, type ConvS2SConfig } from '../../../src/engine/models/conv-s2s.ts';
import { Seq2Seq, type Seq2SeqConfig } from '../../../src/engine/models/seq2seq.ts';
import type { TextModel } from '../../../src/engine/models/text-model.ts';
import { Transformer, type TransformerConfig } from '../../../src/engine/models/transformer.ts';
import { padTokens } from '../../../src/engine/batches/padded-tokens.ts';
import type { Probe } from '../../../src/engine/probe.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { textBatch, textLoss } from '../../../src/engine/training/text-loss.ts';
import { describeNative, expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';
import { outputScores } from '../../support/output-scores.ts';
import { SMALL_CONV_S2S, SMALL_SEQ2SEQ, SMALL_TRANSFORMER } from '../../support/small-text-shapes.ts';

useTestBackend();

const { startToken: START, endToken: END } = SMALL_TRANSFORMER;
const transformer: TransformerConfig = { ...SMALL_TRANSFORMER, decoderLayers: 2 };
const seq2seq: Seq2SeqConfig = { ...SMALL_SEQ2SEQ, cell: 'lstm', decoder: 'bahdanau' };
const luong = { ...seq2seq, decoder: 'luong' } as const;

type Config = TransformerConfig | ConvS2SConfig | Seq2SeqConfig;

function newModel(config: Config, parameters: Parameters): TextModel {
  if ('width' in config) return new ConvS2S(config, parameters);
  return 'heads' in config ? new Transformer(config, parameters) : new Seq2Seq(config, parameters);
}

const MODELS: [string, Config][] = [
  ['Transformer, pre-norm', transformer],
  ['Transformer, post-norm, own tables', { ...transformer, normalisation: 'post', embeddings: 'none' }],
  ['ConvS2S', SMALL_CONV_S2S],
  ['ConvS2S, wide, own tables', { ...SMALL_CONV_S2S, width: 5, encoderLayers: 1, embeddings: 'none' }],
  ['no attention', { ...seq2seq, attention: 'none' }],
  ['no attention, mean annotation', { ...seq2seq, attention: 'none', initialState: 'mean' }],
  ['summary without a query', { ...seq2seq, attention: 'summary' }],
  ['additive', seq2seq],
  ['additive, GRU, one direction', { ...seq2seq, cell: 'gru', encoder: 'one-directional' }],
  ['dot, Luong', { ...luong, attention: 'dot' }],
  ['general, Luong, input feeding', { ...luong, attention: 'general', inputFeeding: true }],
  ['general, scaled, Luong', { ...luong, attention: 'general', scaled: true }],
  ['plain cell, additive', { ...seq2seq, cell: 'plain' }],
  ['plain cell, none, Luong', { ...luong, cell: 'plain', attention: 'none' }],
  ['concat, Luong, GRU, input feeding', { ...luong, cell: 'gru', attention: 'concat', inputFeeding: true }],
  ['key, query and value', { ...seq2seq, attention: 'key-query-value' }],
];

const PAIRS = [
  { source: [3, 4, 5, 2], target: [6, 7, 8, 9, 10] },
  { source: [9, 12, 2], target: [4] },
  { source: [7, 3, 8, 11, 10, 2], target: [5, 3] },
  { source: [6, 2], target: [] },
];

/** log p of every target token and of the end, as teacher forcing sees them, by pair. */
function forcedLogProbabilities(model: TextModel): number[][] {
  const batch = textBatch(PAIRS, START, END);
  const { row, targets, order } = batch.target;
  const sorted = [...PAIRS].sort((a, b) => b.target.length - a.target.length);
  const found = PAIRS.map((): number[] => []);
  tf.tidy(() => {
    const { output } = model.teacherForced(batch.source, batch.target);
    const all = tf.logSoftmax(outputScores(model.outputLayer, output)).arraySync();
    for (const [place, target] of targets.entries()) {
      const pair = PAIRS.indexOf(sorted[order[row[place]!]!]!);
      found[pair]!.push(all[place]![target]!);
    }
  });
  return found;
}

/** The same, token by token through the decoder, a source at a time or all at once. */
function stepwiseLogProbabilities<State>(model: TextModel<State>, pairs: typeof PAIRS): number[][] {
  const decoder = model.decoder(padTokens(pairs.map(({ source }) => source)));
  const found = pairs.map((): number[] => []);
  const longest = Math.max(...pairs.map(({ target }) => target.length));
  let state = decoder.start();
  for (let t = 0; t <= longest; t++) {
    const tokens = Int32Array.from(pairs, ({ target }) => (t === 0 ? START : (target[t - 1] ?? 0)));
    const step = decoder.step(state, tokens);
    decoder.dispose(state);
    state = step.state;
    const all = step.logProbabilities.arraySync();
    for (const [row, { target }] of pairs.entries()) {
      if (t <= target.length) found[row]!.push(all[row]![target[t] ?? END]!);
    }
    tf.dispose([step.logProbabilities, ...(step.weights ? [step.weights] : [])]);
  }
  decoder.dispose(state);
  return found;
}

/** ReLU and maxout are smooth where their inputs are far from 0, or from each other. */
function farFromKinks(parameters: Parameters): void {
  for (const [name, variable] of parameters.entries()) {
    if (!/(inner|read-out)\.bias$/.test(name)) continue;
    // Maxout's pairs are 5 apart: an odd number, so theirs differ.
    const bias = Array.from({ length: variable.size }, (_, i) => (i % 2 === 0 ? 2 : -2));
    tf.tidy(() => {
      variable.assign(tf.tensor1d(bias));
    });
  }
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  for (const [row, numbers] of actual.entries()) {
    for (const [t, number] of numbers.entries())
      expect(number, `row ${row}, step ${t}`).toBeCloseTo(expected[row]![t]!, 4);
  }
}

describe.each(MODELS)('%s', (_, config) => {
  const withModel = <T>(use: (model: TextModel, parameters: Parameters) => T): T => {
    const parameters = new Parameters(new Random(5).next);
    try {
      return use(newModel(config, parameters), parameters);
    } finally {
      parameters.dispose();
    }
  };

  it('says the same step by step, keeping what it needs, as with all tokens at once', async () => {
    await expectNoLeak(() =>
      withModel((model) => {
        expectClose(stepwiseLogProbabilities(model, PAIRS), forcedLogProbabilities(model));
      }),
    );
  });

  it('does not let padding change anything', () => {
    withModel((model) => {
      const alone = PAIRS.map((pair) => stepwiseLogProbabilities(model, [pair])[0]!);
      expectClose(stepwiseLogProbabilities(model, PAIRS), alone);
    });
  });

  it('goes on with reordered rows as if they had been there from the start', () => {
    withModel((model) => {
      const decoder = model.decoder(padTokens(PAIRS.map(({ source }) => source)));
      const begin = decoder.start();
      const first = decoder.step(begin, Int32Array.of(START, START, START, START));
      const second = decoder.step(first.state, Int32Array.of(3, 4, 5, 6));
      const rows = Int32Array.of(2, 0, 2);
      const moved = decoder.reorder(first.state, rows);
      const third = decoder.step(
        moved,
        Int32Array.from(rows, (row) => 3 + row),
      );
      const before = second.logProbabilities.arraySync();
      expectClose(
        third.logProbabilities.arraySync(),
        Array.from(rows, (row) => before[row]!),
      );
      for (const state of [begin, first.state, second.state, moved, third.state]) decoder.dispose(state);
      for (const { logProbabilities, weights } of [first, second, third])
        tf.dispose([logProbabilities, ...(weights ? [weights] : [])]);
    });
  });

  it('refuses a token that the vocabulary has not', () => {
    withModel((model) => {
      expect(() => model.decoder(padTokens([[13]])).start()).toThrow(
        'The source has the token 13; the vocabulary has 13 tokens.',
      );
    });
  });

  describeNative('gradient', () => {
    it('agrees with finite differences', () => {
      withModel((model, parameters) => {
        const batch = textBatch(PAIRS, START, END);
        const loss = (): tf.Scalar =>
          textLoss(model, batch, { training: { random: new Random(3), dropout: 0.2 }, labelSmoothing: 0.1 });
        farFromKinks(parameters);
        expectGradients(parameters.entries(), loss, 1e-3, 250);
      });
    }, 240_000);
  });
});

describe('Transformer', () => {
  it('shows the weights of every layer and head, equal to those of the search', () => {
    const parameters = new Parameters(new Random(5).next);
    const model = new Transformer(transformer, parameters);
    const source = padTokens([
      [3, 4, 5, 2],
      [9, 2],
    ]);
    const targets = [
      [6, 7],
      [4, 9],
    ];
    const maps = model.attentionMaps(source, targets);
    expect(maps.encoder.map(({ shape }) => shape)).toEqual([
      [2, 2, 4, 4],
      [2, 2, 4, 4],
    ]);
    expect(maps.decoder.map(({ shape }) => shape)).toEqual([
      [2, 2, 3, 3],
      [2, 2, 3, 3],
    ]);
    expect(maps.source.map(({ shape }) => shape)).toEqual([
      [2, 2, 3, 4],
      [2, 2, 3, 4],
    ]);
    const wanted = maps.source[1]!.arraySync();
    const decoder = model.decoder(source, { layer: 1, head: 0 });
    let state = decoder.start();
    for (let t = 0; t < 3; t++) {
      const step = decoder.step(
        state,
        Int32Array.from(targets, (tokens) => (t === 0 ? START : tokens[t - 1]!)),
      );
      decoder.dispose(state);
      state = step.state;
      expectClose(step.weights!.arraySync(), [wanted[0]![0]![t]!, wanted[1]![0]![t]!]);
      tf.dispose([step.logProbabilities, step.weights!]);
    }
    decoder.dispose(state);
    expect(wanted[1]![0]![0]!.slice(2)).toEqual([0, 0]);
    tf.dispose([...maps.encoder, ...maps.decoder, ...maps.source]);
    parameters.dispose();
  });

  it('names the layers and heads that it has', () => {
    const parameters = new Parameters(new Random(5).next);
    const model = new Transformer(transformer, parameters);
    expect(() => model.decoder(padTokens([[3]]), { layer: 2 })).toThrow('There is no layer 2; the model has 2');
    expect(() => model.decoder(padTokens([[3]]), { head: -1 })).toThrow('There is no head -1; the model has 2');
    parameters.dispose();
  });
});

describe('ConvS2S', () => {
  const model = (config: Partial<ConvS2SConfig> = {}): [ConvS2S, Parameters] => {
    const parameters = new Parameters(new Random(5).next);
    return [new ConvS2S({ ...SMALL_CONV_S2S, ...config }, parameters), parameters];
  };

  it('shows the weights of every layer, equal to those of the search', () => {
    const [convolutional, parameters] = model();
    const source = padTokens([
      [3, 4, 5, 2],
      [9, 2],
    ]);
    const targets = [
      [6, 7],
      [4, 9],
    ];
    const maps = convolutional.attentionMaps(source, targets);
    expect(maps.map(({ shape }) => shape)).toEqual([1, 2, 3].map(() => [2, 3, 4]));
    const wanted = maps[1]!.arraySync();
    const decoder = convolutional.decoder(source, { layer: 1 });
    let state = decoder.start();
    for (let t = 0; t < 3; t++) {
      const fed = Int32Array.from(targets, (tokens) => (t === 0 ? START : tokens[t - 1]!));
      const step = decoder.step(state, fed);
      decoder.dispose(state);
      state = step.state;
      expectClose(step.weights!.arraySync(), [wanted[0]![t]!, wanted[1]![t]!]);
      tf.dispose([step.logProbabilities, step.weights!]);
    }
    decoder.dispose(state);
    expect(wanted[1]![0]!.slice(2)).toEqual([0, 0]);
    tf.dispose(maps);
    parameters.dispose();
  });

  it('sees of the source what its layers reach, on both sides, and of the target what was written', () => {
    const [convolutional, parameters] = model({ encoderLayers: 1, decoderLayers: 1 });
    const seen = (source: number[], target: number[]) => {
      const found: Record<string, number[][]> = {};
      const probe: Probe = (name, x) => {
        if (x.rank >= 2)
          found[name] = (x.shape[0] === 1 && x.rank === 3 ? tf.squeeze(x, [0]) : x).arraySync() as number[][];
        return x;
      };
      convolutional.probed(padTokens([source]), target, probe).dispose();
      return found;
    };
    const one = seen([3, 4, 5, 6, 7, 8], [6, 7, 8]);
    const other = seen([3, 4, 5, 9, 7, 8], [6, 9, 8]);
    const differs = (name: string): boolean[] =>
      one[name]!.map((row, i) => row.some((value, j) => Math.abs(value - other[name]![i]![j]!) > 1e-6));
    expect(differs('keys')).toEqual([false, false, true, true, true, false]);
    const written = seen([3, 4, 5, 6, 7, 8], [6, 9, 8])['output']!;
    expect(written.map((row, i) => row.some((value, j) => Math.abs(value - one['output']![i]![j]!) > 1e-6))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    parameters.dispose();
  });

  it('refuses an even width, and a layer or a head that it has not', () => {
    expect(() => model({ width: 4 })).toThrow('A convolution of the encoder has an odd width; this one has 4.');
    const [convolutional, parameters] = model();
    expect(() => convolutional.decoder(padTokens([[3]]), { layer: 3 })).toThrow('There is no layer 3; the model has 3');
    expect(() => convolutional.decoder(padTokens([[3]]), { head: 1 })).toThrow('There is no head 1; the model has 1');
    parameters.dispose();
  });
});

describe('Seq2Seq', () => {
  it.each([
    [{ ...seq2seq, inputFeeding: true }, "Input feeding belongs to Luong's decoder"],
    [{ ...luong, attention: 'dot', hiddenSize: 5 }, 'needs annotations and decoder states of one size'],
    [{ ...seq2seq, embeddings: 'all' }, 'Shared embeddings need one vocabulary'],
  ] as [Seq2SeqConfig, string][])('refuses choices that do not go together', (config, message) => {
    expect(() => new Seq2Seq(config, new Parameters(new Random(1).next))).toThrow(message);
  });
});
