/** Reads the fields of a publisher's `config.json`, and says in a sentence what is wrong with one. */
export class ConfigReader {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** @param where what messages call it: "config.json" */
  constructor(values: unknown, where: string) {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new Error(`${where} is not an object.`);
    }
    this.#values = values as Record<string, unknown>;
    this.#where = where;
  }

  /** A field as it stands. */
  get(name: string): unknown {
    return this.#values[name];
  }

  /** A part that is an object itself. */
  part(name: string): ConfigReader {
    return new ConfigReader(this.#values[name], `${this.#where}'s ${name}`);
  }

  /** A whole number from `least` to `most`. */
  whole(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.#values[name] ?? otherwise;
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    return this.#fail(name, value, `a whole number from ${least} to ${most}`);
  }

  number(name: string, otherwise?: number): number {
    const value = this.#values[name] ?? otherwise;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return this.#fail(name, value, 'a number');
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#values[name] ?? otherwise;
    if (typeof value === 'boolean') return value;
    return this.#fail(name, value, 'true or false');
  }

  /** One of some words. */
  word<T>(name: string, known: Readonly<Record<string, T>>, otherwise?: string): T {
    const value = this.#values[name] ?? otherwise;
    if (typeof value === 'string' && Object.hasOwn(known, value)) return known[value] as T;
    return this.#fail(name, value, `one of ${Object.keys(known).join(', ')}`);
  }

  /** @throws Error where a field is there and is not as it must be: the model would compute something else */
  must(name: string, wanted: unknown): void {
    const value = this.#values[name];
    if (value === undefined || value === null || value === wanted) return;
    this.#fail(name, value, JSON.stringify(wanted));
  }

  #fail(name: string, value: unknown, wanted: string): never {
    const is = value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);
    throw new Error(`${this.#where}'s ${name} is ${is}; it must be ${wanted}.`);
  }
}

/** What no model that runs on a desktop has more of. */
export const MOST = { layers: 100, size: 16_384, tokens: 1_000_000 } as const;
