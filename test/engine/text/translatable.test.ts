import { describe, expect, it } from 'vitest';
import { translatableParts } from '../../../src/engine/text/translatable.ts';
import { TEXTS } from './scripts.ts';

const partsOf = (text: string) => translatableParts(text).map(({ start, end }) => text.slice(start, end));

describe('translatableParts', () => {
  it.each([
    ['A dog runs.', ['A dog runs.']],
    ['Great day ☀️ let us go! 🎉🎉', ['Great day', 'let us go!']],
    ['👩‍👩‍👧‍👦', []],
    ['🇨🇿 Prague 👍🏽', ['Prague']],
    ['1️⃣ first', ['first']],
    ['Acme™ © 2020', ['Acme™ © 2020']],
    ['See https://example.org/a?b=c, please.', ['See', 'please.']],
    ['Write to a.b@example.org!', ['Write to']],
    ['12:30 – 14:00', []],
    ['', []],
  ])('of %j', (text, expected) => {
    expect(partsOf(text)).toEqual(expected);
  });

  it('are in order, apart and without white space at their ends, whatever the text', () => {
    for (const text of TEXTS) {
      let position = 0;
      for (const { start, end } of translatableParts(text)) {
        expect(start).toBeGreaterThanOrEqual(position);
        expect(end).toBeGreaterThan(start);
        expect(text.slice(start, end).trim()).toBe(text.slice(start, end));
        position = end;
      }
    }
  });

  it.each([['@'], ['a.'], ['a@'], ['👩‍'], ['www.']])('copes with thousands of %j', (unit) => {
    const text = unit.repeat(5000);
    expect(partsOf(text).join('').length).toBeLessThanOrEqual(text.length);
  });
});
