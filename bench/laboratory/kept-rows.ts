import { readFile, writeFile } from 'node:fs/promises';

/** An option of measurements: rows that are there stay, and only what is missing is measured. */
export const GO_ON = '--go-on';

/**
 * The rows of a measurement, in docs/laboratory. They take minutes each, so they are written after each one, and what was
 * interrupted can be gone on with: rows that are kept are not measured again.
 */
export class KeptRows<Row extends object> {
  readonly #file: string;
  /** Of an earlier run, as long as nobody asked for them. */
  readonly #kept: Row[];
  /** In the order in which they were asked for. */
  readonly rows: Row[] = [];

  private constructor(file: string, kept: readonly Row[]) {
    this.#file = file;
    this.#kept = [...kept];
  }

  /** @param isKept of each row that is there; others are measured anew */
  static async open<Row extends object>(name: string, isKept: (row: Row) => boolean): Promise<KeptRows<Row>> {
    const file = `docs/laboratory/${name}.json`;
    const there = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as Row[];
    return new KeptRows(file, there.filter(isKept));
  }

  /** The row with the `key`'s values, measured where it is not kept. */
  async row(key: Partial<Row>, measure: () => Row | Promise<Row>): Promise<Row> {
    const names = Object.keys(key) as (keyof Row)[];
    const place = this.#kept.findIndex((row) => names.every((name) => row[name] === key[name]));
    const [kept] = place < 0 ? [] : this.#kept.splice(place, 1);
    const row = kept ?? (await measure());
    this.rows.push(row);
    if (!kept) {
      console.log(JSON.stringify(row));
      await this.#write([...this.rows, ...this.#kept]);
    }
    return row;
  }

  /** Leaves the rows that were asked for in the file, and no others. */
  async finish(): Promise<readonly Row[]> {
    await this.#write(this.rows);
    return this.rows;
  }

  async #write(rows: readonly Row[]): Promise<void> {
    await writeFile(this.#file, `${JSON.stringify(rows, null, 2)}\n`);
  }
}
