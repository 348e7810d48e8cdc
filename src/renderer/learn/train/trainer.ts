import type { DigitRun, DigitRunOptions } from '../../../engine/laboratory/digit-run.ts';
import type { FromTraining, ToTraining } from './training-messages.ts';

/** Updates between two reports, between two looks, and between two measurements. */
const REPORT = 10;
const LOOK = 20;
const MEASURE = 100;
/** Lengths that are measured on the way, and at the end. */
export const LENGTHS_ON_THE_WAY = [6, 10, 15, 20];
export const LENGTHS = [6, 10, 15, 20, 30];

/** What the page shows where nobody has typed digits: 3 1 4 1 5 9 2 6, as tokens. */
export const FIRST_DIGITS = [6, 4, 7, 4, 8, 12, 5, 9];

type Run = Pick<DigitRun, 'update' | 'done' | 'isOver' | 'exact' | 'look' | 'weights' | 'dispose'> & {
  readonly options: Pick<Required<DigitRunOptions>, 'updates'>;
};

/** Trains one model at a time and tells about it. The last one is kept, to be tried. */
export class Trainer {
  readonly #make: (options: DigitRunOptions) => Promise<Run>;
  readonly #tell: (message: FromTraining) => void;
  #run: Run | undefined;
  #isStopped = false;
  #digits: readonly number[] = FIRST_DIGITS;

  constructor(make: (options: DigitRunOptions) => Promise<Run>, tell: (message: FromTraining) => void) {
    this.#make = make;
    this.#tell = tell;
  }

  async hear(message: ToTraining): Promise<void> {
    try {
      if (message.kind === 'train') await this.#train(message);
      else if (message.kind === 'stop') this.#isStopped = true;
      else {
        this.#digits = message.digits;
        if (this.#run) await this.#look(this.#run);
      }
    } catch (error) {
      this.#tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  async #train({ attention, seed, task }: ToTraining & { kind: 'train' }): Promise<void> {
    this.#isStopped = false;
    this.#run?.dispose();
    const run = await this.#make({ task, attention, seed });
    this.#run = run;
    let seconds = 0;
    let sum = 0;
    while (this.#goesOn(run)) {
      const begin = performance.now();
      sum += run.update();
      seconds += (performance.now() - begin) / 1000;
      const { done } = run;
      if (done % REPORT === 0) {
        this.#tell({ kind: 'progress', done, updates: run.options.updates, loss: sum / REPORT, seconds });
        sum = 0;
        // Lets a message arrive.
        await new Promise((resolve) => setTimeout(resolve));
      }
      if (done % LOOK === 0) await this.#look(run);
      if (done % MEASURE === 0) await this.#measure(run, LENGTHS_ON_THE_WAY);
    }
    await this.#measure(run, LENGTHS);
    await this.#look(run);
    this.#tell({ kind: 'over', weights: run.weights });
  }

  /** Whether there is more to do, and nobody has said to stop. */
  #goesOn({ isOver }: Run): boolean {
    return !isOver && !this.#isStopped;
  }

  async #look(run: Run): Promise<void> {
    const digits = this.#digits;
    if (digits.length > 0) this.#tell({ kind: 'looked', look: { digits, ...(await run.look(digits)) } });
  }

  async #measure(run: Run, lengths: readonly number[]): Promise<void> {
    const exact: [number, number][] = [];
    for (const length of lengths) exact.push([length, await run.exact(length)]);
    this.#tell({ kind: 'measured', exact });
  }
}
