import { join } from 'node:path';
import { readTrainingLog, TrainingLog } from '../../training/training-log.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { reasonFor, writeFileAtomicallySync } from '../../files/write-file.ts';
import { Interruption } from '../terminal/interruption.ts';
import { bar, Progress } from '../terminal/progress.ts';

/** An event of a training; a step says how far the training is. */
export type Reported = { kind: string } | { kind: 'step'; step: number; steps: number };

/** How a training is shown. */
export interface Reporting<Event> {
  /** An event as a line. */
  describe: (event: Event) => string;
  /** The kind of the events that add a point to the curve. */
  point: string;
  /** The curve so far, an SVG document. */
  curve: (events: Event[]) => string;
}

/** In the folder of a run. */
const LOG = 'log.jsonl';

/** Steps whose line is printed where stderr is no terminal. */
const EVERY = 20;

/**
 * Runs a training in its folder: progress on stderr, a log of JSON lines (`log.jsonl`) and a plot (`curve.svg`). Ctrl-C
 * stops it after the step in hand.
 *
 * @param run the run's folder, which is made
 * @param train must come back with false where the signal has stopped it
 */
export async function runTraining<Event extends Reported>(
  run: string,
  { curve, describe, point }: Reporting<Event>,
  train: (report: (event: Event) => void, signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  await makeRunFolder(run);
  const log = new TrainingLog<Event>(join(run, LOG));
  const progress = new Progress();
  const interruption = new Interruption('Stopping after this step; the same command goes on from here.');
  const report = (event: Event): void => {
    if (event.kind !== 'preparing') log.append(event);
    if (event.kind === point) drawCurve(run, curve);
    show(event);
  };
  const show = (event: Event): void => {
    const line = describe(event);
    if ('steps' in event) {
      if (process.stderr.isTTY) progress.show(`${bar(event.step / event.steps)} ${line}`);
      else if (event.step % EVERY === 0) process.stderr.write(`${line}\n`);
    } else if (process.stderr.isTTY && (event.kind === 'preparing' || event.kind === 'saved')) {
      progress.show(line);
    } else {
      progress.clear();
      process.stderr.write(`${line}\n`);
    }
  };
  try {
    const finished = await train(report, interruption.signal);
    progress.clear();
    process.stderr.write(finished ? `Done: ${join(run, 'final')}\n` : 'Stopped.\n');
    if (!finished && interruption.exitCode !== undefined) process.exitCode = interruption.exitCode;
  } finally {
    progress.clear();
    interruption.dispose();
  }
}

/** Draws the curve of what a run's log has so far. @param curve see `Reporting` */
export function drawCurve(run: string, curve: (events: never[]) => string): void {
  writeFileAtomicallySync(join(run, 'curve.svg'), curve(readTrainingLog<never>(join(run, LOG))));
}

async function makeRunFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (error) {
    throw new Error(`cannot write to the folder ${path}: ${reasonFor(error)}`, { cause: error });
  }
}
