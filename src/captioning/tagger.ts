import { createRequire } from 'node:module';
import type nlp from 'compromise';

const require = createRequire(import.meta.url);

/** What the tagger takes for something else: Teddy for a man, who bears something. */
const KNOWN_WORDS = {
  teddy: 'Singular',
  bears: 'Plural',
  bathing: 'Noun',
  ...Object.fromEntries('snowy sandy grassy rocky muddy'.split(' ').map((word) => [word, 'Adjective'])),
};

/** The tagger, `compromise`, with the words that it is told. */
export type Tagger = typeof nlp;

let loaded: Tagger | undefined;

/** The tagger, which is loaded once (some 350 KB, which takes a moment; so it is not there before it is asked for). It knows English. */
export function tagger(): Tagger {
  return (loaded ??= load());
}

/** The same for who need not have it at once. */
export function loadTagger(): Promise<Tagger> {
  return Promise.resolve(tagger());
}

function load(): Tagger {
  // As a CommonJS module it is one file; imported it would be several hundred, which take three times as long.
  const nlp = require('compromise') as Tagger;
  nlp.addWords(KNOWN_WORDS);
  return nlp;
}

/** A word as the tagger sees it. */
export interface Term {
  text: string;
  normal: string;
  post: string;
  tags?: Set<string>;
}
