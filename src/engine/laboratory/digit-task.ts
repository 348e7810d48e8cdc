import type { Random } from '../random.ts';

/** What is to be made of a string of digits. */
export const DIGIT_TASKS = ['reverse', 'copy', 'sort'] as const;
export type DigitTask = (typeof DIGIT_TASKS)[number];

/** The kinds of attention that are compared on the task; `plain-…`: with plain recurrent cells in place of GRUs. */
export const DIGIT_ATTENTIONS = ['none', 'additive', 'dot', 'key-query', 'plain-none', 'plain-additive'] as const;
export type DigitAttention = (typeof DIGIT_ATTENTIONS)[number];

/** Tokens: 0 is padding, 1 starts, 2 ends, 3 to 12 are the digits. */
export const DIGIT_VOCABULARY = 13;
export const START = 1;
export const END = 2;
const ZERO = 3;

export const tokenOf = (digit: number): number => ZERO + digit;
/** The digit of a token, or what it says else. */
export const digitOf = (token: number): string => (token >= ZERO ? String(token - ZERO) : token === END ? '■' : '·');

/** The right answer. @param digits tokens */
export function solve(task: DigitTask, digits: readonly number[]): number[] {
  if (task === 'reverse') return [...digits].reverse();
  return task === 'sort' ? [...digits].sort((a, b) => a - b) : [...digits];
}

/** Digits drawn one by one, as tokens. */
export function drawDigits(length: number, random: Random): number[] {
  return Array.from({ length }, () => tokenOf(random.integer(10)));
}
