import { MOST_MEMORY } from './budget.ts';

/** What is said of a photo whose pixels do not fit into the budget. */
export function tooMuchMemory(): string {
  return `reading it takes more than ${MOST_MEMORY / 1e6} MB of memory. Save a smaller copy of it.`;
}

/** What is said of a photo that was given up. */
export function tooMuchTime(): string {
  return 'reading it takes too long: it was given up. Save it as JPEG or PNG.';
}
