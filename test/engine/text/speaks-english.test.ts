import { describe, expect, it } from 'vitest';
import { mayBeEnglish, speaksEnglish } from '../../../src/engine/text/speaks-english.ts';

it.each([
  ['English', 'a the and of with on is dog', true],
  ['French, which has some of its words', 'a on la le chien avec dans', false],
  ['nothing', '', false],
])('%s', (_, words, expected) => {
  expect(speaksEnglish(new Set(words.split(' ')))).toBe(expected);
});

describe('a text that somebody wrote', () => {
  const words = new Set('a the and of with on is in dog grandmother photo by runs through snow'.split(' '));

  it.each([
    ['A dog runs through the snow.', true],
    // Most of it is names, and one word is English alone.
    ['The Sagrada Familia, Barcelona', true],
    // Too short to tell.
    ['Grandmother in Lisbon.', true],
    ['Zwei Hunde', true],
    ['', true],
    ['Ein Hund läuft durch den Schnee.', false],
    ['Meine Schwester in Berlin', false],
    ['Un chien court dans la neige', false],
  ])('%j may be English: %s', (text, expected) => {
    expect(mayBeEnglish(text, words)).toBe(expected);
  });
});
