import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { Random } from '../../src/engine/random.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import { packTranslatorTraining } from '../../src/training/translator/pack-translator.ts';
import { TranslatorRunConfig } from '../../src/training/translator/translator-config.ts';
import { runTranslatorTraining, type TranslatorEvent } from '../../src/training/translator/translator-run.ts';
import { loadTranslator } from '../../src/translation/translator-model.ts';
import { describeNative, useTestBackend } from '../support/backend.ts';
import { PYTHON, pythonHas } from '../support/python.ts';

const hasTorch = pythonHas('torch', 'numpy');
const script = fileURLToPath(new URL('../../scripts/torch/train_text.py', import.meta.url));
const mix = fileURLToPath(new URL('../../scripts/torch/mix.py', import.meta.url));
const comparison = fileURLToPath(new URL('../../scripts/torch/train_comparison.py', import.meta.url));
const train = (...args: string[]): Promise<unknown> => promisify(execFile)(PYTHON, args, { timeout: 300_000 });

const text = { source: 'text.en', target: 'text.de', sourceLanguage: 'en', targetLanguage: 'de' };
const config = TranslatorRunConfig.parse({
  name: 'toy',
  seed: 2,
  model: { architecture: 'transformer', size: 16, heads: 2, feedForwardSize: 24, encoderLayers: 2, decoderLayers: 1 },
  vocabulary: { size: 320, minCharacterCount: 1 },
  data: [
    { ...text, weight: 0.8 },
    { ...text, source: 'text.de', target: 'text.en', sourceLanguage: 'de', targetLanguage: 'en' },
  ],
  maxTokens: 20,
  validation: { texts: [{ ...text, sentences: 20 }], finalBeam: 1 },
  stages: [
    {
      name: 'words',
      updates: 110,
      tokensPerBatch: 120,
      schedule: { rate: 0.004, warmUp: 10, decay: 'cosine', floor: 0.1 },
      labelSmoothing: 0.1,
      weightDecay: 0.01,
      clip: 0.5,
      averaging: 0.9,
      validateEvery: 50,
    },
  ],
});

const recurrent = {
  architecture: 'seq2seq',
  cell: 'gru',
  encoder: 'bidirectional',
  embeddingSize: 12,
  encoderSize: 8,
  hiddenSize: 16,
  attention: 'general',
  attentionSize: 10,
  scaled: true,
  decoder: 'luong',
} as const;
const OTHERS = [
  ['scaled general score', recurrent],
  [
    "plain cell, Bahdanau's decoder",
    { ...recurrent, cell: 'plain', attention: 'additive', scaled: false, decoder: 'bahdanau' },
  ],
  ['ConvS2S', { architecture: 'conv-s2s', embeddings: 'all', size: 12, width: 3, encoderLayers: 2, decoderLayers: 2 }],
  ['LSTM, input feeding', { ...recurrent, cell: 'lstm', attention: 'key-query-value', inputFeeding: true }],
] as const;

describeNative('a translator trained by PyTorch', () => {
  useTestBackend();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attend-torch-'));
    const random = new Random(4);
    const words = ['one', 'two', 'three', 'four', 'five', 'élan', '7'];
    const sentences = Array.from({ length: 300 }, () =>
      Array.from({ length: 1 + random.integer(6) }, () => words[random.integer(words.length)]!),
    );
    await writeFile(join(folder, 'text.en'), sentences.map((sentence) => `${sentence.join(' ')}\n`).join(''));
    const turned = sentences.map((sentence) => `${sentence.toReversed().join(' ').toUpperCase()}\n`);
    await writeFile(join(folder, 'text.de'), turned.join(''));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const at = (...names: string[]): string => join(folder, ...names);
  const places = (run: string) => ({ data: folder, run: at(run), runs: folder });
  const ignore = (): void => undefined;
  const eventsOf = async (run: string): Promise<TranslatorEvent[]> =>
    (await readFile(at(run, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TranslatorEvent);
  const lossesOf = (events: readonly TranslatorEvent[]): number[] =>
    events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []));
  /** Whether two curves are the same where they are compared: after 1, 10 and 100 updates. */
  const expectSame = (found: readonly number[], expected: readonly number[]): void => {
    for (const step of [1, 10, 100]) expect(found[step - 1]! / expected[step - 1]!).toBeCloseTo(1, 4);
  };

  const skipped = it.skipIf(!hasTorch);
  skipped(
    'has the losses and scores of the engine, alone and with two processes (skipped without Python with PyTorch)',
    async () => {
      const own: TranslatorEvent[] = [];
      expect(await runTranslatorTraining(config, places('own'), (event) => own.push(event))).toBe(true);
      await packTranslatorTraining(config, places('packed'), at('pack'), ignore);
      await train(script, '--data', at('pack'), '--run', at('torch'), '--threads', '1');
      const events = await eventsOf('torch');
      expectSame(lossesOf(events), lossesOf(own));
      const scores = (all: readonly TranslatorEvent[]) => all.flatMap((e) => (e.kind === 'validation' ? [e] : []));
      for (const [i, { bleu, loss, texts }] of scores(events).entries()) {
        const expected = scores(own)[i]!;
        expect(loss).toBeCloseTo(expected.loss, 3);
        expect(texts[0]!.loss).toBeCloseTo(expected.texts[0]!.loss, 2);
        expect(Math.abs(bleu - expected.bleu)).toBeLessThan(3);
      }
      expect((await loadTranslator(at('torch', 'final'))).architecture).toBe('transformer');

      const mean = ['--first', at('pack', 'initial'), '--second', at('torch', 'final'), '--share', '0.25'];
      await train(mix, ...mean, '--output', at('mean'));
      const first = async (...names: string[]): Promise<number> => {
        const { weights } = await readCheckpoint(new DirectoryStore(at(...names)));
        return weights.values().next().value!.data[0]!;
      };
      const [from, to] = [await first('pack', 'initial'), await first('torch', 'final')];
      expect(to).not.toBe(from);
      expect(await first('mean')).toBeCloseTo(0.75 * from + 0.25 * to, 6);

      const two = ['-m', 'torch.distributed.run', '--nproc-per-node', '2', '--master-port', '29541', '--'];
      await train(...two, script, '--data', at('pack'), '--run', at('two'), '--threads', '1');
      expectSame(lossesOf(await eventsOf('two')), lossesOf(own));
    },
    300_000,
  );

  skipped(
    'goes on from the engine, and the engine from it (skipped without Python with PyTorch)',
    async () => {
      const own: TranslatorEvent[] = [];
      await runTranslatorTraining(config, places('whole'), (event) => own.push(event));
      await packTranslatorTraining(config, places('packed'), at('pack'), ignore);
      const stop = new AbortController();
      const first: TranslatorEvent[] = [];
      await runTranslatorTraining(
        config,
        places('changing'),
        (event) => {
          first.push(event);
          if (event.kind === 'step' && event.step === 40) stop.abort();
        },
        stop.signal,
      );
      await train(script, '--data', at('pack'), '--run', at('changing'), '--threads', '1', '--stop-at', '70');
      const second = lossesOf(await eventsOf('changing'));
      const third: TranslatorEvent[] = [];
      expect(await runTranslatorTraining(config, places('changing'), (event) => third.push(event))).toBe(true);
      expect([first, third].map(lossesOf).map(({ length }) => length)).toEqual([40, 40]);
      expectSame([...lossesOf(first), ...second, ...lossesOf(third)], lossesOf(own));
      const { metadata } = await readCheckpoint(new DirectoryStore(at('changing', 'final')));
      expect(metadata).toMatchObject({ run: { steps: 110 } });
    },
    300_000,
  );

  skipped.each(OTHERS)(
    'has the losses of the engine with other models: %s (skipped without Python with PyTorch)',
    async (name, model) => {
      const of = (run: string): string => `${run} ${name}`;
      const own: TranslatorEvent[] = [];
      const all = TranslatorRunConfig.parse({ ...config, model });
      await runTranslatorTraining(all, places(of('own')), (event) => own.push(event));
      await packTranslatorTraining(all, places(of('packed')), at(of('pack')), ignore);
      await train(script, '--data', at(of('pack')), '--run', at(of('torch')), '--threads', '1');
      expectSame(lossesOf(await eventsOf(of('torch'))), lossesOf(own));
      const checkpoint = await readCheckpoint(new DirectoryStore(at(of('torch'), 'final')));
      const { architecture: _, ...shape } = model;
      expect(checkpoint.config).toMatchObject(shape);
    },
    300_000,
  );

  skipped(
    'is trained beside others of other rates and seeds, each a run of its own (skipped without Python with PyTorch)',
    async () => {
      const stage = { ...config.stages[0]!, updates: 30, validateEvery: 10 };
      const data = [{ ...config.data[0]!, weight: 1 }];
      const all = TranslatorRunConfig.parse({ ...config, data, model: recurrent, stages: [stage] });
      await writeFile(at('one.json'), JSON.stringify({ ...all, name: 'one' }));
      await writeFile(
        at('two.json'),
        JSON.stringify({ ...all, name: 'two', model: { ...recurrent, attention: 'none' } }),
      );
      await packTranslatorTraining(all, places('packed beside'), at('pack beside'), ignore);
      const configs = ['--configs', at('one.json'), at('two.json'), '--rates', '0.002', '0.01', '--seeds', '1', '2'];
      await train(comparison, '--data', at('pack beside'), ...configs, '--runs', at('beside'), '--threads', '1');
      const { runs } = JSON.parse(await readFile(at('beside', 'results.json'), 'utf8')) as {
        runs: { run: string; curve: { step: number; loss: number }[] }[];
      };
      expect(runs.map(({ run }) => run)).toEqual([
        ...['one-r0.002-s1', 'one-r0.01-s1', 'one-r0.002-s2', 'one-r0.01-s2'],
        ...['two-r0.002-s1', 'two-r0.01-s1', 'two-r0.002-s2', 'two-r0.01-s2'],
      ]);
      for (const { curve, run } of runs) {
        expect(curve.map(({ step }) => step)).toEqual([10, 20, 30]);
        expect(curve[2]!.loss).toBeLessThan(curve[0]!.loss);
        expect((await loadTranslator(at('beside', run, 'final'))).architecture).toBe('seq2seq');
      }
    },
    300_000,
  );
});
