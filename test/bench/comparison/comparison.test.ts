import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareTranslators } from '../../../bench/comparison/compare.ts';
import { growth } from '../../../bench/comparison/kinds.ts';
import { binByLength, bleuByLength } from '../../../bench/comparison/lengths.ts';
import { plotBleuByLength, plotOperations } from '../../../bench/comparison/plots.ts';
import { describeComparison } from '../../../bench/comparison/report.ts';
import { differences, readRun } from '../../../bench/comparison/trained-run.ts';
import { translationBleu } from '../../../src/engine/metrics/translation-bleu.ts';
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
    expect(run).toMatchObject({ updates: 20, seconds: 130, devBleu: 8.1, parameters: 5000, isFinished: false });
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
  it('names what runs do not share beside name and model', async () => {
    const events = [data, validation(10, 8, 60)];
    const changes = { seed: 2, model: { ...config.model, size: 16 } };
    const runs = [
      await readRun(await writeRun('a', events)),
      await readRun(await writeRun('b', events, ['1-first/best'], { changes })),
    ];
    expect(differences(runs)).toEqual(['seed']);
    expect(differences(runs.slice(0, 1))).toEqual([]);
  });
});

describe('binByLength', () => {
  it('puts every sentence into the bin of its number of words, and leaves empty bins out', () => {
    const bins = binByLength(['a b', ' a  b c ', 'a b c d e f', 'a b c d'], [1, 3, 5, 6]);
    expect(bins).toEqual([
      { from: 1, to: 2, lines: [0], mean: 2 },
      { from: 3, to: 4, lines: [1, 3], mean: 3.5 },
      { from: 6, to: 6, lines: [2], mean: 6 },
    ]);
  });
});

describe('bleuByLength', () => {
  it('scores each bin by its own sentences', () => {
    const translations = [
      'ein Hund läuft im Schnee .',
      'eine Katze schläft auf dem Sofa .',
      'zwei Kinder spielen Ball .',
    ];
    const references = [
      ['ein Hund rennt im Schnee .'],
      ['eine Katze schläft auf dem Sofa .'],
      ['drei Kinder spielen Ball .'],
    ];
    const bins = [
      { from: 1, to: 5, lines: [0, 2], mean: 5 },
      { from: 6, to: 6, lines: [1], mean: 6 },
    ];
    const [short, long] = bleuByLength(bins, translations, references);
    const own = [translations[0]!, translations[2]!];
    expect(short).toBe(translationBleu(own, [references[0]!, references[2]!]).score);
    expect(long).toBeCloseTo(100);
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
      compareTranslators(runs, {
        test: { sources, references: sources.map((line) => [line]), source: 'test.en', reference: 'test.de' },
        to: 'de',
        beam: 2,
        timedSentences: 2,
        say: () => undefined,
      }),
    );
    expect(comparison.models.map(({ name }) => name)).toEqual(['plain', 'looking', 'ours']);
    expect(comparison.bins.map(({ sentences }) => sentences)).toEqual([2, 1]);
    for (const model of comparison.models) {
      expect(model.bleuByLength).toHaveLength(2);
      expect(model.milliseconds[1]!.repeats).toBe(2);
      expect(model.milliseconds[2]!.repeats).toBe(2);
      expect(model.operations[0]).toEqual({ tokens: 20, ...countOperations(model.config, 20, 20) });
    }

    const report = describeComparison(comparison);
    expect(report).toMatch(/^\| none \| 0\.01 M \|.*\| 20 \| 1\.5 \|/m);
    expect(report).toContain('are the same for all');
    expect(report).toContain('Not trained to the end yet: plain, looking, ours.');
    for (const plot of [plotBleuByLength(comparison), plotOperations(comparison)]) {
      for (const name of ['none', 'additive', 'Transformer']) expect(plot).toContain(`>${name}</text>`);
    }
  });
});
