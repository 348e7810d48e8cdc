import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
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
  // Where it is built, with its words as they are once it is loaded (scripts/tagger.mjs). As a CommonJS module the package is
  // one file, too; imported it would be several hundred, which take three times as long.
  const built = fileURLToPath(new URL('../workers/tagger.cjs', import.meta.url));
  const nlp = require(existsSync(built) ? built : 'compromise') as Tagger;
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
