import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTranslatorConfig } from '../../training/translator/translator-config.ts';
import { packTranslatorTraining } from '../../training/translator/pack-translator.ts';
import { translatorCurve } from '../../training/translator/translator-curve.ts';
import { runTranslatorTraining, type TranslatorEvent } from '../../training/translator/translator-run.ts';
import type { TrainTranslatorOptions } from '../options/train-translator-options.ts';
import { duration } from '../terminal/progress.ts';
import { openTrainingBackend } from './open-backend.ts';
import { runPython } from './run-python.ts';
import { drawCurve, runTraining } from './run-training.ts';

/** `attend train translator`. */
export async function trainTranslator(options: TrainTranslatorOptions): Promise<void> {
  const config = await readTranslatorConfig(options.config);
  await openTrainingBackend();
  const run = join(options.runs, config.name);
  const places = { data: resolve(options.data), run, runs: options.runs };
  if (options.pack !== undefined) {
    await packTranslatorTraining(config, places, options.pack, (event) => process.stderr.write(`${describe(event)}\n`));
    process.stderr.write(`Packed: ${options.pack}\n`);
    return;
  }
  if (options.python !== undefined) {
    const pack = join(run, 'pack');
    // A run that was begun goes on with the pairs that it has.
    if (!existsSync(join(pack, 'pack.json'))) {
      await packTranslatorTraining(config, places, pack, (event) => process.stderr.write(`${describe(event)}\n`));
    }
    await runPython(options.python, 'train_text.py', ['--data', pack, '--run', run]);
    drawCurve(run, translatorCurve);
    return;
  }
  await runTraining<TranslatorEvent>(run, { describe, point: 'validation', curve: translatorCurve }, (report, signal) =>
    runTranslatorTraining(config, places, report, signal),
  );
}

function describe(event: TranslatorEvent): string {
  switch (event.kind) {
    case 'preparing':
      return `Preparing: ${event.what}`;
    case 'data': {
      const kept = event.texts.reduce((sum, text) => sum + text.kept, 0);
      const lines = event.texts.reduce((sum, text) => sum + text.lines, 0);
      return `${event.stage}: ${kept} of ${lines} sentence pairs, ${event.vocabulary} tokens, ${event.parameters} parameters`;
    }
    case 'step':
      return (
        `${event.stage} ${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}  ${event.tokensPerSecond.toFixed(0)} tokens/s  ` +
        `${duration(event.secondsLeft)} left`
      );
    case 'validation': {
      const texts = event.texts.map(({ name, bleu, loss }) => `${name} ${bleu.toFixed(1)} (loss ${loss.toFixed(3)})`);
      return (
        `${event.stage} step ${event.step}: loss ${event.loss.toFixed(3)}, dev BLEU ${texts.join(', ')}, ` +
        `${duration(event.seconds)}${event.best ? ' (best)' : ''}: ${event.texts[0]?.example ?? ''}`
      );
    }
    case 'saved':
      return `saved at step ${event.step}`;
    case 'candidate':
      return `${event.stage}, ${event.name}: dev BLEU ${event.bleu.toFixed(2)}`;
    case 'finished':
      return `${event.stage}: the ${event.name} is the result: dev BLEU ${event.bleu.toFixed(2)} after ${duration(event.seconds)}`;
  }
}
