const INTERVAL = 100;

/** A line on stderr that is written over and over; nothing where stderr is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #shown = false;
  #last = 0;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** Shows a line in the place of the one before; more often than ten times a second is passed over. */
  show(line: string): void {
    if (!this.#stream.isTTY || performance.now() - this.#last < INTERVAL) return;
    this.#last = performance.now();
    this.#stream.write(`\r\u001b[2K${shorten(line, this.#stream.columns - 1)}`);
    this.#shown = true;
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (!this.#shown) return;
    this.#stream.write('\r\u001b[2K');
    this.#shown = false;
    this.#last = 0;
  }
}

/** Counts photos and guesses when the last will be done. */
export class PhotoCount {
  #total: number | undefined;
  readonly #start = performance.now();
  done = 0;

  /** @param total nothing where it is not known */
  constructor(total: number | undefined) {
    this.#total = total;
  }

  /** One fewer is to be done than was thought. */
  leaveOut(): void {
    if (this.#total !== undefined) this.#total--;
  }

  /** "12 of 40 photos, 3.1 a second, 9 s left". */
  toString(): string {
    const perSecond = this.done / ((performance.now() - this.#start) / 1000);
    if (this.done === 0 || !Number.isFinite(perSecond)) return this.ofTotal();
    const left = this.#total === undefined ? '' : `, ${duration((this.#total - this.done) / perSecond)} left`;
    return `${this.ofTotal()}, ${perSecond.toFixed(1)} a second${left}`;
  }

  /** Whether there are no more; false where the total is not known. */
  get isComplete(): boolean {
    return this.done === this.#total;
  }

  /** "12 of 40 photos". */
  ofTotal(): string {
    return this.#total === undefined ? plural(this.done, 'photo') : `${this.done} of ${plural(this.#total, 'photo')}`;
  }
}

/** A bar of twenty characters. @param share done, 0 to 1 */
export function bar(share: number): string {
  const done = Math.round(20 * Math.min(1, Math.max(0, share)));
  return `${'█'.repeat(done)}${'░'.repeat(20 - done)}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** File names may hold anything; on a terminal control characters would act. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function shorten(line: string, width: number): string {
  const characters = Array.from(printable(line));
  return width > 0 && characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
}
