import { expect, it } from 'vitest';
import { nounPlaces } from '../../../src/captioning/faithfulness/noun-places.ts';
import { loadKeywordFinder } from '../../../src/captioning/keyword-finder.ts';
import { captionWords } from '../../../src/engine/text/caption-words.ts';

it('finds the nouns of a caption by the number of their word', async () => {
  const find = await loadKeywordFinder();
  const words = captionWords("Two dogs play with the man's teddy bear on the beach.");
  expect(nounPlaces(words, find)).toEqual([
    { place: words.indexOf('dogs'), noun: 'dog' },
    { place: words.indexOf('bear'), noun: 'bear' },
    { place: words.indexOf('beach'), noun: 'beach' },
  ]);
});
