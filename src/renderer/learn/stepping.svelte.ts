import type { ScoreChange, StepTrace } from '../../contract/data/traces.ts';
import { entropyOf } from '../../engine/attention/divergence.ts';
import type { Desk } from '../state/desk.ts';
import { codeOf, messageOf } from '../state/failure.ts';
import { softmax, weightedSum } from './arithmetic.ts';
import type { Shown, SymbolId } from './stages.ts';

/** Milliseconds that a slider rests before the engine is asked what comes of it. */
const PAUSE = 60;

/** Asks the engine for a step as it is, or with a change. */
export type Ask = (change: ScoreChange | undefined, signal: AbortSignal) => Promise<StepTrace>;

/**
 * One step under somebody's hands: the engine's numbers, the scores and the temperature as they were changed, and what
 * comes of them. Softmax and sums are computed here, at once; what the rest of the model makes of it, the engine says.
 */
export class Stepping {
  readonly #desk: Desk;
  /** The step as the model takes it; null until it is known. */
  own = $state.raw<StepTrace | null>(null);
  /** With the change, as of the last answer. */
  changed = $state.raw<{ readonly trace: StepTrace; readonly key: string } | null>(null);
  scores = $state.raw<readonly (number | null)[]>([]);
  temperature = $state(1);
  /** Which of the stages is shown. */
  stage = $state(0);
  /** The symbol and the location that are pointed at: their numbers light up wherever they stand. */
  lit = $state<SymbolId | null>(null);
  at = $state<number | null>(null);
  working = $state(false);
  problem = $state('');
  #ask: Ask | undefined;
  #control = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #key = $derived(JSON.stringify([this.scores, this.temperature]));
  readonly isChanged = $derived(
    this.temperature !== 1 || this.scores.some((score, i) => score !== this.own?.look?.scores[i]),
  );
  /** What the page computes. */
  readonly weights = $derived(softmax(this.scores, this.temperature));
  readonly context = $derived(this.own?.look ? weightedSum(this.weights, this.own.look.values) : []);
  readonly entropy = $derived(entropyOf(this.weights));
  /** The newest answer of the engine. */
  readonly trace = $derived(this.isChanged ? (this.changed?.trace ?? this.own) : this.own);
  /** How far page and engine are apart, in weights and context; null while the engine computes the change. */
  readonly difference = $derived.by(() => {
    const look = this.trace?.look;
    if (!look || (this.isChanged && this.changed?.key !== this.#key)) return null;
    return Math.max(apart(this.weights, look.weights), apart(this.context, look.context));
  });
  readonly shown = $derived.by((): Shown | null => {
    const { context, scores, temperature, trace, weights } = this;
    return trace && { trace, scores, temperature, weights, context };
  });

  /** @param stage the first that is shown */
  constructor(desk: Desk, stage = 0) {
    this.#desk = desk;
    this.stage = stage;
  }

  /** Shows another step; the one before stays until the new one is known. */
  async begin(ask: Ask): Promise<void> {
    this.stop();
    this.#ask = ask;
    const { signal } = this.#control;
    this.working = true;
    try {
      const own = await ask(undefined, signal);
      if (signal.aborted) return;
      this.own = own;
      this.problem = '';
      this.at = null;
      this.#restore();
    } catch (error) {
      this.#failed(error, signal);
    }
    if (!signal.aborted) this.working = false;
  }

  /** Ends what is being asked. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#control.abort();
    this.#control = new AbortController();
    this.working = false;
  }

  setScore(location: number, score: number | null): void {
    this.scores = this.scores.map((own, i) => (i === location ? score : own));
    this.#follow();
  }

  /** Hides a location, or lets it be seen again with its own score. One is always seen. */
  see(location: number, isSeen: boolean): void {
    if (!isSeen && this.scores.filter((score) => score !== null).length < 2) return;
    this.setScore(location, isSeen ? (this.own?.look?.scores[location] ?? 0) : null);
  }

  setTemperature(temperature: number): void {
    this.temperature = temperature;
    this.#follow();
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#restore();
  }

  #restore(): void {
    this.scores = this.own?.look?.scores ?? [];
    this.temperature = 1;
    this.changed = null;
  }

  #follow(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#askChange(), PAUSE);
  }

  async #askChange(): Promise<void> {
    if (!this.#ask || !this.isChanged) return;
    this.#control.abort();
    this.#control = new AbortController();
    const { signal } = this.#control;
    const key = this.#key;
    const change = { scores: [...this.scores], temperature: this.temperature };
    this.working = true;
    try {
      const trace = await this.#ask(change, signal);
      if (!signal.aborted) this.changed = { trace, key };
    } catch (error) {
      this.#failed(error, signal);
    }
    if (!signal.aborted) this.working = false;
  }

  #failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted || codeOf(error) === 'cancelled') return;
    this.problem = messageOf(error);
    this.#desk.say(this.problem);
  }
}

function apart(one: readonly number[], other: readonly number[]): number {
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? 0))), 0);
}
