import { MOST_FILE_BYTES, MOST_MEMORY } from './budget.ts';

/** What is said of a photo whose pixels do not fit into the budget. */
export function tooMuchMemory(): string {
  return `reading it takes more than ${MOST_MEMORY / 1e6} MB of memory. Save a smaller copy of it.`;
}

/** What is said of a file that is not even looked into. */
export function tooLargeFile(bytes: number): string {
  const size = bytes < 999.5e6 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  return `the file has ${size}, and at most ${MOST_FILE_BYTES / 1e6} MB are read. Save a smaller copy of it.`;
}

/** What is said of a photo that was given up. */
export function tooMuchTime(): string {
  return 'reading it takes too long: it was given up. Save it as JPEG or PNG.';
}
