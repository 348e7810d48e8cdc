/** What is wrong with a number of a model's description; a model from elsewhere may say anything. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  /** Whether fractions are allowed. */
  readonly fraction?: true;
}

/**
 * Checks numbers of a model's description, so that a wrong one is a sentence and not hours or gigabytes.
 *
 * @param where what the numbers are of: "config"
 * @param values as `model.json` has them
 * @param bounds of the fields that must be there, by name; a name that ends in "?" may be left out
 * @param file where they stand
 * @throws Error that names the field, what it is and what it may be
 */
export function assertWithin(
  where: string,
  values: unknown,
  bounds: Readonly<Record<string, Bounds>>,
  file = 'model.json',
): void {
  const record = typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : {};
  for (const [key, { fraction, least, most }] of Object.entries(bounds)) {
    const name = key.replace(/\?$/, '');
    const value = record[name];
    if (value === undefined && key.endsWith('?')) continue;
    const isNumber = typeof value === 'number' && (fraction ? Number.isFinite(value) : Number.isInteger(value));
    if (isNumber && value >= least && value <= most) continue;
    const kind = fraction ? 'a number' : 'a whole number';
    throw new Error(`${file}'s ${where}.${name} is ${say(value)}; it must be ${kind} from ${least} to ${most}.`);
  }
}

/**
 * Refuses what `model.json` should not say: what nobody reads would be passed over without a word.
 * @param values left out: fine
 * @param known its keys; left out: any
 * @throws Error that names what it is
 */
export function assertOnly(where: string, values: unknown, known?: readonly string[]): void {
  if (values === undefined) return;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new Error(`model.json's ${where} is ${say(values)}; it must be an object { … }.`);
  }
  const unknown = Object.keys(values).find((key) => known?.includes(key) === false);
  if (unknown === undefined || !known) return;
  throw new Error(
    `model.json's ${where} has ${say(unknown)}, which this Attend does not know; it knows ${known.join(', ')}.`,
  );
}

/** All keys of a kind of object, which the compiler compares with it: for `assertOnly`. */
export function allKeys<Kind extends object>(keys: Readonly<Record<keyof Kind, true>>): readonly string[] {
  return Object.keys(keys);
}

/** Refuses anything but true or false, where something is said. @throws Error that names the field and what it is */
export function assertTruth(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new Error(`model.json's ${name} is ${say(value)}; it must be true or false.`);
}

/** The same of a word. @throws Error that names the field, what it is and what it may be */
export function assertOneOf(name: string, value: unknown, words: readonly string[]): void {
  if ((words as readonly unknown[]).includes(value)) return;
  throw new Error(`model.json's ${name} is ${say(value)}; it must be one of ${words.join(', ')}.`);
}

function say(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);
}

/** Of tables and layers: what no model that runs on a desktop has more of. */
export const TOKENS: Bounds = { least: 3, most: 1_000_000 };
export const SIZE: Bounds = { least: 1, most: 16_384 };
export const BEAM: Bounds = { least: 1, most: 50 };
export const NORMALISATION: Bounds = { least: 0, most: 10, fraction: true };
