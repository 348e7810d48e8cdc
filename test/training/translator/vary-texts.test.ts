import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { hold, varyTexts } from '../../../src/training/translator/vary-texts.ts';
import type { ReadText } from '../../../src/training/translator/translation-examples.ts';

const NONE = { placeholders: 0, names: 0, joined: 0, joinedWords: 12, letterCase: 0 };
const textOf = (...pairs: [string, string][]): ReadText => ({
  text: { source: 'a', target: 'b', sourceLanguage: 'en', targetLanguage: 'de', weight: 1, clean: false },
  pairs: pairs.map(([source, target]) => ({ source, target })),
  weights: new Float32Array(pairs.length).fill(1),
});
/** Placeholders as digits in braces, counted from the first in the source. */
const shown = (pair: { source: string; target: string }): string[] => {
  const all = [...pair.source.matchAll(/[\ue000-\ue00f]/g)].map(([character]) => character);
  return [pair.source, pair.target].map((side) =>
    side.replace(/[\ue000-\ue00f]/g, (character) => `{${all.indexOf(character)}}`),
  );
};

describe('hold', () => {
  it.each([
    ['Room 12 at 9:30.', 'Zimmer 12 um 9:30.', 'Room {0} at {1}.', 'Zimmer {0} um {1}.'],
    ['It costs 1,500.', 'Es kostet 1.500.', 'It costs {0}.', 'Es kostet {0}.'],
    ['From 10 to 20.', 'Bis 20 von 10.', 'From {0} to {1}.', 'Bis {1} von {0}.'],
    ['Room 12.', 'Zimmer zwölf.', 'Room 12.', 'Zimmer zwölf.'],
    ['10 and 10', '10 und 10', '10 and 10', '10 und 10'],
    ['See NASA at www.a.org/x.', 'Siehe NASA unter www.a.org/x.', 'See {0} at {1}.', 'Siehe {0} unter {1}.'],
    ['I saw Anna in Germany.', 'Ich sah Anna in Deutschland.', 'I saw {0} in Germany.', 'Ich sah {0} in Deutschland.'],
  ])('puts placeholders for what both sides of %j and %j have', (source, target, heldSource, heldTarget) => {
    expect(shown(hold({ source, target }, 8, 1, new Random(1)))).toEqual([heldSource, heldTarget]);
  });

  it('begins with any placeholder, and takes no more than there are', () => {
    const pair = { source: '10, 20, 30', target: '10, 20, 30' };
    const firsts = new Set(Array.from({ length: 40 }, (_, i) => hold(pair, 2, 1, new Random(i)).source[0]));
    expect(firsts).toEqual(new Set(['\ue000', '\ue001']));
    expect(hold(pair, 2, 1, new Random(1)).target.endsWith('30')).toBe(true);
    expect(hold(pair, 0, 1, new Random(1))).toEqual(pair);
  });
});

describe('varyTexts', () => {
  it('changes nothing unless it is told to', () => {
    const text = textOf(['Room 12.', 'Zimmer 12.'], ['A dog.', 'Ein Hund.']);
    expect(varyTexts([text], NONE, 8, new Random(1))).toEqual([text]);
  });

  it('adds neighbours together, where both are short sentences', () => {
    const text = textOf(
      ['A dog.', 'Ein Hund.'],
      ['A cat!', 'Eine Katze!'],
      ['no end', 'kein Ende'],
      ['It runs.', 'Er rennt.'],
    );
    const [varied] = varyTexts([text], { ...NONE, joined: 0.99 }, 0, new Random(1));
    expect(varied!.pairs.slice(4)).toEqual([
      { source: 'A dog. A cat!', target: 'Ein Hund. Eine Katze!' },
      { source: 'A cat! no end', target: 'Eine Katze! kein Ende' },
    ]);
    expect(varied!.weights).toHaveLength(6);
  });

  it('weighs long sentences, and writes some sources in other letters', () => {
    const text = textOf(['One two three.', 'Eins zwei drei.'], ['One.', 'Eins.']);
    const [long] = varyTexts([text], { ...NONE, long: { words: 3, weight: 2.5 } }, 0, new Random(1));
    expect([...long!.weights]).toEqual([2.5, 1]);
    const many = textOf(...Array.from({ length: 50 }, (): [string, string] => ['Big Dogs run', 'Hunde rennen']));
    const [cased] = varyTexts([many], { ...NONE, letterCase: 0.99 }, 0, new Random(1));
    const sources = new Set(cased!.pairs.map(({ source }) => source));
    expect(sources).toContain('big dogs run');
    expect(sources).toContain('BIG Dogs run');
    expect(new Set(cased!.pairs.map(({ target }) => target))).toEqual(new Set(['Hunde rennen']));
  });
});
