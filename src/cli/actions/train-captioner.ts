import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { combineEncoders } from '../../engine/encoder/combine-encoders.ts';
import { importPretrained } from '../../model-folders/encoder-files.ts';
import { modelsFolder } from '../../model-folders/installed-models.ts';
import { readPhotoCaptions } from '../../photos/captions-file.ts';
import { findCaptioner } from '../../captioning/find-captioner.ts';
import { beginningOfCaptioner, type Beginning } from '../../training/captioner/beginning.ts';
import {
  ownShape,
  readCaptionerConfig,
  type CaptionerRunConfig,
  type CaptionerShape,
} from '../../training/captioner/captioner-config.ts';
import { captionerCurve } from '../../training/captioner/captioner-curve.ts';
import { fewPhotos } from '../../training/captioner/few-photos.ts';
import { packCaptions, packedPhotos } from '../../training/captioner/pack-captions.ts';
import { openPixels } from '../../training/captioner/photo-features.ts';
import {
  runCaptionerTraining,
  type TrainingEvent,
  type TrainingPlaces,
} from '../../training/captioner/captioner-run.ts';
import type { TrainCaptionerOptions } from '../options/train-captioner-options.ts';
import { duration, Progress } from '../terminal/progress.ts';
import { openTrainingBackend } from './open-backend.ts';
import { runPython } from './run-python.ts';
import { drawCurve, runTraining } from './run-training.ts';

/** `attend train captioner`. */
export async function trainCaptioner(options: TrainCaptionerOptions): Promise<void> {
  const config = await readCaptionerConfig(options.config);
  const captions = await readPhotoCaptions(options.captions, options.photos);
  await openTrainingBackend();
  const run = join(options.runs, config.name);
  const places = { photos: resolve(options.photos), captions, run, runs: options.runs, cache: options.cache };
  const encoders = options.encoders ?? modelsFolder();
  const startsFrom = (): Promise<Beginning> =>
    config.captioner === undefined
      ? pretrained(ownShape(config).encoder, encoders)
      : beginningOfCaptioner(findCaptioner(config.captioner, encoders));
  const few = fewPhotos(captions.length, config);
  if (few) process.stderr.write(`${few}\n`);
  if (options.pack !== undefined) {
    await packCaptions(config, places, startsFrom, options.pack);
    process.stderr.write(`Packed: ${options.pack}\n`);
    return;
  }
  if (options.python !== undefined) {
    await trainWithPyTorch(options.python, config, places, startsFrom);
    return;
  }
  await runTraining<TrainingEvent>(run, { describe, point: 'epoch', curve: captionerCurve }, (report, signal) =>
    runCaptionerTraining(config, places, startsFrom, report, signal),
  );
}

/** Trains with PyTorch on the photos as the engine reads them. A run may have been begun by either. */
async function trainWithPyTorch(
  python: string,
  config: CaptionerRunConfig,
  places: TrainingPlaces,
  startsFrom: () => Promise<Beginning>,
): Promise<void> {
  const { cache, run } = places;
  const pack = join(run, 'pack');
  const maps = join(run, 'maps.npy');
  const isOther = await packCaptions(config, places, startsFrom, pack);
  if (isOther) await rm(maps, { force: true });
  const { files, size } = await packedPhotos(pack);
  const progress = new Progress();
  const pixels = await openPixels(cache, places.photos, files, size, (done, of, what) => {
    progress.show(describe({ kind: 'preparing', what, done, of }));
  });
  pixels.close();
  progress.clear();
  const data = ['--data', pack, '--photos', pixels.path];
  const looks = config.stages.some(({ look }) => look);
  if (looks && !existsSync(maps)) {
    if (!(await runPython(python, 'prepare_captioner.py', [...data, '--maps', maps]))) return;
  }
  await runPython(python, 'train_captioner.py', [...data, ...(looks ? ['--maps', maps] : []), '--run', run]);
  drawCurve(run, captionerCurve);
}

/** The encoder, or several as one. */
async function pretrained(names: CaptionerShape['encoder'], folder: string): Promise<Beginning> {
  const encoders = await Promise.all([names].flat().map((name) => importPretrained(join(folder, name))));
  return { encoder: combineEncoders(encoders) };
}

function describe(event: TrainingEvent): string {
  switch (event.kind) {
    case 'preparing':
      return `${event.what} ${event.done}/${event.of}`;
    case 'step':
      return (
        `${event.stage} ${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}` +
        (event.reward === undefined ? '' : `  reward ${event.reward.toFixed(3)}`) +
        `  ${event.tokensPerSecond.toFixed(0)} tokens/s  ${duration(event.secondsLeft)} left`
      );
    case 'epoch':
      return (
        `${event.stage} epoch ${event.epoch + 1}: loss ${event.loss.toFixed(3)}, dev CIDEr-D ${event.ciderD.toFixed(3)}, ` +
        `BLEU-4 ${(100 * event.bleu4).toFixed(1)}, ${event.words.toFixed(1)} words, ${duration(event.seconds)}` +
        `${event.best ? ' (best)' : ''}: ${event.example}`
      );
    case 'saved':
      return `saved at step ${event.step}`;
  }
}
