import { beforeAll, describe, expect, it } from 'vitest';
import { loadKeywordFinder, type KeywordFinder } from '../../src/captioning/keyword-finder.ts';
import { photoKeywords, tidyKeywords } from '../../src/captioning/keywords.ts';

let find: KeywordFinder;
beforeAll(async () => {
  find = await loadKeywordFinder();
});

describe('the keywords of a photo', () => {
  it('begin with the things of the best caption, then what is done there, and end with things of the others', () => {
    const captions = ['A boy is jumping on a bed.', 'A boy sleeping in a room.', 'A bed in a room with a dog.'];
    expect(photoKeywords(find, captions)).toEqual(['boy', 'bed', 'jumping', 'room', 'dog']);
  });

  it('hold no part of another keyword', () => {
    expect(photoKeywords(find, ['A bike on a dirt path.', 'A bike in the dirt.'])).toEqual(['bike', 'dirt path']);
  });

  it('are none without captions', () => {
    expect(photoKeywords(find, [])).toEqual([]);
  });
});

it('keywords that somebody typed are tidied', () => {
  expect(tidyKeywords([' dog ', '', 'Dog', 'fire\n hydrant', 'Schnee'])).toEqual(['dog', 'fire hydrant', 'Schnee']);
});
