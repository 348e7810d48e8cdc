import { beforeAll, describe, expect, it } from 'vitest';
import type { ContentWordFinder } from '../../../src/captioning/confidence/content-word.ts';
import { loadContentWords } from '../../../src/captioning/confidence/content-words.ts';
import { rightWords } from '../../../src/captioning/confidence/right-words.ts';
import { captionWords } from '../../../src/engine/text/caption-words.ts';

let find: ContentWordFinder;
beforeAll(async () => {
  find = await loadContentWords();
});

const content = (caption: string): string[] => find(captionWords(caption)).map(({ word }) => word);
const things = (caption: string): string[] =>
  find(captionWords(caption)).flatMap(({ isNoun, word }) => (isNoun ? [word] : []));

describe('the content words of a caption', () => {
  it('are what could be wrong: things, activities, qualities and numbers', () => {
    expect(content('Two brown dogs are running through the snow.')).toEqual([
      'two',
      'brown',
      'dogs',
      'running',
      'snow',
    ]);
    expect(things('Two brown dogs are running through the snow.')).toEqual(['dogs', 'snow']);
  });

  it('are no words that stand for others', () => {
    expect(content('A group of people in front of a building.')).toEqual(['people', 'building']);
  });

  it('come with their places, whatever the tagger cuts in two', () => {
    const words = captionWords("A man in a t-shirt holds the boy's hand.");
    for (const { place, word } of find(words)) expect(words[place]).toBe(word);
    expect(content("A man in a t-shirt holds the boy's hand.")).toEqual(expect.arrayContaining(['t-shirt', 'hand']));
  });
});

describe('a word', () => {
  const isRight = rightWords(['A puppy runs on the lawn.', 'Brown terrier at play']);

  it('is right where one of the people has it in some form, or something that it is more general for', () => {
    expect(['dog', 'running', 'grass', 'brown', 'animal'].filter((word) => !isRight(word))).toEqual([]);
  });

  it('is wrong where nobody says it', () => {
    expect(['cat', 'snow', 'white', 'collie'].filter(isRight)).toEqual([]);
  });
});
