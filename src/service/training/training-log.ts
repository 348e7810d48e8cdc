import { existsSync, readFileSync } from 'node:fs';

/** The events of a run, from its log of JSON lines; none where there is no log. A last line that was cut off is left out. */
export function readTrainingLog<Event>(logFile: string): Event[] {
  if (!existsSync(logFile)) return [];
  const lines = readFileSync(logFile, 'utf8').split('\n');
  // The last line ends with a line end, or its writing was interrupted.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Event);
}
