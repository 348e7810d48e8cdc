import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../../src/engine/checkpoint/store.ts';
import { readTrainingLog } from '../../src/training/training-log.ts';
import { stageFolder } from '../../src/training/training-loop.ts';
import { readTranslatorConfig, type TranslatorRunConfig } from '../../src/training/translator/translator-config.ts';
import type { TranslatorEvent } from '../../src/training/translator/translator-run.ts';

/** A translator's training run, as it lies in its folder. */
export interface TrainedRun {
  readonly folder: string;
  readonly config: TranslatorRunConfig;
  /** The checkpoint to use: the one that the run chose at its end, or the best so far. */
  readonly model: string;
  /** Weights of the model. */
  readonly parameters: number;
  readonly isFinished: boolean;
  /** Up to the last validation. */
  readonly updates: number;
  /** Of training up to there, in all sessions together; validation and the time between sessions are left out. */
  readonly seconds: number;
  /** The best BLEU at validation. */
  readonly devBleu: number;
}

/** @throws Error that says what the folder lacks */
export async function readRun(folder: string): Promise<TrainedRun> {
  const config = await readTranslatorConfig(join(folder, 'config.json'));
  const events = readTrainingLog<TranslatorEvent>(join(folder, 'log.jsonl'));
  const validations = events.flatMap((event) => (event.kind === 'validation' ? [event] : []));
  const data = events.find((event) => event.kind === 'data');
  // The run's end, else that of its last stage that has one.
  const stages = config.stages.map((stage, number) => stageFolder(folder, stage, number)).reverse();
  const model = [join(folder, 'final'), ...stages.flatMap((stage) => [join(stage, 'final'), join(stage, 'best')])].find(
    (path) => existsSync(join(path, MANIFEST)),
  );
  /** Each stage counts from its own first step. */
  const lasts = [...new Map(validations.map((validation) => [validation.stage, validation])).values()];
  if (lasts.length === 0 || !data || model === undefined)
    throw new Error(`${folder} has no checkpoint yet: the run was not validated once.`);
  return {
    folder,
    config,
    model,
    parameters: data.parameters,
    isFinished: existsSync(join(folder, 'final', MANIFEST)),
    updates: lasts.reduce((sum, { step }) => sum + step, 0),
    seconds: lasts.reduce((sum, { seconds }) => sum + seconds, 0),
    devBleu: Math.max(...validations.map(({ bleu }) => bleu)),
  };
}

/**
 * In what runs differ beside their models: a comparison is fair where nothing does.
 * @returns names of settings: `stages`, `seed`
 */
export function differences(runs: readonly TrainedRun[]): string[] {
  const settings = runs.map(({ config }): Readonly<Record<string, unknown>> => {
    const { name: _, model: __, ...rest } = config;
    return rest;
  });
  const names = [...new Set(settings.flatMap(Object.keys))];
  return names.filter((name) => new Set(settings.map((setting) => JSON.stringify(setting[name]))).size > 1);
}
