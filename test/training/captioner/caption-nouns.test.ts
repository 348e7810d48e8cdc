import { expect, it } from 'vitest';
import { loadKeywordFinder } from '../../../src/captioning/keyword-finder.ts';
import { captionWords } from '../../../src/engine/text/caption-words.ts';
import { Vocabulary } from '../../../src/engine/text/vocabulary.ts';
import { captionNouns } from '../../../src/training/captioner/caption-nouns.ts';

const photos = [
  ['A brown dog runs in the snow.', 'Two dogs play.'],
  ['Dogs on a beach.', 'The dog has an orange ball.'],
  ['A fire hydrant beside a dog.', 'An orange ball.'],
  ['A man in an orange shirt with a ball and a dog.'],
].map((captions) => captions.map(captionWords));

it('knows things by all of their words, the most frequent first, and nothing by words that name none', async () => {
  const vocabulary = Vocabulary.fromTexts(photos.flat(), 1);
  const nouns = captionNouns(photos, vocabulary, await loadKeywordFinder(), { leastPhotos: 1, most: 100 });
  expect(nouns.names.slice(0, 2)).toEqual(['dog', 'ball']);
  const thing = (word: string): string | undefined => nouns.names[nouns.ofWord[vocabulary.encode([word])[0]!]!];
  expect(['dog', 'dogs', 'hydrant', 'shirt'].map(thing)).toEqual(['dog', 'dog', 'hydrant', 'shirt']);
  expect(['orange', 'runs', 'the', 'fire'].map(thing)).toEqual([undefined, undefined, undefined, undefined]);
});

it('leaves out what few photos have, and keeps the most frequent', async () => {
  const vocabulary = Vocabulary.fromTexts(photos.flat(), 1);
  const find = await loadKeywordFinder();
  expect(captionNouns(photos, vocabulary, find, { leastPhotos: 2, most: 100 }).names).toEqual(['dog', 'ball']);
  expect(captionNouns(photos, vocabulary, find, { leastPhotos: 1, most: 1 }).names).toEqual(['dog']);
});
