import { describe, expect, it } from 'vitest';
import { offensiveWords } from '../../../src/engine/text/offensive-words.ts';

describe('offensiveWords', () => {
  it.each([
    ['en', 'What the Fucking hell', ['Fucking']],
    ['de', 'So eine Scheiße, du Arschloch!', ['Scheiße', 'Arschloch']],
    ['fr', 'Putain, quelle merde', ['Putain', 'merde']],
    ['es', 'Soy una puta', ['puta']],
    ['cs', 'Ty kurvo', ['kurvo']],
    ['de-AT', 'Scheiße', ['Scheiße']],
    ['xx', 'Scheiße', []],
  ])('in %s: %j', (language, text, expected) => {
    expect(offensiveWords(text, language)).toEqual(expected);
  });

  it.each([
    ['en', 'A cockatoo in Scunthorpe jerked the classic assessment; a pussycat, cocktails'],
    ['de', 'Die Fichte, der Ficus und eine Marschmusik; Ventilator'],
    ['fr', 'Un pique-nique en salopette avec une chatte et son chaton, l’habite'],
    ['es', 'La computadora disputa una reputación; la zorra y el círculo'],
    ['cs', 'Hovězí maso a jeřáb u píce'],
  ])('none in %s: %j', (language, text) => {
    expect(offensiveWords(text, language)).toEqual([]);
  });
});
