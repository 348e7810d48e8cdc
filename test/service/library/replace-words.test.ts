import { describe, expect, it } from 'vitest';
import { replaceWords, type Replacement } from '../../../src/service/library/replace-words.ts';

describe('replacing words in a caption', () => {
  it.each<[string, string, string, Partial<Replacement>, string, number]>([
    ['A dog and a dog.', 'dog', 'cat', {}, 'A cat and a cat.', 2],
    ['Dogs run by a dog.', 'dog', 'cat', {}, 'Dogs run by a cat.', 1],
    ['Dogs run by a dog.', 'dog', 'cat', { wholeWords: false }, 'Cats run by a cat.', 2],
    ['A dog’s bowl.', 'dog', 'cat', {}, 'A cat’s bowl.', 1],
    ['Dog and dog.', 'dog', 'puppy', {}, 'Puppy and puppy.', 2],
    ['Dog and dog.', 'dog', 'puppy', { matchCase: true }, 'Dog and puppy.', 1],
    ['A dog named rex.', 'rex', 'Rex', {}, 'A dog named Rex.', 1],
    ['A brown dog.', 'brown', '', {}, 'A dog.', 1],
    ['Brown dogs.', 'brown', '', {}, 'dogs.', 1],
    ['Ein Café.', 'cafe\u0301', 'Haus', {}, 'Ein Haus.', 1],
    ['Zwei Übergänge.', 'ber', 'x', {}, 'Zwei Übergänge.', 0],
    ['$1 (a+b) costs.', '(a+b)', '$&', {}, '$1 $& costs.', 1],
    ['A dog.', 'A dog.', '', {}, 'A dog.', 0],
    ['A dog.', 'dog', 'dog', {}, 'A dog.', 0],
    ['A teddy bear.', 'teddy  bear', 'x', {}, 'A teddy bear.', 0],
  ])('%s: %s → %s %j', (caption, find, replacement, options, text, places) => {
    expect(replaceWords(caption, { find, replacement, ...options })).toEqual({ text, places });
  });
});
