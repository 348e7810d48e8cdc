import { tokenOf } from '../../../engine/laboratory/digit-task.ts';

/** The most that can be tried at once. */
export const MOST_DIGITS = 30;

/** The digits of a text, as tokens. */
export function digitsIn(text: string): number[] {
  return (text.match(/\d/g) ?? []).slice(0, MOST_DIGITS).map((digit) => tokenOf(Number(digit)));
}
