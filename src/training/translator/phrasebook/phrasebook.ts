import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTextLines } from '../../../files/read-file.ts';
import type { SentencePair } from '../sentence-pair.ts';
import { NOUN_PHRASES, SLOTS, type Noun, type Slot } from './noun-phrases.ts';

const SLOT = /\{(\w*)\}/g;
/** Between the values of a slot. */
const BETWEEN = ' | ';

/** A line of a table: for which kinds of things it is, and its text by language. */
interface Row {
  readonly kinds: readonly string[];
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * Sentences about things that photos show, for words that the texts there are do not have. The same in several languages:
 * things are put into sentences, as they are and with an adjective.
 */
export interface Phrasebook {
  readonly things: readonly Row[];
  readonly adjectives: readonly Row[];
  readonly sentences: readonly Row[];
  /** What is written alike in every language, by the slot that it stands in: `{time}` is 8:15, or 10:30. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a phrasebook: `things.tsv`, `adjectives.tsv` and `sentences.tsv`, whose first lines name the columns, the first of
 * them the kinds of things and the others languages. A sentence without a kind stands for itself; "-" is no text. A
 * phrasebook of sentences alone has no things and no adjectives; it may have `values.tsv`, a slot and its values a line.
 *
 * @throws Error that names the file and the line
 */
export async function readPhrasebook(folder: string): Promise<Phrasebook> {
  const file = (name: string): string => join(folder, `${name}.tsv`);
  const values = existsSync(file('values')) ? await readValues(file('values')) : new Map<string, string[]>();
  const read = (name: string): Promise<Row[]> => readTable(file(name), [...SLOTS, ...values.keys()]);
  const sentences = await read('sentences');
  if (values.size > 0) return { things: [], adjectives: [], sentences, values };
  return { things: await read('things'), adjectives: await read('adjectives'), sentences, values };
}

async function readValues(file: string): Promise<Map<string, string[]>> {
  const [, ...lines] = await readTextLines(file);
  return new Map(
    lines.map((line, i) => {
      const [slot, values, ...rest] = line.split('\t');
      if (!slot || !values || rest.length > 0)
        throw new Error(`${file}, line ${i + 2}: it is no slot with its values.`);
      return [slot, values.split(BETWEEN)];
    }),
  );
}

async function readTable(file: string, slots: readonly string[]): Promise<Row[]> {
  const [head, ...lines] = (await readTextLines(file)).map((line) => line.split('\t'));
  const languages = head?.slice(1) ?? [];
  const unknown = languages.find((language) => !Object.hasOwn(NOUN_PHRASES, language));
  if (languages.length === 0 || unknown !== undefined) {
    throw new Error(`${file} has no languages in its first line, or an unknown one: "${unknown ?? ''}".`);
  }
  return lines.map((cells, i) => {
    if (cells.length !== languages.length + 1) {
      throw new Error(`${file}, line ${i + 2}: it has ${cells.length} columns, not ${languages.length + 1}.`);
    }
    const [kinds, ...texts] = cells as [string, ...string[]];
    for (const [, slot] of texts.join().matchAll(SLOT)) {
      if (!slots.includes(slot!)) throw new Error(`${file}, line ${i + 2}: unknown slot {${slot}}.`);
    }
    return {
      kinds: kinds.split(' ').filter((kind) => kind !== ''),
      texts: Object.fromEntries(languages.flatMap((tag, j) => (texts[j] === '-' ? [] : [[tag, texts[j]!]]))),
    };
  });
}

/**
 * Every sentence with every thing of its kinds, as it is and with one adjective, each time another. Where there are values,
 * every sentence comes as often as a slot has values at most, so that those without a slot are as frequent.
 */
export function phrasePairs(book: Phrasebook, from: string, to: string): SentencePair[] {
  const pairs: SentencePair[] = [];
  const add = (sentence: Row, thing?: Row, adjective?: Row): void => {
    const [source, target] = [from, to].map((tag) => sentenceIn(tag, sentence, thing, adjective));
    if (source !== undefined && target !== undefined) pairs.push({ source, target });
  };
  const times = Math.max(1, ...Array.from(book.values.values(), ({ length }) => length));
  for (const [i, sentence] of book.sentences.entries()) {
    if (sentence.kinds.length === 0) for (let k = 0; k < times; k++) add(withValues(sentence, book.values, k));
    for (const [j, thing] of book.things.entries()) {
      if (!share(sentence, thing)) continue;
      add(sentence, thing);
      const fitting = book.adjectives.filter((adjective) => share(adjective, thing));
      const takesOne = Object.values(sentence.texts).every((text) => /\{(a|acc|with|ins)\}/.test(text));
      // Every thing with other ones, and in every sentence another.
      if (takesOne && fitting.length > 0) add(sentence, thing, fitting[(i + j) % fitting.length]);
    }
  }
  return pairs;
}

function share(a: Row, b: Row): boolean {
  return a.kinds.some((kind) => b.kinds.includes(kind));
}

/** A sentence with the k-th value in each of its slots for values; a slot that it has twice gets two. */
function withValues(sentence: Row, values: Phrasebook['values'], k: number): Row {
  if (values.size === 0) return sentence;
  const filled = (text: string): string => {
    const seen = new Map<string, number>();
    return text.replace(SLOT, (whole, slot: string) => {
      const own = values.get(slot);
      const place = seen.get(slot) ?? 0;
      seen.set(slot, place + 1);
      return own?.[(k + place) % own.length] ?? whole;
    });
  };
  const texts = Object.entries(sentence.texts).map(([tag, text]) => [tag, filled(text)] as const);
  return { ...sentence, texts: Object.fromEntries(texts) };
}

function sentenceIn(language: string, sentence: Row, thing?: Row, adjective?: Row): string | undefined {
  const text = sentence.texts[language];
  if (text === undefined || thing === undefined) return text;
  const noun = thing.texts[language] === undefined ? undefined : nounOf(language, thing.texts[language]);
  const phrase = NOUN_PHRASES[language];
  if (!noun || !phrase) return undefined;
  const words = new Map(
    Array.from(text.matchAll(SLOT), ([, slot]) => [slot, phrase(noun, slot as Slot, adjective?.texts[language])]),
  );
  if ([...words.values()].includes(undefined)) return undefined;
  const filled = text.replace(SLOT, (_, slot: string) => words.get(slot) ?? '');
  return filled.charAt(0).toLocaleUpperCase(language) + filled.slice(1);
}

/** "f Giraffe/Giraffen"; English nouns have no gender. */
function nounOf(language: string, text: string): Noun {
  const space = language === 'en' ? -1 : text.indexOf(' ');
  return { gender: text.slice(0, Math.max(0, space)), forms: text.slice(space + 1).split('/') };
}
