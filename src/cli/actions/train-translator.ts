import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { useBackend } from '../../engine/backend.ts';
import { readTrainingLog } from '../../service/training/training-log.ts';
import { readTranslatorConfig } from '../../service/training/translator-config.ts';
import { translatorCurve } from '../../service/training/translator-curve.ts';
import { runTranslatorTraining, type TranslatorEvent } from '../../service/training/translator-run.ts';
import type { TrainTranslatorOptions } from '../commands/train.ts';
import { Interruption } from '../terminal/interruption.ts';
import { duration } from '../terminal/progress.ts';

/** Trains a translator, with a line of progress on the terminal and a log of JSON lines in the run's folder. */
export async function trainTranslator(options: TrainTranslatorOptions): Promise<void> {
  // The gradient of gather exists only natively.
  await useBackend('native');
  const config = await readTranslatorConfig(options.config);
  const run = join(options.runs, config.name);
  mkdirSync(run, { recursive: true });
  const log = join(run, 'log.jsonl');
  const interruption = new Interruption('Stopping after this step; the same command goes on from here.');
  const finished = await runTranslatorTraining(
    config,
    { data: resolve(options.data), run, runs: options.runs },
    (event) => {
      if (event.kind !== 'preparing') appendFileSync(log, `${JSON.stringify({ time: Date.now(), ...event })}\n`);
      if (event.kind === 'validation') {
        writeFileSync(join(run, 'curve.svg'), translatorCurve(readTrainingLog<TranslatorEvent>(log)));
      }
      show(event);
    },
    interruption.signal,
  );
  interruption.dispose();
  process.stderr.write(finished ? `\nDone: ${join(run, 'final')}\n` : '\nStopped.\n');
  if (!finished && interruption.exitCode !== undefined) process.exitCode = interruption.exitCode;
}

function show(event: TranslatorEvent): void {
  const line = describe(event);
  const passing = event.kind === 'step' || event.kind === 'preparing';
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}${passing ? '' : '\n'}`);
  else if (event.kind !== 'step' || event.step % 20 === 0) process.stderr.write(`${line}\n`);
}

function describe(event: TranslatorEvent): string {
  switch (event.kind) {
    case 'preparing':
      return `Preparing: ${event.what}`;
    case 'data': {
      const kept = event.texts.reduce((sum, text) => sum + text.kept, 0);
      const lines = event.texts.reduce((sum, text) => sum + text.lines, 0);
      return `${kept} of ${lines} sentence pairs, ${event.vocabulary} tokens, ${event.parameters} parameters`;
    }
    case 'step':
      return (
        `${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}  ${event.tokensPerSecond.toFixed(0)} tokens/s  ` +
        `${duration(event.secondsLeft)} left`
      );
    case 'validation': {
      const texts = event.texts.map(({ name, bleu, loss }) => `${name} ${bleu.toFixed(1)} (loss ${loss.toFixed(3)})`);
      return (
        `step ${event.step}: loss ${event.loss.toFixed(3)}, dev BLEU ${texts.join(', ')}, ` +
        `${duration(event.seconds)}${event.best ? ' (best)' : ''}: ${event.texts[0]?.example ?? ''}`
      );
    }
    case 'saved':
      return `saved at step ${event.step}`;
    case 'candidate':
      return `${event.name}: dev BLEU ${event.bleu.toFixed(2)}`;
    case 'finished':
      return `The ${event.name} is the model: dev BLEU ${event.bleu.toFixed(2)} after ${duration(event.seconds)}`;
  }
}
