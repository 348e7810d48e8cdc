import { describe, expect, it } from 'vitest';
import { comparable, PairFilter } from '../../../src/engine/text/pair-filter.ts';

describe('PairFilter', () => {
  it.each([
    ['Hi!', 'Guten Tag!', undefined],
    ['A dog runs through the snow.', 'Ein Hund läuft durch den Schnee.', undefined],
    ['Where is Tom?', 'Wo ist Tom?', undefined],
    ['', 'Nichts', 'empty'],
    ['x'.repeat(401), 'x'.repeat(400), 'length'],
    ['Yes, of course.', 'Ja, natürlich, und außerdem noch vieles mehr, das hier nicht steht.', 'ratio'],
    ['A dog runs.', 'Собака бежит.', 'script'],
    ['12:30', '12.30', 'script'],
    ['Same thing', 'Same thing', 'copied'],
    ['The quick brown fox jumps.', 'The quick brown fox springt.', 'copied'],
  ])('says of %j and %j: %s', (source, target, fault) => {
    expect(new PairFilter().fault(source, target)).toBe(fault);
  });

  it('takes a pair once, whatever its case and punctuation, and another translation of it too', () => {
    const filter = new PairFilter();
    expect(filter.fault('A dog.', 'Ein Hund.')).toBeUndefined();
    expect(filter.fault('a dog', 'Ein Hund!')).toBe('duplicate');
    expect(filter.fault('A dog.', 'Ein Köter.')).toBeUndefined();
  });

  it('leaves out what is held out, on either side', () => {
    const filter = new PairFilter({ heldOut: new Set([comparable('A dog.'), comparable('Eine Katze')]) });
    expect(filter.fault('a dog', 'ein Köter')).toBe('duplicate');
    expect(filter.fault('a tomcat', 'Eine Katze!')).toBe('duplicate');
    expect(filter.fault('a bird', 'ein Vogel')).toBeUndefined();
  });
});
