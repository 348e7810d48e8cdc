import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { normalise, normaliseWithOffsets } from '../../../src/engine/text/normalise.ts';
import { randomTexts, TEXTS } from './scripts.ts';

const ALL = [...TEXTS, ...randomTexts(300, new Random(5))];

describe('normalise', () => {
  it.each([
    ['composes letters and marks', 'cafe\u0301', 'caf\u00e9'],
    ['composes Hangul', '\u1112\u1161\u11ab', '한'],
    ['makes one plain space of any white space', ' a\u00a0\u2009b\t\r\nc\u0085d ', 'a b c d'],
    ['drops controls, soft hyphens, zero-width spaces and byte order marks', '\ufeffa\u0000b\u00adc\u200bd', 'abcd'],
    ['drops marks of direction', '\u200fa \u202ab\u202c \u2067c\u2069 \u200e', 'a b c'],
    ['composes what an invisible character kept apart', 'e\u200b\u0301', 'é'],
    ['leaves no space where only an invisible word stood', 'a \u200b b', 'a b'],
    ['keeps the joiners of emoji', '👩‍👧', '👩‍👧'],
    ['replaces half a surrogate pair', 'a\ud83d', 'a\ufffd'],
    ['keeps quotation marks', '„So“, “so”, don’t', '„So“, “so”, don’t'],
    ['gives nothing for nothing', ' \n ', ''],
  ])('%s', (_, text, expected) => {
    expect(normalise(text)).toBe(expected);
  });

  it('makes curly quotation marks plain on request, but not guillemets', () => {
    expect(normalise('„So“, “so”, ‚so‘, don’t, «so»', { quotes: 'plain' })).toBe('"So", "so", \'so\', don\'t, «so»');
  });

  it('changes nothing the second time, and gives NFC without odd spaces', () => {
    for (const text of ALL) {
      const once = normalise(text);
      expect(normalise(once)).toBe(once);
      expect(once.normalize('NFC')).toBe(once);
      expect(once).not.toMatch(/^\s|\s$|\s\s|[^\S ]/u);
    }
  });
});

describe('normaliseWithOffsets', () => {
  it('gives the same text, with places in order inside the original', () => {
    for (const text of ALL) {
      const { text: normalised, starts, ends } = normaliseWithOffsets(text);
      expect(normalised).toBe(normalise(text));
      expect([starts.length, ends.length]).toEqual([normalised.length, normalised.length]);
      const units = [...starts.keys()];
      expect(units.every((unit) => starts[unit]! < ends[unit]! && ends[unit]! <= text.length)).toBe(true);
      expect(units.slice(1).every((unit) => starts[unit]! >= starts[unit - 1]!)).toBe(true);
    }
  });

  it('points a composed letter to the letter and its mark', () => {
    const text = '  cafe\u0301 \u200bau';
    const { text: normalised, starts, ends } = normaliseWithOffsets(text);
    const origin = (character: string) => {
      const unit = normalised.indexOf(character);
      return text.slice(starts[unit], ends[unit]);
    };
    expect(normalised).toBe('café au');
    expect(origin('c')).toBe('c');
    expect(origin('é')).toBe('e\u0301');
    expect(origin('u')).toBe('u');
    expect(origin(' ')).toBe(' ');
  });
});
