import type { Desk } from './desk.ts';
import { codeOf, messageOf } from './failure.ts';

/** The answer to a question that changes. Of several questions the last one counts. */
export class Asking<Answer> {
  readonly #desk: Desk;
  answer = $state.raw<Answer | null>(null);
  working = $state(false);
  problem = $state('');
  #control = new AbortController();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** The answer before stays until there is the new one. @returns whether it came */
  async ask(question: (signal: AbortSignal) => Promise<Answer>): Promise<boolean> {
    this.stop();
    const { signal } = this.#control;
    this.working = true;
    try {
      const answer = await question(signal);
      if (signal.aborted) return false;
      this.answer = answer;
      this.problem = '';
      return true;
    } catch (error) {
      if (!signal.aborted && codeOf(error) !== 'cancelled') {
        this.problem = messageOf(error);
        this.#desk.say(this.problem);
      }
      return false;
    } finally {
      if (!signal.aborted) this.working = false;
    }
  }

  /** Ends what is being asked. */
  stop(): void {
    this.#control.abort();
    this.#control = new AbortController();
    this.working = false;
  }
}
