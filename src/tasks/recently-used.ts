/** A few values by name: where there are too many, the one that was not asked for longest goes. */
export class RecentlyUsed<Value> {
  readonly #limit: number;
  readonly #drop: (value: Value) => void;
  /** The latest last. */
  readonly #values = new Map<string, Value>();

  /** @param limit how many are kept at most @param drop frees what goes */
  constructor(limit: number, drop: (value: Value) => void = () => undefined) {
    this.#limit = limit;
    this.#drop = drop;
  }

  get(name: string): Value | undefined {
    const value = this.#values.get(name);
    if (value !== undefined) this.#putLast(name, value);
    return value;
  }

  set(name: string, value: Value): void {
    const before = this.#values.get(name);
    if (before !== undefined && before !== value) this.#drop(before);
    this.#putLast(name, value);
    for (const [oldest, old] of this.#values) {
      if (this.#values.size <= this.#limit) break;
      this.#values.delete(oldest);
      this.#drop(old);
    }
  }

  /** What is there, the latest last. */
  names(): string[] {
    return [...this.#values.keys()];
  }

  /** Lets all of them go. */
  clear(): void {
    for (const value of this.#values.values()) this.#drop(value);
    this.#values.clear();
  }

  #putLast(name: string, value: Value): void {
    this.#values.delete(name);
    this.#values.set(name, value);
  }
}
