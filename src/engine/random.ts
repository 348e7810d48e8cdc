/**
 * A seeded generator of uniform numbers on [0, 1): mulberry32. Small, fast, and the same on every
 * machine, so that a run can be repeated; not for secrets.
 */
export class Random {
  /** The generator's whole state, 32 bits: store it in a checkpoint to go on with the same sequence. */
  state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** The next number on [0, 1). */
  next = (): number => (this.bits() >>> 0) / 4294967296;

  /** The next 32 random bits, as a signed integer. */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return t ^ (t >>> 14);
  }

  /** The next whole number on [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** Shuffles in place (Fisher and Yates) and returns the array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j] as T, items[i] as T];
    }
    return items;
  }
}
