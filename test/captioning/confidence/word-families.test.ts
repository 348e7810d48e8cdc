import { describe, expect, it } from 'vitest';
import { baseForms } from '../../../src/captioning/confidence/base-forms.ts';
import { confirms, familiesOf, familyNamed, isOf } from '../../../src/captioning/confidence/word-families.ts';

describe('the base forms of a word', () => {
  it.each([
    ['dogs', 'dog'],
    ['ponies', 'pony'],
    ['benches', 'bench'],
    ['men', 'man'],
    ['running', 'run'],
    ['riding', 'ride'],
    ['rode', 'ride'],
    ['jumped', 'jump'],
    ['stopped', 'stop'],
    ['carried', 'carry'],
  ])('of %s has %s', (word, base) => expect(baseForms(word).has(base)).toBe(true));

  it('takes no two words for one that only look alike', () => {
    expect([...baseForms('grass')]).toEqual(['grass']);
    expect(confirms('ring', 'red')).toBe(false);
    expect(confirms('king', 'kite')).toBe(false);
  });
});

describe('what confirms a word', () => {
  it('is a form of it, a synonym, or something under it', () => {
    expect(confirms('runs', 'running')).toBe(true);
    expect(confirms('bicycle', 'bike')).toBe(true);
    expect(confirms('bicycles', 'bikes')).toBe(true);
    expect(confirms('puppy', 'dog')).toBe(true);
    expect(confirms('puppies', 'animal')).toBe(true);
    expect(confirms('boy', 'people')).toBe(true);
  });

  it('is nothing more general, and nothing beside it', () => {
    expect(confirms('dog', 'puppy')).toBe(false);
    expect(confirms('cow', 'horse')).toBe(false);
    expect(confirms('person', 'man')).toBe(false);
  });
});

describe('the families of a word', () => {
  it('are all above it, the nearest first', () => {
    expect(familiesOf('boys').map(({ word }) => word)).toEqual(['child', 'person']);
    expect(familiesOf('kayak').map(({ word }) => word)).toEqual(['boat', 'vehicle']);
    expect(familiesOf('sky')).toEqual([]);
  });

  it('have their own word and all under it', () => {
    const animal = familyNamed('animal')!;
    expect(isOf('animals', animal)).toBe(true);
    expect(isOf('puppies', animal)).toBe(true);
    expect(isOf('boat', animal)).toBe(false);
  });
});
