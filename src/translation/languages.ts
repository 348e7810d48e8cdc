/** A language that no model knows. */
export class UnknownLanguageError extends Error {
  /** @param known codes of the languages to choose from */
  constructor(direction: 'from' | 'to', wanted: string, known: readonly string[]) {
    const list = known.map((code) => `${code} (${languageName(code)})`).join(', ');
    super(`There is no translation ${direction} "${wanted}". Known: ${list}.`);
    this.name = 'UnknownLanguageError';
  }
}

/** A text that is in the language already that somebody wants it in. */
export class SameLanguageError extends Error {
  constructor(from: string, to: string) {
    const [own, wanted] = [from, to].map((tag) => languageName(tag.trim()));
    super(`Nothing needs translating: the text is in ${own} and is wanted in ${wanted}.`);
    this.name = 'SameLanguageError';
  }
}

/** The code among the known ones that a tag means: "DE" and "de-AT" mean `de`. Nothing where it means none. */
export function knownLanguage(tag: string, known: readonly string[]): string | undefined {
  const wanted = tag.trim().toLowerCase();
  const exact = known.find((code) => code.toLowerCase() === wanted);
  return exact ?? known.find((code) => code.toLowerCase() === wanted.split(/[-_]/)[0]);
}

/** Whether two tags mean one language in one script: "de" and "de-AT", but not "zh" and "zh-Hant". */
export function isSameLanguage(one: string, other: string): boolean {
  return inFull(one) === inFull(other);
}

/** A tag's language with its usual script: "zh-Hans" of "zh". */
function inFull(tag: string): string {
  const plain = tag.trim().toLowerCase();
  try {
    const { language, script } = new Intl.Locale(plain.replaceAll('_', '-')).maximize();
    return `${language}-${script}`;
  } catch {
    return plain;
  }
}

/** A language's English name, or its own name for itself; its code where nobody knows it. */
export function languageName(code: string, inLanguage = 'en'): string {
  try {
    return new Intl.DisplayNames([inLanguage], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}
