import { joinWords } from '../../engine/text/caption-words.ts';
import { tagger, type Term } from '../tagger.ts';
import type { ContentWordFinder } from './content-word.ts';
import { ContentWordsThread } from './content-words-thread.ts';

/**
 * Words that say nothing that a photo could show to be wrong: function words, and nouns and verbs that stand for others
 * ("a group of", "in front of", "something").
 */
const EMPTY = new Set(
  (
    'a an the and or of in on with at to for from into onto near beside between against as while is are was were be been ' +
    'being am his her hers their theirs its it he she they them him himself herself itself themselves that this these those ' +
    'there who which whose what where when some any each every all both other others another one ones by through over up ' +
    'down under above below across along around behind off out outside inside towards toward past during after before ' +
    'upon within without about beneath underneath among has have had having do does doing did get gets getting got ' +
    'can could will would not no so too very than then but if during whilst via per together away back front side top ' +
    'bottom end middle center centre edge group bunch couple pair number lot lots kind type set row part piece something ' +
    'someone somebody anything nothing thing things way others making make makes next close closeup background foreground ' +
    "distance area place view 's n't"
  ).split(' '),
);
const CONTENT = ['Noun', 'Verb', 'Adjective', 'Value'];

let thread: ContentWordsThread | undefined;

/** Lets a thread load what finds content words while other things are loaded here; from now on it is asked. */
export function warmContentWords(): void {
  thread ??= ContentWordsThread.start();
}

let here: ContentWordFinder | undefined;

/** What finds content words, loaded once. It knows English. */
export function loadContentWords(): Promise<ContentWordFinder> {
  const beside = thread;
  if (!beside) return Promise.resolve((here ??= contentWords()));
  return Promise.resolve((words) => beside.find(words) ?? (here ??= contentWords())(words));
}

/** What finds content words, loaded now and here. */
export function contentWords(): ContentWordFinder {
  const nlp = tagger();
  return (words) => {
    const caption = joinWords(words);
    // Where each word begins in the sentence: the tagger cuts some words in two ("t-shirt").
    const starts = words.map((_, i) => joinWords(words.slice(0, i + 1)).length - words[i]!.length);
    const tags = words.map(() => new Set<string>());
    let from = 0;
    for (const { tags: own = [], text } of nlp(caption).termList() as Term[]) {
      if (text === '') continue;
      const at = caption.indexOf(text, from);
      if (at < 0) continue;
      from = at + text.length;
      const place = starts.findLastIndex((start) => start <= at);
      for (const tag of own) tags[place]?.add(tag);
    }
    return words.flatMap((word, place) => {
      const own = tags[place]!;
      if (EMPTY.has(word) || !/\p{L}/u.test(word) || !CONTENT.some((tag) => own.has(tag))) return [];
      return [{ place, word, isNoun: own.has('Noun') && !own.has('Pronoun') && !own.has('Possessive') }];
    });
  };
}
