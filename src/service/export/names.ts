import { parse } from 'node:path';
import type { Word } from '../../contract/data/captions.ts';
import { wordSaid } from '../../contract/word-said.ts';
import { wordSuffix } from '../../pictures/output-names.ts';
import type { Entry } from '../library/entry.ts';

/** What a drawn picture is called: "beach-02-dog.png", "beach-sheet.png". */
export function pictureName({ name }: Entry, words: readonly Word[], word: number | null): string {
  const stem = parse(name).name || 'photo';
  return `${stem}${word === null ? '-sheet.png' : wordSuffix(word, words.length, words[word] ? wordSaid(words[word]) : '')}`;
}
