import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginningOfCaptioner, type Beginning } from '../../../src/training/captioner/beginning.ts';
import type { CaptionerRunConfig, Stage } from '../../../src/training/captioner/captioner-config.ts';
import { exportCaptioner } from '../../../src/training/captioner/export-captioner.ts';
import {
  runCaptionerTraining,
  type TrainingEvent,
  type TrainingPlaces,
} from '../../../src/training/captioner/captioner-run.ts';
import { readCheckpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from '../../../src/model-folders/directory-store.ts';
import { describeNative, useTestBackend } from '../../support/backend.ts';
import { toyRun as config, toyStage as stage } from '../../support/toy-captioner-run.ts';
import { temporaryFolder, TINY_WORDS, writeTinyPhoto, writeTinyRun } from '../../support/tiny-captioner.ts';
import { toyEncoder } from '../../engine/encoder/toy-encoder.ts';

useTestBackend();

const captions = [
  { file: '1.png', captions: ['a dog runs', 'the dog is running'], split: 'train' },
  { file: '2.png', captions: ['a child in the snow'], split: 'train' },
  { file: '3.png', captions: ['a ball', 'the ball in the snow', 'a red ball'], split: 'train' },
  { file: '4.png', captions: ['a cat', 'the cat sleeps'], split: 'dev' },
  { file: '5.png', captions: ['two dogs'], split: 'dev' },
];

describeNative('A training run', () => {
  let folder: { path: string; remove: () => Promise<void> };
  beforeEach(async () => {
    folder = await temporaryFolder();
    await Promise.all(captions.map(({ file }, i) => writeTinyPhoto(join(folder.path, file), i + 1)));
  });
  afterEach(() => folder.remove());

  const places = (run: string): TrainingPlaces => ({
    photos: folder.path,
    captions,
    run: join(folder.path, 'runs', run),
    runs: join(folder.path, 'runs'),
    cache: join(folder.path, 'cache'),
  });
  const train = async (
    run: string,
    stopAfter = Infinity,
    own: { config?: CaptionerRunConfig; captions?: typeof captions; beginning?: () => Promise<Beginning> } = {},
  ): Promise<{ finished: boolean; losses: number[]; events: TrainingEvent[] }> => {
    const events: TrainingEvent[] = [];
    const losses: number[] = [];
    const stop = new AbortController();
    const finished = await runCaptionerTraining(
      own.config ?? config,
      { ...places(run), captions: own.captions ?? captions },
      own.beginning ?? (() => Promise.resolve({ encoder: toyEncoder() })),
      (event) => {
        events.push(event);
        if (event.kind === 'step') losses.push(event.loss);
        if (losses.length >= stopAfter) stop.abort();
      },
      stop.signal,
    );
    return { finished, losses, events };
  };
  const final = async (run: string): Promise<Map<string, number[]>> => {
    const { weights } = await readCheckpoint(new DirectoryStore(join(places(run).run, 'final')));
    return new Map([...weights].map(([name, { data }]) => [name, [...data]]));
  };

  it('goes through its stages and ends with the same curve and weights when it was stopped in each of them', async () => {
    const whole = await train('whole');
    expect(whole.finished).toBe(true);
    // 3 photos, 2 a batch: 2 steps an epoch, 2 epochs a stage, 3 stages.
    expect(whole.losses).toHaveLength(12);

    const parts: number[] = [];
    for (const steps of [1, 2, 3, 3]) {
      const part = await train('parts', steps);
      expect(part.finished).toBe(false);
      parts.push(...part.losses);
    }
    const rest = await train('parts');
    expect(rest.finished).toBe(true);
    expect([...parts, ...rest.losses]).toEqual(whole.losses);
    expect(await final('parts')).toEqual(await final('whole'));
  }, 120_000);

  it('reports every epoch with the scores of the validation photos', async () => {
    const { events } = await train('reported');
    const epochs = events.flatMap((event) => (event.kind === 'epoch' ? [`${event.stage} ${event.epoch}`] : []));
    expect(epochs).toEqual(['decoder 0', 'decoder 1', 'encoder 0', 'encoder 1', 'reward 0', 'reward 1']);
    const rewards = events.flatMap((event) =>
      event.kind === 'step' && event.stage === 'reward' ? [event.reward] : [],
    );
    expect(rewards.every((reward) => typeof reward === 'number' && reward >= 0)).toBe(true);
  }, 120_000);

  it('trains the encoder only where a stage says so', async () => {
    await train('frozen', 4);
    const before = toyEncoder().weights;
    const best = await readCheckpoint(new DirectoryStore(join(places('frozen').run, '1-decoder', 'best')));
    for (const [name, tensor] of before)
      expect([...(best.weights.get(`encoder/${name}`)?.data ?? [])]).toEqual([...tensor.dataSync()]);
    await train('frozen');
    const after = await final('frozen');
    const changed = [...before].filter(([name, tensor]) => {
      const now = after.get(`encoder/${name}`) ?? [];
      return [...tensor.dataSync()].some((value, i) => value !== now[i]);
    });
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(before.size);
  }, 120_000);

  it('stops while it still reads photos, keeps no half cache, and leaves no tensors', async () => {
    const stop = new AbortController();
    const tensors = tf.memory().numTensors;
    const finished = await runCaptionerTraining(
      config,
      places('hasty'),
      () => {
        stop.abort();
        return Promise.resolve({ encoder: toyEncoder() });
      },
      () => undefined,
      stop.signal,
    );
    expect(finished).toBe(false);
    expect(await readdir(join(folder.path, 'cache'))).toEqual([]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses a stage that is for PyTorch only', async () => {
    const stages = [{ ...stage, torch: { wordDropout: 0.1 } }];
    await expect(train('other', Infinity, { config: { ...config, stages } })).rejects.toThrow(
      'The stage decoder has "torch": it is trained by scripts/torch/train_captioner.py',
    );
  });

  it('leaves no tensors behind', async () => {
    const tensors = tf.memory().numTensors;
    await train('tidy', 3);
    await train('tidy');
    expect(tf.memory().numTensors).toBe(tensors);
  }, 120_000);

  it('draws nouns to where their things are, from its first step or an interrupted one on, until that has faded out', async () => {
    const english = captions.map((photo) => ({
      ...photo,
      captions: [...photo.captions, 'a dog and the child of it is with a ball on the snow'],
    }));
    const query = 'top-down' as const;
    const looking: CaptionerRunConfig = {
      ...config,
      name: 'looking',
      query,
      stages: [{ ...stage, meanDropout: 0.5, look: { weight: 2, until: 0.75, leastPhotos: 1 } }],
    };
    const whole = await train('looking', Infinity, { config: looking, captions: english });
    const first = await train('looking-parts', 2, { config: looking, captions: english });
    const rest = await train('looking-parts', Infinity, { config: looking, captions: english });
    expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
    const without = { ...looking, stages: [{ ...stage, meanDropout: 0.5 }] };
    const plain = await train('not-looking', Infinity, { config: without, captions: english });
    expect(whole.losses[0]).toBeGreaterThan(plain.losses[0]!);
    const { metadata } = await readCheckpoint(new DirectoryStore(join(places('looking').run, '1-decoder', 'teacher')));
    expect((metadata as { words: string[] }).words).toContain('dog');
  }, 120_000);

  it('refuses to draw nouns anywhere in captions that are not English', async () => {
    const looking = { ...config, stages: [{ ...stage, look: { weight: 1, until: 1, leastPhotos: 1 } }] };
    await expect(train('no-english', Infinity, { config: looking })).rejects.toThrow('known of English ones only');
  });

  it('shows the photos of a split as often an epoch as it is told to', async () => {
    const { losses } = await train('repeated', Infinity, {
      config: { ...config, name: 'repeated', stages: [stage], repeat: { train: 3 } },
    });
    // 3 photos, three times each, 2 a batch: 5 steps an epoch.
    expect(losses).toHaveLength(10);
  }, 120_000);

  it('rewards a photo that an epoch repeats by its own captions', async () => {
    const reward: Stage = {
      ...stage,
      name: 'reward',
      objective: 'self-critical',
      // The hypotheses of a beam are the same in both runs.
      selfCritical: { samples: 3, search: 'beam', crossEntropyWeight: 0 },
      mirror: false,
      epochs: 1,
    };
    const first = async (run: string, times: number): Promise<number | undefined> => {
      const stages = [{ ...reward, photosPerBatch: 3 * times }];
      const { events } = await train(run, Infinity, { config: { ...config, stages, repeat: { train: times } } });
      return events.flatMap((event) => (event.kind === 'step' ? [event.reward] : []))[0];
    };
    const once = await first('once', 1);
    expect(once).toBeGreaterThan(0);
    expect(await first('twice', 2)).toBeCloseTo(once!, 6);
  }, 120_000);

  describe('that goes on with a captioner', () => {
    const onward = (mix?: number, rate = stage.schedule.rate): CaptionerRunConfig => {
      const { encoder, attention, annotationSize, attentionSize, hiddenSize, embeddingSize, ...rest } = config;
      expect([encoder, attention, annotationSize, attentionSize, hiddenSize, embeddingSize]).toBeDefined();
      const schedule = { ...stage.schedule, rate };
      const stages = [{ ...stage, averaging: 0, schedule, ...(mix !== undefined && { mix }) }];
      return { ...rest, name: 'onward', captioner: 'tiny', stages };
    };
    const shipped = async (): Promise<string> => {
      await writeTinyRun(join(folder.path, 'tiny-run'), 'soft', { query: 'top-down' });
      await exportCaptioner(join(folder.path, 'tiny-run'), join(folder.path, 'captioner-tiny'));
      return join(folder.path, 'captioner-tiny');
    };

    it('has its shape, its weights and its words, and new words behind them', async () => {
      const model = await shipped();
      const before = await readCheckpoint(new DirectoryStore(model));
      await train('onward', Infinity, { config: onward(1, 1e-9), beginning: () => beginningOfCaptioner(model) });
      const after = await readCheckpoint(new DirectoryStore(join(places('onward').run, 'final')));
      const words = (after.metadata as { vocabulary: string[] }).vocabulary;
      expect(words.slice(0, TINY_WORDS.length)).toEqual(TINY_WORDS);
      expect(words.slice(TINY_WORDS.length).sort()).toEqual(['red', 'running']);
      expect(after.config).toMatchObject({ query: 'top-down', hiddenSize: 8, vocabularySize: words.length });
      for (const [name, { data }] of before.weights) {
        const now = after.weights.get(name)!.data;
        for (const [i, value] of data.entries()) expect(now[i]).toBeCloseTo(value, 5);
      }
    }, 120_000);

    it('keeps what lies between the weights that it began with and the trained ones', async () => {
      const model = await shipped();
      const beginning = () => beginningOfCaptioner(model);
      const one = { ...onward(), stages: onward().stages.map((each) => ({ ...each, epochs: 1 })) };
      const half = { ...one, stages: one.stages.map((each) => ({ ...each, mix: 0.25 })) };
      await train('whole', Infinity, { config: one, beginning });
      await train('half', Infinity, { config: half, beginning });
      const first = await readCheckpoint(new DirectoryStore(model));
      const [trained, mixed] = [await final('whole'), await final('half')];
      const name = 'attention.v';
      const begun = [...first.weights.get(name)!.data];
      expect(trained.get(name)).not.toEqual(begun);
      for (const [i, value] of mixed.get(name)!.entries())
        expect(value).toBeCloseTo(0.25 * trained.get(name)![i]! + 0.75 * begun[i]!, 5);
    }, 120_000);
  });

  it('refuses photos without a training split', async () => {
    const none = captions.map((photo) => ({ ...photo, split: 'test' }));
    await expect(
      runCaptionerTraining(
        config,
        { ...places('none'), captions: none },
        () => Promise.resolve({ encoder: toyEncoder() }),
        () => undefined,
      ),
    ).rejects.toThrow('There is no photo to train on, in train.');
  });
});
