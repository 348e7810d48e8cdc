import { describe, expect, it } from 'vitest';
import { CiderD, ciderD } from '../../../src/engine/metrics/cider.ts';
import { aacMetrics, candidatesOf, invented, parts, referencesOf } from './reference-vectors.ts';

const candidates = candidatesOf(invented).map(parts);
const references = referencesOf(invented).map((ofPhoto) => ofPhoto.map(parts));

describe('ciderD', () => {
  it('equals coco-caption on every invented photo', () => {
    const { score, perPhoto } = ciderD(candidates, references);
    perPhoto.forEach((got, photo) => expect(got, `photo ${photo}`).toBeCloseTo(invented.photos[photo]!.ciderD, 12));
    expect(score).toBeCloseTo(invented.ciderD, 12);
  });

  it("gives aac-metrics' published scores", () => {
    const { score, perPhoto } = ciderD(candidatesOf(aacMetrics), referencesOf(aacMetrics));
    expect(score).toBeCloseTo(0.9614, 4);
    expect(perPhoto[0]).toBeCloseTo(1.3641, 4);
    expect(perPhoto[1]).toBeCloseTo(0.5587, 4);
  });

  it('is 10 for a caption that is the only reference', () => {
    const { perPhoto } = ciderD([['a', 'b', 'c', 'd'], ['x']], [[['a', 'b', 'c', 'd']], [['y']]]);
    expect(perPhoto[0]).toBeCloseTo(10, 12);
    expect(perPhoto[1]).toBe(0);
  });

  it('is 0 with a single photo, where every n-gram is in every photo', () => {
    expect(ciderD([['a', 'b']], [[['a', 'b']]]).score).toBe(0);
  });

  it.each([
    [[], [], /no captions to score/],
    [[['a']], [[['a']], [['b']]], /1 captions .* 2 photos/],
  ])('refuses %j against %j', (few: string[][], ofPhotos: string[][][], message) => {
    expect(() => ciderD(few, ofPhotos)).toThrow(message);
  });
});

describe('CiderD', () => {
  it('scores any caption against any photo, in any order', () => {
    const scorer = new CiderD(references);
    expect(scorer.size).toBe(references.length);
    const shifted = candidates.map((_, photo) => candidates[(photo + 1) % candidates.length]!);
    const { perPhoto } = ciderD(shifted, references);
    for (let photo = references.length - 1; photo >= 0; photo--) {
      expect(scorer.score(photo, shifted[photo]!)).toBe(perPhoto[photo]);
    }
  });

  it('counts the end of the sentence as a word', () => {
    const end = (tokens: readonly string[]): string[] => [...tokens, '<eos>'];
    const scorer = new CiderD(references, { endOfSentence: true });
    const spelledOut = ciderD(
      candidates.map(end),
      references.map((ofPhoto) => ofPhoto.map(end)),
    );
    candidates.forEach((candidate, photo) => {
      expect(scorer.score(photo, candidate)).toBe(spelledOut.perPhoto[photo]);
    });
  });

  it('prefers a caption that ends to one that breaks off, once ends are counted', () => {
    const photos = [[['a', 'dog', 'in', 'a', 'park']], [['a', 'cat', 'in', 'a', 'box']], [['one', 'red', 'kite']]];
    const whole = ['a', 'dog', 'in', 'a', 'park'];
    const broken = ['a', 'dog', 'in', 'a'];
    const gain = (scorer: CiderD): number => scorer.score(0, whole) - scorer.score(0, broken);
    expect(gain(new CiderD(photos, { endOfSentence: true }))).toBeGreaterThan(gain(new CiderD(photos)));
  });

  it('does not learn words from the captions it scores', () => {
    const scorer = new CiderD(references);
    const before = scorer.score(0, candidates[0]!);
    scorer.score(0, ['never', 'heard', 'of', 'never', 'heard', 'of', 'heron']);
    expect(scorer.score(0, candidates[0]!)).toBe(before);
  });

  it('keeps n-grams apart in a corpus large enough to grow its table', () => {
    // Every photo has words of its own, so that each reference scores 10 on its own photo and 0 on the next.
    const photos = Array.from({ length: 400 }, (_, photo) => [
      ['p', 'q', 'r', 's', 't'].map((word) => `${word}${photo}`),
    ]);
    const scorer = new CiderD(photos);
    photos.forEach(([reference], photo) => {
      expect(scorer.score(photo, reference!)).toBeCloseTo(10, 10);
      expect(scorer.score((photo + 1) % photos.length, reference!)).toBe(0);
    });
  });

  it.each([-1, 2, 0.5])('refuses photo %d of two', (photo) => {
    const scorer = new CiderD([[['a']], [['b']]]);
    expect(() => scorer.score(photo, ['a'])).toThrow(/no photo .* photos 0 to 1/);
  });

  it('refuses photos without references', () => {
    expect(() => new CiderD([[['a']], []])).toThrow(/Photo 2 of 2 has no reference/);
  });
});
