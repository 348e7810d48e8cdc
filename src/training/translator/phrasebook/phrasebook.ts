import { join } from 'node:path';
import { readTextLines } from '../../../files/read-file.ts';
import type { SentencePair } from '../sentence-pair.ts';
import { NOUN_PHRASES, SLOTS, type Noun, type Slot } from './noun-phrases.ts';

const SLOT = /\{(\w*)\}/g;

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
}

/**
 * Reads a phrasebook: `things.tsv`, `adjectives.tsv` and `sentences.tsv`, whose first lines name the columns, the first of
 * them the kinds of things and the others languages. A sentence without a kind stands for itself; "-" is no text.
 *
 * @throws Error that names the file and the line
 */
export async function readPhrasebook(folder: string): Promise<Phrasebook> {
  const [things, adjectives, sentences] = await Promise.all(
    ['things', 'adjectives', 'sentences'].map((name) => readTable(join(folder, `${name}.tsv`))),
  );
  return { things: things!, adjectives: adjectives!, sentences: sentences! };
}

async function readTable(file: string): Promise<Row[]> {
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
      if (!SLOTS.includes(slot as Slot)) throw new Error(`${file}, line ${i + 2}: unknown slot {${slot}}.`);
    }
    return {
      kinds: kinds.split(' ').filter((kind) => kind !== ''),
      texts: Object.fromEntries(languages.flatMap((tag, j) => (texts[j] === '-' ? [] : [[tag, texts[j]!]]))),
    };
  });
}

/** Every sentence with every thing of its kinds, as it is and with one adjective, each time another. */
export function phrasePairs(book: Phrasebook, from: string, to: string): SentencePair[] {
  const pairs: SentencePair[] = [];
  const add = (sentence: Row, thing?: Row, adjective?: Row): void => {
    const [source, target] = [from, to].map((tag) => sentenceIn(tag, sentence, thing, adjective));
    if (source !== undefined && target !== undefined) pairs.push({ source, target });
  };
  for (const [i, sentence] of book.sentences.entries()) {
    if (sentence.kinds.length === 0) add(sentence);
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
