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
  /** BLEU at every validation, and the last. */
  readonly curve: readonly { readonly step: number; readonly bleu: number }[];
  readonly devBleu: number;
}

/** The runs of one model, from several seeds, with the learning rate that was best for it. */
export interface Kind {
  readonly rate: number;
  /** Mean BLEU at the last validation, by rate. */
  readonly rates: readonly { readonly rate: number; readonly devBleu: number }[];
  /** By seed. */
  readonly runs: readonly TrainedRun[];
}

/** The highest rate of a run's first stage. */
const rateOf = ({ config }: TrainedRun): number => config.stages[0]!.schedule.rate;

/** Puts the runs of a name together, and takes those of the rate whose mean BLEU at the last validation is best. */
export function byName(runs: readonly TrainedRun[]): Kind[] {
  return Array.from(groups(runs, ({ config }) => config.name).values(), (own) => {
    const rates = Array.from(groups(own, rateOf), ([rate, tried]) => ({
      rate,
      devBleu: tried.reduce((sum, { devBleu }) => sum + devBleu, 0) / tried.length,
      runs: tried.toSorted((a, b) => a.config.seed - b.config.seed),
    })).sort((a, b) => a.rate - b.rate);
    const best = rates.reduce((a, b) => (b.devBleu > a.devBleu ? b : a));
    return { rate: best.rate, rates: rates.map(({ devBleu, rate }) => ({ rate, devBleu })), runs: best.runs };
  });
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
    curve: validations.map(({ bleu, step }) => ({ step, bleu })),
    devBleu: validations.at(-1)!.bleu,
  };
}

function groups<Key>(runs: readonly TrainedRun[], keyOf: (run: TrainedRun) => Key): Map<Key, TrainedRun[]> {
  const found = new Map<Key, TrainedRun[]>();
  for (const run of runs) found.set(keyOf(run), [...(found.get(keyOf(run)) ?? []), run]);
  return found;
}

/**
 * In what runs differ beside their models, their seeds, their learning rates, which are chosen for each, and their updates, which
 * the time may cut short and which are told for each: a comparison is fair where nothing does.
 * @returns names of settings: `stages`, `vocabulary`
 */
export function differences(runs: readonly TrainedRun[]): string[] {
  const settings = runs.map(({ config }): Readonly<Record<string, unknown>> => {
    const { name: _, model: __, seed: ___, ...rest } = config;
    return {
      ...rest,
      stages: rest.stages.map(({ schedule, updates: ____, ...stage }) => ({
        ...stage,
        schedule: { ...schedule, rate: 0 },
      })),
    };
  });
  const names = [...new Set(settings.flatMap(Object.keys))];
  return names.filter((name) => new Set(settings.map((setting) => JSON.stringify(setting[name]))).size > 1);
}
