import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareTranslators } from '../../../bench/comparison/compare.ts';
import { growth, kindOf } from '../../../bench/comparison/kinds.ts';
import { bleuEstimate, equalBins, joinNeighbours, keptEstimate } from '../../../bench/comparison/lengths.ts';
import { plotBleuByLength, plotLearning, plotOperations } from '../../../bench/comparison/plots.ts';
import { describeComparison } from '../../../bench/comparison/report.ts';
import { byName, differences, readRun } from '../../../bench/comparison/trained-run.ts';
import { bleuCounts, translationBleu } from '../../../src/engine/metrics/translation-bleu.ts';
import { countOperations } from '../../../src/engine/models/operations.ts';
import type { TranslatorConfig } from '../../../src/translation/translator-checkpoint.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { TINY_SHAPES, writeTinyTranslator, type TinyTranslator } from '../../support/tiny-translator.ts';

useTestBackend();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-comparison-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = {
  seed: 1,
  model: {
    architecture: 'transformer',
    size: 8,
    heads: 2,
    feedForwardSize: 12,
    encoderLayers: 2,
    decoderLayers: 3,
  },
  vocabulary: { size: 420 },
  data: [{ source: 'a.en', target: 'a.de', sourceLanguage: 'en', targetLanguage: 'de' }],
  maxTokens: 20,
  stages: [
    {
      name: 'first',
      updates: 20,
      tokensPerBatch: 100,
      schedule: { rate: 0.01, decay: 'cosine' },
      validateEvery: 10,
    },
    { name: 'second', updates: 10, tokensPerBatch: 100, schedule: { rate: 0.001, decay: 'cosine' }, validateEvery: 10 },
  ],
  validation: {
    texts: [{ source: 'b.en', target: 'b.de', sourceLanguage: 'en', targetLanguage: 'de', sentences: 4 }],
  },
};
const data = { kind: 'data', texts: [], vocabulary: 420, parameters: 5000 };
const validation = (step: number, bleu: number, seconds: number, stage = 'first'): object => ({
  kind: 'validation',
  stage,
  step,
  loss: 1,
  bleu,
  texts: [],
  best: true,
  seconds,
});

/** A run's folder, with a checkpoint in each of `checkpoints`. */
async function writeRun(
  name: string,
  events: readonly object[],
  checkpoints: readonly string[] = ['1-first/best'],
  { changes = {}, ...model }: TinyTranslator & { changes?: object } = {},
): Promise<string> {
  const run = join(folder, name);
  await mkdir(run, { recursive: true });
  await writeFile(join(run, 'config.json'), JSON.stringify({ ...config, name, ...changes }));
  await writeFile(join(run, 'log.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  for (const checkpoint of checkpoints) {
    await writeTinyTranslator(join(run, checkpoint), { to: ['de'], run: name, ...model });
  }
  return run;
}

describe('readRun', () => {
  it("reads updates and the training's own seconds from the last validation, over all sessions", async () => {
    const events = [data, validation(10, 8, 60), data, validation(10, 8.1, 62), validation(20, 7, 130)];
    const run = await readRun(await writeRun('a', events));
    expect(run).toMatchObject({ updates: 20, seconds: 130, devBleu: 7, parameters: 5000, isFinished: false });
    expect(run.model).toMatch(/1-first.best$/);
  });

  it('adds up what its stages took, and takes the last one that has a checkpoint', async () => {
    const events = [data, validation(20, 7, 130), data, validation(10, 9, 50, 'second')];
    const run = await readRun(await writeRun('a', events, ['1-first/final', '2-second/best']));
    expect(run).toMatchObject({ updates: 30, seconds: 180, devBleu: 9 });
    expect(run.model).toMatch(/2-second.best$/);
  });

  it('takes what the run chose at its end', async () => {
    const end = { kind: 'finished', name: 'best at validation', bleu: 9, seconds: 60 };
    const run = await readRun(await writeRun('a', [data, validation(20, 9, 60), end], ['1-first/best', 'final']));
    expect(run.model).toMatch(/final$/);
    expect(run.isFinished).toBe(true);
  });

  it.each([
    ['was never validated', [data], ['1-first/best']],
    ['has no checkpoint', [data, validation(10, 8, 60)], []],
  ])('refuses a run that %s', async (_, events, checkpoints) => {
    await expect(readRun(await writeRun('early', events, checkpoints))).rejects.toThrow(/early has no checkpoint yet/);
  });
});

describe('differences', () => {
  it('names what runs do not share beside name, model, seed and learning rate', async () => {
    const events = [data, validation(10, 8, 60)];
    const stages = config.stages.map((stage) => ({ ...stage, schedule: { ...stage.schedule, rate: 0.5 } }));
    const changes = { seed: 2, model: { ...config.model, size: 16 }, maxTokens: 21, stages };
    const runs = [
      await readRun(await writeRun('a', events)),
      await readRun(await writeRun('b', events, ['1-first/best'], { changes })),
    ];
    expect(differences(runs)).toEqual(['maxTokens']);
    expect(differences(runs.slice(0, 1))).toEqual([]);
  });
});

describe('byName', () => {
  it('takes the rate whose seeds were best on average at the last validation', async () => {
    const run = async (rate: number, seed: number, bleu: number) => {
      const stages = config.stages.map((stage) => ({ ...stage, schedule: { ...stage.schedule, rate } }));
      const events = [data, validation(10, 50, 60), validation(20, bleu, 60)];
      const folder = await writeRun(`looking-${rate}-${seed}`, events, ['final'], { changes: { stages, seed } });
      return { ...(await readRun(folder)), config: { ...(await readRun(folder)).config, name: 'looking' } };
    };
    const runs = [await run(0.02, 2, 9), await run(0.01, 1, 11), await run(0.02, 1, 12), await run(0.01, 2, 9)];
    const [kind, ...others] = byName(runs);
    expect(others).toEqual([]);
    expect(kind!.rate).toBe(0.02);
    expect(kind!.rates).toEqual([
      { rate: 0.01, devBleu: 10 },
      { rate: 0.02, devBleu: 10.5 },
    ]);
    expect(kind!.runs.map(({ config: { seed } }) => seed)).toEqual([1, 2]);
  });
});

describe('equalBins', () => {
  it('has as many sentences in each bin, the shortest first', () => {
    expect(equalBins(['a b', ' a  b c ', 'a b c d e f', 'a b c d'], 2)).toEqual([
      { from: 2, to: 3, lines: [0, 1], mean: 2.5 },
      { from: 4, to: 6, lines: [3, 2], mean: 5 },
    ]);
    expect(equalBins(['a b', 'a'], 5)).toHaveLength(2);
  });
});

describe('joinNeighbours', () => {
  it('makes one line of so many, of the references alike, and leaves out what is over', () => {
    const test = {
      sources: ['a', 'b', 'c', 'd', 'e'],
      references: ['A', 'B', 'C', 'D', 'E'].map((own) => [own, `${own}!`]),
    };
    expect(joinNeighbours(test, 2)).toEqual({
      sources: ['a b', 'c d'],
      references: [
        ['A B', 'A! B!'],
        ['C D', 'C! D!'],
      ],
    });
    expect(joinNeighbours(test, 1)).toEqual(test);
  });
});

describe('estimates', () => {
  const references = [
    'ein Hund rennt im Schnee .',
    'eine Katze schläft auf dem Sofa .',
    'drei Kinder spielen Ball .',
    'ja .',
  ];
  const counts = (lines: readonly string[]) =>
    bleuCounts(
      lines,
      references.map((line) => [line]),
    );
  const good = counts(references);
  const poor = counts([
    'ein Hund läuft im Schnee .',
    'die Katze schläft auf dem Sofa .',
    'zwei Kinder spielen Ball .',
    'ja .',
  ]);

  it('have the mean BLEU of the seeds, within their interval', () => {
    const { high, low, value } = bleuEstimate([good, poor]);
    const alone = translationBleu(
      ['ein Hund läuft im Schnee .', 'die Katze schläft auf dem Sofa .', 'zwei Kinder spielen Ball .', 'ja .'],
      references.map((line) => [line]),
    ).score;
    expect(value).toBeCloseTo((100 + alone) / 2, 10);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  });

  it('say how much is kept of the same sentences', () => {
    const pairs = (lines: readonly string[]) =>
      bleuCounts(
        [`${lines[0]} ${lines[1]}`, `${lines[2]} ${lines[3]}`],
        [[`${references[0]} ${references[1]}`], [`${references[2]} ${references[3]}`]],
      );
    expect(keptEstimate([good], [pairs(references)], 2)).toEqual({ value: 1, low: 1, high: 1 });
    const half = keptEstimate([good], [pairs([references[0]!, '', references[2]!, ''])], 2);
    expect(half.value).toBeLessThan(0.8);
    expect(half.high).toBeLessThan(1);
  });
});

describe('growth', () => {
  const text = { sourceVocabularySize: 9, targetVocabularySize: 9 };
  it.each([
    ['none', 'O(m + t)', TINY_SHAPES.none],
    ['summary', 'O(m + t)', { ...TINY_SHAPES.recurrent, attention: 'summary' }],
    ['additive', 'O(m t)', TINY_SHAPES.recurrent],
    ['general', 'O(m t)', { ...TINY_SHAPES.recurrent, attention: 'general' }],
    ['Transformer', 'O(m² + m t + t²)', TINY_SHAPES.transformer],
  ])('%s: %s', (_, expected, shape) => {
    expect(growth({ ...text, ...shape } as unknown as TranslatorConfig)).toBe(expected);
  });
});

describe('compareTranslators', () => {
  it('compares models of any kind, in the order of tables, and tells a reader', async () => {
    const events = [data, validation(20, 9, 90)];
    const runs = await Promise.all([
      writeRun('ours', events, ['1-first/best'], { shape: 'transformer' }).then(readRun),
      writeRun('plain', events, ['1-first/best'], { shape: 'none' }).then(readRun),
      writeRun('looking', events, ['1-first/best'], { shape: 'recurrent' }).then(readRun),
    ]);
    const sources = ['A dog.', 'A cat sleeps.', 'A dog runs through the snow and a cat sleeps on it.'];
    const comparison = await expectNoLeak(() =>
      compareTranslators(byName(runs), {
        test: { sources, references: sources.map((line) => [line]), source: 'test.en', reference: 'test.de' },
        to: 'de',
        beam: 2,
        timedSentences: 2,
        say: () => undefined,
      }),
    );
    // LSTMs and Bahdanau's decoder are variants here, which come last.
    expect(comparison.models.map(({ name }) => name)).toEqual(['ours', 'plain', 'looking']);
    expect(comparison.bins.map(({ sentences }) => sentences)).toEqual([1, 1, 1]);
    expect(comparison.joined.map(({ lines }) => lines)).toEqual([1, 1]);
    for (const model of comparison.models) {
      expect(model.bleuByLength).toHaveLength(3);
      expect(model.joined.map(({ count }) => count)).toEqual([2, 3]);
      expect(model.greedy.bySeed).toEqual([model.greedy.value]);
      expect(model.milliseconds[1]!.repeats).toBe(2);
      expect(model.milliseconds[2]!.repeats).toBe(2);
      expect(model.operations[0]).toEqual({ tokens: 20, ...countOperations(model.config, 20, 20) });
    }

    const report = describeComparison(comparison);
    expect(report).toMatch(/^\| none, LSTM.* \| 0\.01 M \|.*\| 0\.01 \| 20 \|/m);
    expect(report).toContain('are the same for all');
    expect(report).toContain('Not trained to the end yet: ours, plain, looking.');
    for (const draw of [plotBleuByLength, plotOperations]) {
      expect(draw(comparison)).toContain('>Transformer</text>');
      expect(draw(comparison)).not.toContain('LSTM');
    }
    for (const { config } of comparison.models) {
      expect(plotLearning(comparison)).toContain(`>${kindOf(config).name.replace("'", '&#39;')}</text>`);
    }
  });
});
