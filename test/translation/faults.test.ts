import { describe, expect, it } from 'vitest';
import { protectedSpans } from '../../src/engine/text/protected-spans.ts';
import { compareFaults, faultsOf, repeats } from '../../src/translation/faults.ts';

const faults = (source: string, translation: string, finished = true): string[] =>
  faultsOf({ source, translation, finished, spans: protectedSpans(source), from: 'en', to: 'de' });

describe('what can be seen to be wrong with a translation', () => {
  it.each([
    ['nothing', 'A dog runs at 9:30.', 'Ein Hund rennt um 9:30.', []],
    ['nothing, where a language writes numbers otherwise', 'It costs 1,299.50.', 'Es kostet 1.299,50.', []],
    ['another number', 'Room 12.', 'Zimmer 21.', ['numbers']],
    ['a lost number', '3 dogs and 4 cats', 'Hunde und 4 Katzen', ['numbers']],
    ['an invented number', 'Many dogs.', '100 Hunde.', ['numbers']],
    ['a lost variable', 'Hello {name}!', 'Hallo!', ['missing']],
    ['a doubled tag', 'Hello #dogs', 'Hallo #dogs #dogs', ['missing']],
    ['an element whose words went elsewhere', 'A <b>red</b> car', 'Ein rotes <b></b> Auto', ['missing']],
    ['an element that is left without words at the end', 'bread</li><li>milk', 'Brotmilch</li><li>', ['missing']],
    ['nothing, where a line breaks at the end', 'A<br>dog', 'Ein Hund<br>', []],
    ['nothing, where an element had no words', 'A <i class="x"></i> dog', 'Ein <i class="x"></i> Hund', []],
    ['a changed name in capitals', 'The NASA rocket', 'Die NSA-Rakete', ['missing']],
    ['a loop', 'The dog is here today.', 'Der Hund ist der Hund ist der Hund ist hier.', ['repetition']],
    ['a stutter', 'It is good.', 'Es ist gut gut gut.', ['repetition']],
    ['no loop, since the source has one', 'no no no no', 'nein nein nein nein', []],
    ['an obscenity', 'I like peanuts.', 'Ich mag Scheiße.', ['offensive']],
    ['none, since the source has one', 'What the fuck?', 'Was für eine Scheiße?', []],
    ['much less than was said', 'The man who stands over there is my uncle.', 'Mann.', ['length']],
    [
      'much more than was said',
      'Yes, I do.',
      `Ja, ${'ich sage es dir und so weiter, '.split('').join('')}alle anderen Leute gingen dann nach Hause zurück`,
      ['length'],
    ],
  ])('%s', (_, source, translation, expected) => {
    expect(faults(source, translation)).toEqual(expected);
  });

  it('holds a number that became the beginning of a word for lost', () => {
    const source = 'It is 221B Baker Street.';
    const read = protectedSpans(source).filter(({ kind }) => kind === 'number');
    const judged = (translation: string): string[] =>
      faultsOf({ source, translation, finished: true, spans: [], read, from: 'en', to: 'es' });
    expect(judged('Es la calle de 221Baker.')).toEqual(['numbers']);
    expect(judged('Es Baker Street 221B.')).toEqual([]);
  });

  it('sees where a search was cut off', () => {
    expect(faults('A dog.', 'Ein Hund.', false)).toEqual(['length']);
  });

  it('holds a lost number for worse than a loop', () => {
    expect(compareFaults(['numbers'], ['repetition', 'length'])).toBeGreaterThan(0);
    expect(compareFaults([], ['length'])).toBeLessThan(0);
    expect(compareFaults(['missing'], ['missing'])).toBe(0);
  });

  it.each([
    ['a dog and a dog and a dog', 3],
    ['A dog. A cat.', 1],
    ['dog', 0],
    ['dog dog dog', 3],
  ])('%j says something %i times', (text, times) => {
    expect(repeats(text)).toBe(times);
  });
});
