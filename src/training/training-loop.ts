import { join } from 'node:path';
import type { Random } from '../engine/random.ts';
import type { AdamW } from '../engine/training/adam-w.ts';
import { learningRate, type Schedule } from '../engine/training/schedule.ts';
import { nextTick, type SavedEvent, type StepEvent } from './training-events.ts';
import { wasBegun, type OtherWeights, type TrainingState } from './training-state.ts';

/** How far a stage has come: what an interrupted training goes on from. JSON can hold it. */
export interface StageProgress {
  /** Steps done. */
  step: number;
  /** The state of the generator of dropout, augmentation and samples. */
  random: number;
  /** Of training, without validation. */
  seconds: number;
  /** The best validation so far; null before the first. */
  best: number | null;
  /** Losses since the last validation, added up. */
  lossSum: number;
  lossCount: number;
}

/** What a step of training did. */
export interface Update {
  /** A token. */
  loss: number;
  /** Of the gradient. */
  norm: number;
  /** Tokens that were predicted. */
  tokens: number;
}

/** A stage of a training, as the loop sees it: the model, its examples and its validation are the stage's own. */
export interface LoopStage<Progress extends StageProgress, Done extends Update> {
  readonly name: string;
  readonly steps: number;
  readonly schedule: Schedule;
  readonly optimiser: AdamW;
  /** Of everything in a step that chance decides. */
  readonly random: Random;
  /** What is to be restored beside optimiser and progress. */
  readonly others?: OtherWeights;
  /** The progress of a stage that was never begun. */
  beginning(random: number): Progress;
  /** What has to be made of the weights that the stage begins or goes on with, before its first step. */
  prepare?(): Promise<void>;
  /** One step of training at this learning rate; moves what the progress has beside the loop's own. */
  update(rate: number, progress: Progress): Done | Promise<Done>;
  /** Which pass over the examples a step belongs to, from 0. */
  epochOf(progress: Progress): number;
  /** Whether the weights are validated after so many steps. After the last they are. */
  isValidated(step: number): boolean;
  /** Validates the averaged weights, which are in place, and keeps them where they are the best so far. */
  validate(progress: Progress): Promise<void>;
}

const SECONDS_BETWEEN_CHECKPOINTS = 180;

/**
 * The loop of every training: a step, a report, and from time to time a validation and a checkpoint.
 *
 * @param state where the stage goes on from; a stage that was interrupted has the same curve as one that was not
 * @param report what the step did comes with it
 * @param signal aborting writes a checkpoint after the step in hand and returns
 * @returns the progress at the end of the stage; nothing where it was stopped before
 * @throws Error where the gradient is not finite
 */
export async function runStage<Progress extends StageProgress, Done extends Update>(
  stage: LoopStage<Progress, Done>,
  state: TrainingState<Progress>,
  report: (event: SavedEvent | (StepEvent & Omit<Done, 'tokens'>)) => void,
  signal?: AbortSignal,
): Promise<Progress | undefined> {
  const { name, optimiser, random, schedule, steps } = stage;
  const progress = state.exists ? await state.restore(optimiser, stage.others) : stage.beginning(random.state);
  random.state = progress.random;
  await stage.prepare?.();
  let saved = -1;
  let lastSaved = performance.now();
  const save = async (): Promise<void> => {
    if (saved === progress.step) return;
    progress.random = random.state;
    await state.save(optimiser, progress, stage.others);
    saved = progress.step;
    lastSaved = performance.now();
    report({ kind: 'saved', stage: name, step: progress.step });
  };
  const speed = { tokens: 0, seconds: 0, steps: 0 };

  while (progress.step < steps) {
    if (signal?.aborted) {
      await save();
      return undefined;
    }
    const start = performance.now();
    const epoch = stage.epochOf(progress);
    const rate = learningRate(schedule, progress.step, steps);
    const { tokens, ...done } = await stage.update(rate, progress);
    if (!Number.isFinite(done.norm)) throw new Error(`The gradient is not finite at step ${progress.step} of ${name}.`);
    const seconds = (performance.now() - start) / 1000;

    progress.step++;
    progress.seconds += seconds;
    progress.lossSum += done.loss;
    progress.lossCount++;
    speed.tokens += tokens;
    speed.seconds += seconds;
    speed.steps++;
    report({
      kind: 'step',
      stage: name,
      epoch,
      step: progress.step,
      steps,
      rate,
      ...done,
      tokensPerSecond: speed.tokens / speed.seconds,
      secondsLeft: (speed.seconds / speed.steps) * (steps - progress.step),
    });

    if (progress.step === steps || stage.isValidated(progress.step)) {
      await optimiser.withAverage(() => stage.validate(progress));
      progress.lossSum = 0;
      progress.lossCount = 0;
      await save();
    } else if (performance.now() - lastSaved > SECONDS_BETWEEN_CHECKPOINTS * 1000) {
      await save();
    }
    await nextTick();
  }
  return progress;
}

/** What a stage that was never begun has come to. */
export function beginning(random: number): StageProgress {
  return { step: 0, random, seconds: 0, best: null, lossSum: 0, lossCount: 0 };
}

/** The mean loss since the last validation. */
export function meanLoss({ lossCount, lossSum }: StageProgress): number {
  return lossSum / Math.max(1, lossCount);
}

/**
 * Trains stage after stage, from the one that the run's folder says it stopped in.
 *
 * @param train one stage in its folder, from the weights that are in place; leaves its result in place; false where it
 *   was stopped
 * @returns whether the last stage came to its end
 */
export async function runStages<Stage extends { readonly name: string }>(
  run: string,
  stages: readonly Stage[],
  train: (stage: Stage, number: number, folder: string) => Promise<boolean>,
): Promise<boolean> {
  for (const [number, stage] of stages.entries()) {
    const next = stages[number + 1];
    // A stage whose successor was begun is over; only its result is needed, and that is in the successor's state.
    if (next && wasBegun(stageFolder(run, next, number + 1))) continue;
    if (!(await train(stage, number, stageFolder(run, stage, number)))) return false;
  }
  return true;
}

/** The folder of a stage: `2-encoder`. @param number from 0 */
export function stageFolder(run: string, { name }: { readonly name: string }, number: number): string {
  return join(run, `${number + 1}-${name}`);
}
