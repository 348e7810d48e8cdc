import { describe, expect, it } from 'vitest';
import { protectedSpans } from '../../src/engine/text/protected-spans.ts';
import { withoutInventedUnits } from '../../src/translation/invented-units.ts';
import type { SentenceTranslation } from '../../src/translation/translation-result.ts';

/** A translation whose words are between spaces; each looked at its own number. */
function translationOf(text: string): SentenceTranslation {
  const words = Array.from(text.matchAll(/[^\s.!]+|[.!]/g), ({ 0: word, index }) => ({ word, index }));
  return {
    text,
    score: -1,
    finished: true,
    words: words.map(({ word }) => ({ word, probability: 1 })),
    places: words.map(({ index, word }) => [index, index + word.length]),
    tokens: words.map(({ word }, i) => ({ text: word, word: i, probability: 1 })),
    alignment: words.map((_, i) => [i]),
    weights: words.map((_, i) => [i]),
  };
}

const cleaned = (source: string, text: string, to: string): SentenceTranslation =>
  withoutInventedUnits(translationOf(text), source, protectedSpans(source), to);

describe('a unit that a number cannot have', () => {
  it.each([
    ['de', 'Call me at +49 30 1234567.', 'Ruf mich um +49 30 1234567 Uhr an.', 'Ruf mich um +49 30 1234567 an.'],
    ['de', 'Prices rose by 25%.', 'Die Preise stiegen um 25% Uhr.', 'Die Preise stiegen um 25%.'],
    ['fr', 'I will be there at 9:30.', 'Je serai là à 9:30 ans.', 'Je serai là à 9:30.'],
    ['fr', 'The bus leaves at 6:45 today.', 'Le bus part à 6:45 heures.', 'Le bus part à 6:45.'],
    ['de', 'The bus leaves at 6:45 am.', 'Der Bus fährt um 6:45 am Uhr.', 'Der Bus fährt um 6:45 am.'],
    ['fr', 'It costs $12.', 'Ça coûte $12 dollars.', 'Ça coûte $12.'],
    ['de', 'They met at 9:30.', 'Sie trafen sich um 9:30 Dollar.', 'Sie trafen sich um 9:30.'],
    ['es', 'The score was 13-2.', 'El marcador era 13-2 años.', 'El marcador era 13-2.'],
    ['cs', 'It is in /srv/a.txt now.', 'Je v roce /srv/a.txt teď.', 'Je v /srv/a.txt teď.'],
    ['cs', 'Since 2019-01-01 he is away.', 'Od roku 2019-01-01 je pryč.', 'Od 2019-01-01 je pryč.'],
    ['cs', 'Version 2.4.1 is out.', 'Verze 2.4.1 hodin je venku.', 'Verze 2.4.1 je venku.'],
  ])('goes, in %s: %j', (to, source, text, expected) => {
    expect(cleaned(source, text, to).text).toBe(expected);
  });

  it.each([
    ['de', 'See you at 9:30.', 'Wir sehen uns um 9:30 Uhr.'],
    ['de', 'Dinner is at 19.', 'Das Essen ist um 19 Uhr.'],
    ['fr', 'He is 25.', 'Il a 25 ans.'],
    ['fr', 'The tree is 1,250 years old.', "L'arbre a 1,250 ans."],
    ['es', 'The bus leaves at 6:45.', 'El autobús sale a las 6:45 horas.'],
    ['fr', 'It took 1.5 hours.', 'Ça a pris 1.5 heures.'],
    ['cs', 'It was in 1984.', 'Bylo to v roce 1984.'],
    ['es', 'It costs 12 dollars.', 'Cuesta 12 dólares.'],
    ['pt', 'Prices rose by 25%.', 'Os preços subiram 25% Uhr.'],
  ])('but not one that it can have, in %s: %j', (to, source, text) => {
    expect(cleaned(source, text, to).text).toBe(text);
  });

  it('leaves words, their places and what they looked at together', () => {
    const { alignment, places, text, tokens, weights, words } = cleaned('Room 25% now.', 'Raum 25% Uhr jetzt .', 'de');
    expect(words.map(({ word }) => word)).toEqual(['Raum', '25%', 'jetzt', '.']);
    expect(places.map(([start, end]) => text.slice(start, end))).toEqual(['Raum', '25%', 'jetzt', '.']);
    expect(alignment).toEqual([[0], [1], [3], [4]]);
    expect(tokens.map(({ word }) => word)).toEqual([0, 1, null, 2, 3]);
    expect(weights).toHaveLength(5);
  });
});
