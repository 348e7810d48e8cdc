import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import type { CaptionerRunConfig, Stage } from '../../src/training/captioner/captioner-config.ts';
import { runCaptionerTraining, type TrainingEvent } from '../../src/training/captioner/captioner-run.ts';
import { exportCaptioner } from '../../src/training/captioner/export-captioner.ts';
import { packCaptions } from '../../src/training/captioner/pack-captions.ts';
import { toyEncoder } from '../engine/encoder/toy-encoder.ts';
import { describeNative, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyPhoto } from '../support/tiny-captioner.ts';

/** A Python with PyTorch; ATTEND_PYTHON may name one. */
const python = process.env['ATTEND_PYTHON'] ?? 'python3';
const hasTorch = ((): boolean => {
  try {
    execFileSync(python, ['-c', 'import torch, numpy, PIL'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const script = (name: string): string => fileURLToPath(new URL(`../../scripts/torch/${name}`, import.meta.url));
const call = (...args: string[]): Promise<unknown> => promisify(execFile)(python, args, { timeout: 300_000 });

// Nothing that chance decides but the order of the photos.
const stage: Stage = {
  name: 'decoder',
  objective: 'cross-entropy',
  mirror: false,
  epochs: 35,
  photosPerBatch: 2,
  schedule: { rate: 0.01, warmUp: 2, decay: 'cosine', floor: 0.1 },
  dropout: 0,
  annotationDropout: 0,
  labelSmoothing: 0.1,
  penalty: 0.1,
  clip: 5,
  weightDecay: 0.01,
  averaging: 0.9,
};
const config: CaptionerRunConfig = {
  name: 'toy',
  seed: 3,
  encoder: 'toy',
  attention: 'soft',
  annotationSize: 6,
  attentionSize: 4,
  hiddenSize: 8,
  embeddingSize: 6,
  minCount: 1,
  maxWords: 20,
  trainSplits: ['train'],
  validation: { split: 'dev', photos: 2, beam: 2 },
  stages: [
    stage,
    { ...stage, name: 'encoder', epochs: 4, fineTune: { above: 'pre', rate: 0.001 } },
    {
      ...stage,
      name: 'reward',
      objective: 'self-critical',
      epochs: 4,
      schedule: { rate: 0.001, warmUp: 2, decay: 'constant', floor: 0 },
      labelSmoothing: 0,
      penalty: 0,
      selfCritical: { samples: 3, search: 'beam', crossEntropyWeight: 0 },
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
  const startsFrom = () => Promise.resolve({ encoder: toyEncoder() });
  const eventsOf = async (run: string): Promise<TrainingEvent[]> =>
    (await readFile(at(run, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TrainingEvent);
  const lossesOf = (events: readonly TrainingEvent[], of: string): number[] =>
    events.flatMap((event) => (event.kind === 'step' && event.stage === of ? [event.loss] : []));
  const scoresOf = (events: readonly TrainingEvent[]): number[][] =>
    events.flatMap((event) => (event.kind === 'epoch' ? [[event.ciderD, event.bleu4, event.words]] : []));

  it.skipIf(!hasTorch).each(['word', 'top-down'] as const)(
    'has the losses and scores of the engine, with the query "%s" (skipped without Python with PyTorch)',
    async (query) => {
      const asked = { ...config, query };
      const own: TrainingEvent[] = [];
      const places = { photos: folder.path, captions, run: at('own', query), runs: at('own'), cache: at('cache') };
      expect(await runCaptionerTraining(asked, places, startsFrom, (event) => own.push(event))).toBe(true);

      const pack = at(`pack-${query}`);
      await packCaptions(asked, places, startsFrom, pack);
      const photos = at(`${query}.npy`);
      await call(script('prepare_captioner.py'), '--data', pack, '--source', folder.path, '--photos', photos);
      await call(script('train_captioner.py'), '--data', pack, '--photos', photos, '--run', at('torch', query));

      const events = await eventsOf(join('torch', query));
      for (const [of, steps] of [
        ['decoder', [1, 10, 100]],
        ['encoder', [1, 10]],
      ] as const) {
        const [found, expected] = [lossesOf(events, of), lossesOf(own, of)];
        expect(found).toHaveLength(expected.length);
        for (const step of steps) expect(found[step - 1]! / expected[step - 1]!).toBeCloseTo(1, 4);
      }
      const rewarded = [events, own].map((all) => lossesOf(all, 'reward'));
      for (const step of [1, 10]) expect(rewarded[0]![step - 1]).toBeCloseTo(rewarded[1]![step - 1]!, 4);
      expect(scoresOf(events)[0]).toEqual(scoresOf(own)[0]!.map((value) => expect.closeTo(value, 5) as number));

      await exportCaptioner(at('torch', query), at('model', query));
      expect((await loadCaptioner(at('model', query))).grid).toEqual(
        (await loadCaptioner(at('torch', query, 'final'))).grid,
      );
    },
    400_000,
  );
});
