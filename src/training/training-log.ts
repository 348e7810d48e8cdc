import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** The events of a run's log; none where there is no log. A line that was cut off is left out. */
export function readTrainingLog<Event>(path: string): Event[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.flatMap((line): Event[] => {
    try {
      return [JSON.parse(line) as Event];
    } catch {
      return [];
    }
  });
}

/** The log of a run: JSON lines, an event each, with the time at which it was written. */
export class TrainingLog<Event extends object> {
  readonly #path: string;

  /** @param path of the file, in a folder that is there; an earlier run's is gone on with */
  constructor(path: string) {
    this.#path = path;
    // A line that was cut off (the machine went off while it was written) must not take the next one with it.
    if (existsSync(path) && !readFileSync(path, 'utf8').endsWith('\n')) appendFileSync(path, '\n');
  }

  append(event: Event): void {
    appendFileSync(this.#path, `${JSON.stringify({ time: Date.now(), ...event })}\n`);
  }

  /** All events so far. */
  events(): Event[] {
    return readTrainingLog(this.#path);
  }
}
