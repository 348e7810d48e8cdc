import type { DigitAttention, DigitTask } from '../../../engine/laboratory/digit-task.ts';

/** What a model makes of a string, and where it looked for each digit that it wrote. */
export interface DigitLook {
  /** Tokens, without the end. */
  readonly digits: readonly number[];
  /** Tokens, with the end where it was reached. */
  readonly written: readonly number[];
  /** [written][digits and their end]; none without attention. */
  readonly weights: readonly (readonly number[])[];
}

/** What the page says to the worker that trains. */
export type ToTraining =
  | { readonly kind: 'train'; readonly task: DigitTask; readonly attention: DigitAttention; readonly seed: number }
  | { readonly kind: 'stop' }
  /** What it makes of these digits; while it trains as well. */
  | { readonly kind: 'try'; readonly digits: readonly number[] };

/** What the worker says. */
export type FromTraining =
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly updates: number;
      /** The mean of the last updates, nats a digit. */
      readonly loss: number;
      /** Of training alone. */
      readonly seconds: number;
    }
  | { readonly kind: 'looked'; readonly look: DigitLook }
  /** The share of strings that come out right to the last digit, by their length. */
  | { readonly kind: 'measured'; readonly exact: readonly (readonly [length: number, share: number])[] }
  | { readonly kind: 'over'; readonly weights: number }
  | { readonly kind: 'failed'; readonly message: string };
