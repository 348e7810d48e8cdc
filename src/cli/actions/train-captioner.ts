import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { useBackend } from '../../engine/backend.ts';
import { readCaptionerConfig } from '../../service/training/captioner-config.ts';
import { runCaptionerTraining, type TrainingEvent } from '../../service/training/captioner-run.ts';
import { trainingCurve } from '../../service/training/training-curve.ts';
import { importPretrained } from '../../service/encoder-files.ts';
import { readPhotoCaptions } from '../../service/photo-captions.ts';
import type { TrainOptions } from '../commands/train.ts';
import { Interruption } from '../terminal/interruption.ts';
import { duration } from '../terminal/progress.ts';

/** Trains a captioner, with a line of progress on the terminal and a log of JSON lines in the run's folder. */
export async function trainCaptioner(options: TrainOptions): Promise<void> {
  // Gradients of convolutions and of gather exist only natively.
  await useBackend('native');
  const config = await readCaptionerConfig(options.config);
  const run = join(options.runs, config.name);
  mkdirSync(run, { recursive: true });
  const log = join(run, 'log.jsonl');
  const interruption = new Interruption('Stopping after this step; the same command goes on from here.');
  const places = {
    photos: resolve(options.photos),
    captions: await readPhotoCaptions(options.captions),
    run,
    runs: options.runs,
    cache: options.cache,
  };
  const finished = await runCaptionerTraining(
    config,
    places,
    () => importPretrained(join(options.encoders, config.encoder)),
    (event) => {
      if (event.kind !== 'preparing') appendFileSync(log, `${JSON.stringify({ time: Date.now(), ...event })}\n`);
      if (event.kind === 'epoch') writeFileSync(join(run, 'curve.svg'), trainingCurve(log));
      show(event);
    },
    interruption.signal,
  );
  interruption.dispose();
  process.stderr.write(finished ? `\nDone: ${join(run, 'final')}\n` : '\nStopped.\n');
  if (!finished && interruption.exitCode !== undefined) process.exitCode = interruption.exitCode;
}

function show(event: TrainingEvent): void {
  const line = describe(event);
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}${event.kind === 'epoch' ? '\n' : ''}`);
  else if (event.kind !== 'step' || event.step % 20 === 0) process.stderr.write(`${line}\n`);
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
