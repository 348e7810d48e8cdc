import { describe, expect, it } from 'vitest';
import { addressOf, placeIn } from '../../../src/renderer/state/visits.ts';

describe('the address of a place', () => {
  it.each([
    ['#/caption/p3', { place: 'caption', photo: 'p3' }],
    ['#/caption/all', { place: 'caption', photo: null }],
    ['#/translate', { place: 'translate', photo: null }],
    ['#/look-inside', { place: 'look-inside', photo: null }],
    ['#/learn/sentence', { place: 'learn', photo: null, topic: 'sentence' }],
    [
      '#/learn/beam?text=A+dog%3F&width=2',
      { place: 'learn', photo: null, topic: 'beam', panel: { text: 'A dog?', width: '2' } },
    ],
  ] as const)('%s leads there and is read back', (address, place) => {
    expect(addressOf(place)).toBe(address);
    expect(placeIn(address)).toEqual(place);
  });

  it('of Learn without a topic begins with the first', () => {
    expect(placeIn('#/learn')).toEqual({ place: 'learn', photo: null, topic: 'caption' });
    expect(placeIn('#/learn/nothing')).toEqual({ place: 'learn', photo: null, topic: 'caption' });
  });

  it.each(['', '#', '#/nowhere', '#/caption/../x', '#caption'])('is none: %j', (address) => {
    expect(placeIn(address)).toBeUndefined();
  });
});
