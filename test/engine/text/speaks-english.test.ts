import { expect, it } from 'vitest';
import { speaksEnglish } from '../../../src/engine/text/speaks-english.ts';

it.each([
  ['English', 'a the and of with on is dog', true],
  ['French, which has some of its words', 'a on la le chien avec dans', false],
  ['nothing', '', false],
])('%s', (_, words, expected) => {
  expect(speaksEnglish(new Set(words.split(' ')))).toBe(expected);
});
