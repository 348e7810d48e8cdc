import { expect, it } from 'vitest';
import type { TranslatedSentence } from '../../../src/contract/data/translation.ts';
import { WordPairs } from '../../../src/renderer/state/word-pairs.svelte.ts';
import { translate } from '../support/fake-service/fake-translator.ts';

const [first] = translate('A dog runs.', 'en', 'de', 0).sentences;
const [best] = first!.translations;
/** The second word looked at two others, at one of them hardly. */
const sentence: TranslatedSentence = {
  ...first!,
  translations: [
    {
      ...best!,
      alignment: [
        [1, 0, 0],
        [0.05, 0.7, 0.25],
        [0, 0.1, 0.9],
      ],
    },
  ],
};

function make() {
  const said: string[] = [];
  const shownOf = (one: TranslatedSentence) => one.translations[0]!;
  const pairs = new WordPairs({ sentences: [sentence], shownOf }, { say: (text) => void said.push(text) });
  const shares = (side: 'source' | 'target'): number[] => [0, 1, 2].map((word) => pairs.share(side, 0, word));
  return { pairs, said, shares };
}

it('the word that is pointed at belongs to itself, and to those of the other side by its attention', () => {
  const { pairs, shares } = make();
  expect(shares('source')).toEqual([0, 0, 0]);
  pairs.pointAt('target', 0, 1);
  expect(shares('target')).toEqual([0, 1, 0]);
  expect(shares('source')).toEqual([0, 0.7, 0.25]);
  pairs.pointAt('source', 0, 1);
  expect(shares('target')).toEqual([0, 0.7, 0.1]);
  expect(pairs.share('target', 1, 1)).toBe(0);
  pairs.letGo();
  expect(shares('target')).toEqual([0, 0, 0]);
});

it('a word that the keyboard comes to says what it belongs to, and is where the keyboard comes back to', () => {
  const { pairs, said } = make();
  pairs.stepTo(0, 1);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/Hund.*dog 70%.*runs 25%/);
  expect(said[0]).not.toContain('a 5%');
  pairs.letGo();
  expect(pairs.stepped).toEqual({ sentence: 0, word: 1 });
});
