import type { Word } from '../../contract/data/captions.ts';
import { wordSaid } from '../../contract/word-said.ts';
import { isClitic } from '../../engine/text/clitic.ts';

/** A piece of a caption as it is shown. */
export interface ShownWord {
  readonly text: string;
  /** Follows the piece before it without a space: full stops, "'s". */
  readonly joined: boolean;
  /** Which of the model's words it is; null for punctuation and words written by hand. */
  readonly index: number | null;
}

type SaidWord = Pick<Word, 'word' | 'said'>;

/** The model's words, or what is said in their place, as a sentence: a capital first, a full stop last. */
export function shownWords(words: readonly SaidWord[], finished: boolean): ShownWord[] {
  const shown: ShownWord[] = words.map(wordSaid).map((word, index) => ({
    text: index === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word,
    joined: isClitic(word),
    index,
  }));
  if (finished && shown.length > 0) shown.push({ text: '.', joined: true, index: null });
  return shown;
}

/**
 * A caption written by hand, with those of its words tied to the model's that are the same, in the same order
 * (a longest common subsequence): they still know where the model looked.
 */
export function tiedWords(text: string, modelWords: readonly SaidWord[]): ShownWord[] {
  const words = modelWords.map(wordSaid);
  const pieces = text.match(/\S+/gu) ?? [];
  const mine = pieces.map((piece) => bare(piece).toLowerCase());
  // longest[i][j]: of mine from i and the model's from j.
  const longest = Array.from({ length: mine.length + 1 }, () => new Uint16Array(words.length + 1));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = mine.length - 1; i >= 0; i--) {
    for (let j = words.length - 1; j >= 0; j--) {
      longest[i]![j] = mine[i] === words[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const shown: ShownWord[] = [];
  for (let i = 0, j = 0; i < pieces.length; i++) {
    while (j < words.length && mine[i] !== words[j] && at(i, j) === at(i, j + 1)) j++;
    const isTied = j < words.length && mine[i] === words[j] && at(i, j) === at(i + 1, j + 1) + 1;
    shown.push({ text: pieces[i]!, joined: false, index: isTied ? j++ : null });
  }
  return shown;
}

/** All words of a caption written by hand, those that are tied to the model's with their maps. */
export function mappedWords(shown: readonly ShownWord[], words: readonly Word[]): Word[] {
  return shown.map(({ text, index }) => ({
    word: bare(text),
    probability: 1,
    weights: index === null ? [] : [...(words[index]?.weights ?? [])],
  }));
}

/** Without the punctuation around it. */
function bare(piece: string): string {
  return piece.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}
