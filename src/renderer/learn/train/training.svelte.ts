import { DIGIT_ATTENTIONS, type DigitAttention, type DigitTask } from '../../../engine/laboratory/digit-task.ts';
import { FIRST_DIGITS } from './trainer.ts';
import type { DigitLook, FromTraining, ToTraining } from './training-messages.ts';

/** What is known of one training. */
export interface TrainingResult {
  readonly task: DigitTask;
  readonly attention: DigitAttention;
  readonly losses: readonly (readonly [update: number, loss: number])[];
  readonly exact: readonly (readonly [length: number, share: number])[];
  readonly look: DigitLook | null;
  readonly done: number;
  readonly updates: number;
  readonly seconds: number;
  /** `stopped` before its end: what it had learnt by then is kept. */
  readonly state: 'running' | 'stopped' | 'done';
}

/** A worker, as far as it is used. */
export interface TrainingWorker {
  postMessage(message: ToTraining): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  readonly terminate: () => void;
}

/** The trainings of this visit. They go on, and their results stay, while somebody is at another place. */
export class Training {
  task = $state<DigitTask>('reverse');
  /** What was chosen to be trained next. */
  attention = $state<DigitAttention>('additive');
  /** Whose look is shown. */
  shown = $state<DigitAttention>('additive');
  problem = $state('');
  digits = $state.raw<readonly number[]>(FIRST_DIGITS);
  #results = $state.raw<ReadonlyMap<string, TrainingResult>>(new Map());
  #running = $state.raw<{ readonly key: string } | null>(null);
  readonly #start: () => TrainingWorker;
  #worker: TrainingWorker | undefined;
  /** Which training the worker's model comes of. */
  #loaded = $state('');

  /** Those of the task, in the order of the kinds. */
  readonly results = $derived(
    DIGIT_ATTENTIONS.flatMap((attention) => this.#results.get(`${this.task} ${attention}`) ?? []),
  );
  readonly running = $derived(this.#running ? (this.#results.get(this.#running.key) ?? null) : null);
  readonly looking = $derived(this.results.find(({ attention }) => attention === this.shown) ?? this.results[0]);
  /** Whether the model of the look that is shown is there to be tried. */
  readonly canTry = $derived(this.looking !== undefined && this.#isLoaded(this.looking));

  constructor(start: () => TrainingWorker) {
    this.#start = start;
  }

  /** Trains what is chosen, from the beginning. */
  train(): void {
    const { attention, task } = this;
    const key = `${task} ${attention}`;
    this.problem = '';
    const none = { losses: [], exact: [], look: null, done: 0, updates: 0, seconds: 0 } as const;
    this.#set(key, { task, attention, ...none, state: 'running' });
    this.#running = { key };
    this.#loaded = key;
    this.shown = attention;
    this.#tell({ kind: 'train', task, attention, seed: 1 });
  }

  stop(): void {
    this.#tell({ kind: 'stop' });
  }

  /** Shows what the model makes of other digits. @param digits tokens, at least one */
  try(digits: readonly number[]): void {
    this.digits = digits;
    this.#tell({ kind: 'try', digits });
  }

  #isLoaded({ attention, task }: TrainingResult): boolean {
    return this.#loaded === `${task} ${attention}`;
  }

  #tell(message: ToTraining): void {
    if (!this.#worker) {
      const worker = this.#start();
      worker.onmessage = ({ data }) => this.#hear(data as FromTraining);
      worker.onerror = ({ message: problem }) => this.#failed(problem);
      this.#worker = worker;
    }
    this.#worker.postMessage(message);
  }

  #hear(message: FromTraining): void {
    const key = this.#loaded;
    const before = this.#results.get(key);
    if (!before) return;
    switch (message.kind) {
      case 'progress': {
        const { done, loss, seconds, updates } = message;
        this.#set(key, { ...before, losses: [...before.losses, [done, loss]], done, updates, seconds });
        break;
      }
      case 'looked':
        this.#set(key, { ...before, look: message.look });
        break;
      case 'measured':
        this.#set(key, { ...before, exact: message.exact });
        break;
      case 'over': {
        const isWhole = before.done > 0 && before.done >= before.updates;
        this.#running = null;
        this.#set(key, { ...before, state: isWhole ? 'done' : 'stopped' });
        break;
      }
      case 'failed':
        this.#failed(message.message);
    }
  }

  #failed(problem: string): void {
    this.problem = problem;
    this.#worker?.terminate();
    this.#worker = undefined;
    const before = this.#results.get(this.#loaded);
    if (before) this.#set(this.#loaded, { ...before, state: 'stopped' });
    this.#running = null;
    this.#loaded = '';
  }

  #set(key: string, result: TrainingResult): void {
    this.#results = new Map(this.#results).set(key, result);
  }
}
