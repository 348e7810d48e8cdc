/**
 * Where a noun stands in a sentence: `a` as its subject, `acc` as its object, `with` after "with" (in German after every
 * preposition that asks where; in Czech the preposition is part of it), `ins` in the Czech instrumental, `two` of them as
 * the subject, `of` after "a group" or "a plate", `pl` many without an article, `bare` one without an article.
 */
export const SLOTS = ['a', 'acc', 'with', 'ins', 'two', 'of', 'pl', 'bare'] as const;
export type Slot = (typeof SLOTS)[number];

/** A noun as a phrasebook has it. */
export interface Noun {
  /** m, f, n; in Czech ma (animate), mi, f, n; in English nothing. */
  readonly gender: string;
  /**
   * English, French, Spanish: singular and plural. German: and the weak singular, where there is one. Czech: nominative,
   * accusative and instrumental singular, nominative and genitive plural. What is not counted has no plural.
   */
  readonly forms: readonly string[];
}

/**
 * An adjective as a phrasebook has it: in English itself; in German and Czech the stem; in French and Spanish the
 * masculine and the feminine with a slash between them, and "^" before them where they stand before the noun.
 */
export type Adjective = string;

type Phrase = (noun: Noun, slot: Slot, adjective?: Adjective) => string | undefined;

/** Nouns with article and adjective, by language; nothing where the language has no such form. */
export const NOUN_PHRASES: Readonly<Record<string, Phrase>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  cs: czech,
};

function english({ forms: [one, many] }: Noun, slot: Slot, adjective?: Adjective): string | undefined {
  switch (slot) {
    case 'a':
    case 'acc':
    case 'with':
    case 'ins': {
      const words = join(adjective, one);
      return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
    }
    case 'two':
      return many && `two ${many}`;
    case 'of':
      return many ?? one;
    case 'pl':
      return many;
    case 'bare':
      return one;
  }
}

const GERMAN: Readonly<Record<'a' | 'acc' | 'with', Readonly<Record<string, readonly [string, string]>>>> = {
  a: { m: ['ein', 'er'], f: ['eine', 'e'], n: ['ein', 'es'] },
  acc: { m: ['einen', 'en'], f: ['eine', 'e'], n: ['ein', 'es'] },
  with: { m: ['einem', 'en'], f: ['einer', 'en'], n: ['einem', 'en'] },
};

function german({ gender, forms: [one, many, weak] }: Noun, slot: Slot, adjective?: Adjective): string | undefined {
  switch (slot) {
    case 'a':
    case 'acc':
    case 'with': {
      const [article, ending] = GERMAN[slot][gender]!;
      return join(article, adjective && adjective + ending, slot === 'a' ? one : (weak ?? one));
    }
    case 'two':
      return many && `zwei ${many}`;
    case 'of':
      return many && `von ${/[ns]$/.test(many) ? many : `${many}n`}`;
    case 'pl':
      return many;
    case 'bare':
      return one;
    case 'ins':
      return undefined;
  }
}

// Of the words in h that occur here, these begin with a vowel when they are spoken.
const ELIDED = /^([aàâeéèêiîoôuûœ]|hélico|horloge)/;

function french({ gender, forms: [one, many] }: Noun, slot: Slot, adjective?: Adjective): string | undefined {
  switch (slot) {
    case 'a':
    case 'acc':
    case 'with': {
      const form = agreeing(adjective, gender);
      const [before, after] = adjective?.startsWith('^') ? [form, undefined] : [undefined, form];
      return join(gender === 'f' ? 'une' : 'un', before, one, after);
    }
    case 'two':
      return many && `deux ${many}`;
    case 'of': {
      const words = many ?? one ?? '';
      return ELIDED.test(words) ? `d'${words}` : `de ${words}`;
    }
    case 'pl':
      return many;
    case 'bare':
      return one;
    case 'ins':
      return undefined;
  }
}

function spanish({ gender, forms: [one, many] }: Noun, slot: Slot, adjective?: Adjective): string | undefined {
  switch (slot) {
    case 'a':
    case 'acc':
    case 'with':
      return join(gender === 'f' ? 'una' : 'un', one, agreeing(adjective, gender));
    case 'two':
      return many && `dos ${many}`;
    case 'of':
      return `de ${many ?? one}`;
    case 'pl':
      return many;
    case 'bare':
      return one;
    case 'ins':
      return undefined;
  }
}

const CZECH: Readonly<Record<'a' | 'acc' | 'ins', Readonly<Record<string, string>>>> = {
  a: { ma: 'ý', mi: 'ý', f: 'á', n: 'é' },
  acc: { ma: 'ého', mi: 'ý', f: 'ou', n: 'é' },
  ins: { ma: 'ým', mi: 'ým', f: 'ou', n: 'ým' },
};

function czech(noun: Noun, slot: Slot, adjective?: Adjective): string | undefined {
  const { gender, forms } = noun;
  const [nominative, accusative, instrumental, many, genitive] = forms;
  switch (slot) {
    case 'a':
    case 'acc':
    case 'ins': {
      const form = { a: nominative, acc: accusative, ins: instrumental }[slot];
      return join(adjective && adjective + CZECH[slot][gender]!, form);
    }
    case 'with': {
      const words = czech(noun, 'ins', adjective)!;
      return `${/^[sšzž]/.test(words) ? 'se' : 's'} ${words}`;
    }
    case 'two':
      return many && `${gender.startsWith('m') ? 'dva' : 'dvě'} ${many}`;
    case 'of':
      return genitive;
    case 'pl':
      return many;
    case 'bare':
      return nominative;
  }
}

/** Masculine or feminine. */
function agreeing(adjective: Adjective | undefined, gender: string): string | undefined {
  const [masculine, feminine] = adjective?.replace('^', '').split('/') ?? [];
  return gender === 'f' ? feminine : masculine;
}

function join(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}
