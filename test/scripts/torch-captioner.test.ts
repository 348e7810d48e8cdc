import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import type { CaptionerRunConfig, Stage } from '../../src/training/captioner/captioner-config.ts';
import { runCaptionerTraining, type TrainingEvent } from '../../src/training/captioner/captioner-run.ts';
import { beginningOfCaptioner, type Beginning } from '../../src/training/captioner/beginning.ts';
import { readCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import { openPixels } from '../../src/training/captioner/photo-features.ts';
import { exportCaptioner } from '../../src/training/captioner/export-captioner.ts';
import { packCaptions, packedPhotos } from '../../src/training/captioner/pack-captions.ts';
import { toyEncoder } from '../engine/encoder/toy-encoder.ts';
import { describeNative, useTestBackend } from '../support/backend.ts';
import { toyRun, toyStage } from '../support/toy-captioner-run.ts';
import { temporaryFolder, writeTinyPhoto, writeTinyRun } from '../support/tiny-captioner.ts';
import { PYTHON, pythonHas } from '../support/python.ts';

const hasTorch = pythonHas('torch', 'numpy', 'PIL');
const script = (name: string): string => fileURLToPath(new URL(`../../scripts/torch/${name}`, import.meta.url));
const call = (...args: string[]): Promise<unknown> => promisify(execFile)(PYTHON, args, { timeout: 300_000 });

// Chance decides the order of the photos, how they are cropped and mirrored, and which true captions are mixed in.
const stage: Stage = {
  ...toyStage,
  epochs: 35,
  schedule: { ...toyStage.schedule, floor: 0.1 },
  dropout: 0,
  annotationDropout: 0,
};
const config: CaptionerRunConfig = {
  ...toyRun,
  stages: [
    stage,
    { ...stage, name: 'encoder', epochs: 4, crop: 0.7, fineTune: { above: 'pre', rate: 0.001 } },
    {
      ...stage,
      name: 'reward',
      objective: 'self-critical',
      epochs: 4,
      schedule: { rate: 0.001, warmUp: 2, decay: 'constant', floor: 0 },
      labelSmoothing: 0,
      penalty: 0,
      selfCritical: { samples: 3, search: 'beam', crossEntropyWeight: 0.2 },
    },
  ],
};
const captions = [
  { file: '1.png', captions: ['a dog runs', 'the dog is running'], split: 'train' },
  { file: '2.png', captions: ['a child in the snow'], split: 'train' },
  { file: '3.png', captions: ['a ball', 'the ball in the snow', 'a red ball'], split: 'train' },
  { file: '4.png', captions: ['a cat in the snow', 'the cat sleeps'], split: 'dev' },
  { file: '5.png', captions: ['two dogs', 'the dog runs'], split: 'dev' },
  { file: '6.png', captions: ['a dog', 'a red ball and a dog', 'the dog is in the snow'], split: 'train' },
  { file: '7.png', captions: ['the child runs'], split: 'train' },
];

/** A run that goes on with a captioner, in one stage. */
const onward = (only: Stage): CaptionerRunConfig => ({
  name: 'onward',
  seed: 3,
  captioner: 'tiny',
  minCount: 1,
  maxWords: 20,
  trainSplits: ['train'],
  validation: config.validation,
  stages: [only],
});

describeNative('a captioner trained by PyTorch', () => {
  useTestBackend();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const { size } = toyEncoder().graph.input;
    // As large as the network sees them, so that nobody resizes.
    await Promise.all(captions.map(({ file }, i) => writeTinyPhoto(at(file), i + 1, size, size)));
  });
  afterAll(() => folder.remove());

  const at = (...names: string[]): string => join(folder.path, ...names);
  const eventsOf = async (run: string): Promise<TrainingEvent[]> =>
    (await readFile(at(run, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TrainingEvent);
  const lossesOf = (events: readonly TrainingEvent[], of: string): number[] =>
    events.flatMap((event) => (event.kind === 'step' && event.stage === of ? [event.loss] : []));
  const scoresOf = (events: readonly TrainingEvent[]): number[][] =>
    events.flatMap((event) => (event.kind === 'epoch' ? [[event.ciderD, event.bleu4, event.words]] : []));
  /** Whether two trainings had the same losses after some steps of each stage; those of rewards hover about 0. */
  const expectSame = (found: readonly TrainingEvent[], expected: readonly TrainingEvent[]): void => {
    for (const of of ['decoder', 'encoder', 'reward']) {
      const [own, others] = [lossesOf(found, of), lossesOf(expected, of)];
      expect(own).toHaveLength(others.length);
      for (const step of [1, 10, 100]) {
        if (step > others.length) continue;
        if (of === 'reward') expect(own[step - 1]).toBeCloseTo(others[step - 1]!, 4);
        else expect(own[step - 1]! / others[step - 1]!).toBeCloseTo(1, 4);
      }
    }
  };
  const toy = (): Promise<Beginning> => Promise.resolve({ encoder: toyEncoder() });
  const places = (run: string) => ({
    ...{ photos: folder.path, captions, run: at(run), runs: folder.path, cache: at('cache') },
  });

  /** @param stop whether to stop after this event @returns the events of this part of the run */
  const trainByEngine = async (
    run: string,
    { asked = config, startsFrom = toy, stop }: Asked & { stop?: (event: TrainingEvent) => boolean } = {},
  ): Promise<TrainingEvent[]> => {
    const events: TrainingEvent[] = [];
    const stopping = new AbortController();
    const report = (event: TrainingEvent): void => {
      events.push(event);
      if (stop?.(event)) stopping.abort();
    };
    const finished = await runCaptionerTraining(asked, places(run), startsFrom, report, stopping.signal);
    expect(finished).toBe(stop === undefined);
    return events;
  };
  /** @returns the events of the run's log: those that PyTorch wrote */
  const trainByTorch = async (
    run: string,
    {
      asked = config,
      startsFrom = toy,
      processes = 1,
      more = [],
    }: Asked & { processes?: number; more?: string[] } = {},
  ): Promise<TrainingEvent[]> => {
    const pack = at(`${run}.pack`);
    await packCaptions(asked, places(run), startsFrom, pack);
    const { files, size } = await packedPhotos(pack);
    const pixels = await openPixels(at('cache'), folder.path, files, size, () => undefined);
    pixels.close();
    const several = [
      '-m',
      'torch.distributed.run',
      '--nproc-per-node',
      String(processes),
      '--master-port',
      '29542',
      '--',
    ];
    const program = [...(processes > 1 ? several : []), script('train_captioner.py')];
    await call(...program, '--data', pack, '--photos', pixels.path, '--run', at(run), '--threads', '1', ...more);
    return eventsOf(run);
  };
  const skipped = it.skipIf(!hasTorch);

  skipped.each([
    ['asks with the word', { query: 'word' }],
    ['has two LSTMs', { query: 'top-down' }],
    ['has no attention', { attention: 'none' }],
  ] as const)(
    'has the losses and scores of the engine where it %s (skipped without Python with PyTorch)',
    async (name, shape) => {
      const asked = { ...config, ...shape };
      const own = await trainByEngine(`engine ${name}`, { asked });
      const found = await trainByTorch(`torch ${name}`, { asked });
      expectSame(found, own);
      expect(scoresOf(found)[0]).toEqual(scoresOf(own)[0]!.map((value) => expect.closeTo(value, 5) as number));

      await exportCaptioner(at(`torch ${name}`), at(`model ${name}`));
      expect((await loadCaptioner(at(`model ${name}`))).grid).toEqual(
        (await loadCaptioner(at(`torch ${name}`, 'final'))).grid,
      );
    },
    400_000,
  );

  skipped(
    'goes on from the engine in the middle of a stage, and the engine from it (skipped without Python with PyTorch)',
    async () => {
      const until = (stage: string, step: number) => ({
        stop: (event: TrainingEvent) => event.kind === 'step' && event.stage === stage && event.step === step,
      });
      const parts = [await trainByEngine('changing', until('decoder', 40))];
      await trainByTorch('changing', { more: ['--stop-at', '70'] });
      parts.push(await eventsOf('changing'));
      parts.push(await trainByEngine('changing', until('encoder', 5)));
      parts.push((await trainByTorch('changing', { more: ['--stop-at', '9'] })).slice(parts[1]!.length));
      parts.push(await trainByEngine('changing', until('reward', 4)));
      parts.push((await trainByTorch('changing')).slice(parts[1]!.length + parts[3]!.length));
      expectSame(parts.flat(), await trainByEngine('whole'));
      expect(parts.map((part) => lossesOf(part, 'encoder').length)).toEqual([0, 0, 5, 4, 3, 0]);
    },
    400_000,
  );

  skipped(
    'has the losses of one process where two have half of the photos each (skipped without Python with PyTorch)',
    async () => {
      expectSame(await trainByTorch('two', { processes: 2 }), await trainByTorch('one'));
    },
    400_000,
  );

  skipped(
    'goes on with a captioner and keeps what lies between it and the trained one, as the engine does (skipped without Python with PyTorch)',
    async () => {
      await writeTinyRun(at('tiny-run'), 'soft', { query: 'top-down' });
      await exportCaptioner(at('tiny-run'), at('captioner-tiny'));
      const asked = onward({ ...stage, epochs: 3, averaging: 0, mix: 0.25 });
      const startsFrom = (): Promise<Beginning> => beginningOfCaptioner(at('captioner-tiny'));
      await trainByEngine('onward', { asked, startsFrom });
      await trainByTorch('onward torch', { asked, startsFrom });
      const [own, found] = await Promise.all(
        ['onward', 'onward torch'].map((run) => readCheckpoint(new DirectoryStore(at(run, 'final')))),
      );
      for (const [name, { data }] of own!.weights) {
        const weight = found!.weights.get(name)!.data;
        for (const [i, value] of data.entries()) expect(weight[i]).toBeCloseTo(value, 2);
      }
    },
    400_000,
  );

  it('does not take what it cannot train', async () => {
    const asked = { ...config, attention: 'hard' as const };
    await expect(packCaptions(asked, places('hard'), toy, at('hard.pack'))).rejects.toThrow(
      'needs reinforce in every stage',
    );
  });
});

interface Asked {
  asked?: CaptionerRunConfig;
  startsFrom?: () => Promise<Beginning>;
}
