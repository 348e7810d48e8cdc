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
type Adjective = string;

type Phrase = (noun: Noun, slot: Slot, adjective?: Adjective) => string | undefined;

/** What languages differ in. */
interface Grammar {
  /** One, with article and adjective; nothing where the language has no such form. */
  readonly one: (noun: Noun, slot: 'a' | 'acc' | 'with' | 'ins', adjective?: Adjective) => string | undefined;
  readonly many: (noun: Noun) => string | undefined;
  /** The number before `many`. */
  readonly two: (noun: Noun) => string;
  readonly of: (noun: Noun) => string | undefined;
}

function phrasesOf(grammar: Grammar): Phrase {
  return (noun, slot, adjective) => {
    const many = grammar.many(noun);
    switch (slot) {
      case 'two':
        return many && `${grammar.two(noun)} ${many}`;
      case 'of':
        return grammar.of(noun);
      case 'pl':
        return many;
      case 'bare':
        return noun.forms[0];
      default:
        return grammar.one(noun, slot, adjective);
    }
  };
}

const second = ({ forms }: Noun): string | undefined => forms[1];

const english: Grammar = {
  one({ forms: [one] }, _slot, adjective) {
    const words = join(adjective, one);
    return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
  },
  many: second,
  two: () => 'two',
  of: ({ forms: [one, many] }) => many ?? one,
};

const GERMAN: Readonly<Record<'a' | 'acc' | 'with', Readonly<Record<string, readonly [string, string]>>>> = {
  a: { m: ['ein', 'er'], f: ['eine', 'e'], n: ['ein', 'es'] },
  acc: { m: ['einen', 'en'], f: ['eine', 'e'], n: ['ein', 'es'] },
  with: { m: ['einem', 'en'], f: ['einer', 'en'], n: ['einem', 'en'] },
};

const german: Grammar = {
  one({ gender, forms: [one, , weak] }, slot, adjective) {
    if (slot === 'ins') return undefined;
    const [article, ending] = GERMAN[slot][gender]!;
    return join(article, adjective && adjective + ending, slot === 'a' ? one : (weak ?? one));
  },
  many: second,
  two: () => 'zwei',
  of: ({ forms: [, many] }) => many && `von ${/[ns]$/.test(many) ? many : `${many}n`}`,
};

// Of the words in h that occur here, these begin with a vowel when they are spoken.
const ELIDED = /^([aàâeéèêiîoôuûœ]|hélico|horloge)/;

const french: Grammar = {
  one({ gender, forms: [one] }, slot, adjective) {
    if (slot === 'ins') return undefined;
    const form = agreeing(adjective, gender);
    const [before, after] = adjective?.startsWith('^') ? [form, undefined] : [undefined, form];
    return join(gender === 'f' ? 'une' : 'un', before, one, after);
  },
  many: second,
  two: () => 'deux',
  of({ forms: [one, many] }) {
    const words = many ?? one ?? '';
    return ELIDED.test(words) ? `d'${words}` : `de ${words}`;
  },
};

const spanish: Grammar = {
  one({ gender, forms: [one] }, slot, adjective) {
    if (slot === 'ins') return undefined;
    return join(gender === 'f' ? 'una' : 'un', one, agreeing(adjective, gender));
  },
  many: second,
  two: () => 'dos',
  of: ({ forms: [one, many] }) => `de ${many ?? one}`,
};

const CZECH: Readonly<Record<'a' | 'acc' | 'ins', Readonly<Record<string, string>>>> = {
  a: { ma: 'ý', mi: 'ý', f: 'á', n: 'é' },
  acc: { ma: 'ého', mi: 'ý', f: 'ou', n: 'é' },
  ins: { ma: 'ým', mi: 'ým', f: 'ou', n: 'ým' },
};

const czech: Grammar = {
  one({ gender, forms: [nominative, accusative, instrumental] }, slot, adjective) {
    const grammaticalCase = slot === 'with' ? 'ins' : slot;
    const form = { a: nominative, acc: accusative, ins: instrumental }[grammaticalCase];
    const words = join(adjective && adjective + CZECH[grammaticalCase][gender]!, form);
    if (slot !== 'with') return words;
    return `${/^[sšzž]/.test(words) ? 'se' : 's'} ${words}`;
  },
  many: ({ forms }) => forms[3],
  two: ({ gender }) => (gender.startsWith('m') ? 'dva' : 'dvě'),
  of: ({ forms }) => forms[4],
};

/** Nouns with article and adjective, by language; nothing where the language has no such form. */
export const NOUN_PHRASES: Readonly<Record<string, Phrase>> = {
  en: phrasesOf(english),
  de: phrasesOf(german),
  fr: phrasesOf(french),
  es: phrasesOf(spanish),
  cs: phrasesOf(czech),
};

/** Masculine or feminine. */
function agreeing(adjective: Adjective | undefined, gender: string): string | undefined {
  const [masculine, feminine] = adjective?.replace('^', '').split('/') ?? [];
  return gender === 'f' ? feminine : masculine;
}

function join(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}
