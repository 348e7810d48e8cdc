import type nlp from 'compromise';

/** What the tagger takes for something else: Teddy for a man, who bears something. */
const KNOWN_WORDS = {
  teddy: 'Singular',
  bears: 'Plural',
  bathing: 'Noun',
  ...Object.fromEntries('snowy sandy grassy rocky muddy'.split(' ').map((word) => [word, 'Adjective'])),
};

/** The tagger, `compromise`, with the words that it is told. */
export type Tagger = typeof nlp;

let loading: Promise<Tagger> | undefined;

/** Loads the tagger, once (some 350 KB, which takes a moment; so it is not there before it is asked for). It knows English. */
export function loadTagger(): Promise<Tagger> {
  return (loading ??= load());
}

async function load(): Promise<Tagger> {
  const { default: tagger } = await import('compromise');
  tagger.addWords(KNOWN_WORDS);
  return tagger;
}

/** A word as the tagger sees it. */
export interface Term {
  text: string;
  normal: string;
  post: string;
  tags?: Set<string>;
}
