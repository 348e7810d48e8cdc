import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers for commander. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
      throw new InvalidArgumentError(`It takes a whole number ${range}.`);
    }
    return value;
  };
}

/** A parser of numbers of at least 0. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('It takes a number of at least 0.');
  }
  return value;
}

/** A parser of shares. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It takes a number from 0 to 1.');
  return value;
}

/** A parser of an option that may be given again: all its values. */
export function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** A parser of lists like "png,svg". */
export function listOf<Word extends string>(words: readonly Word[]): (text: string) => Word[] {
  return (text) => {
    const list = text.split(',').map((word) => word.trim().toLowerCase());
    const wrong = list.find((word) => !(words as readonly string[]).includes(word));
    if (wrong !== undefined)
      throw new InvalidArgumentError(`It takes ${words.join(', ')}, separated by commas; not "${wrong}".`);
    return [...new Set(list)] as Word[];
  };
}
