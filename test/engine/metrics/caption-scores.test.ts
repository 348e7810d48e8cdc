import { describe, expect, it } from 'vitest';
import { scoreCaptions } from '../../../src/engine/metrics/caption-scores.ts';
import { invented } from './reference-vectors.ts';

const hypotheses = new Map(invented.photos.map(({ hypothesis }, photo) => [`${photo}.jpg`, hypothesis]));
const references = new Map(invented.photos.map((photo, index) => [`${index}.jpg`, photo.references]));

describe('scoreCaptions', () => {
  it('equals coco-caption from raw text to scores', () => {
    const scores = scoreCaptions(hypotheses, references);
    scores.bleu.forEach((score, index) => expect(score).toBeCloseTo(invented.bleu[index]!, 12));
    expect(scores.rougeL).toBeCloseTo(invented.rougeL, 12);
    expect(scores.ciderD).toBeCloseTo(invented.ciderD, 12);
    invented.photos.forEach(({ ciderD }, photo) => {
      expect(scores.ciderDByPhoto.get(`${photo}.jpg`)).toBeCloseTo(ciderD, 12);
    });
  });

  it('goes by the name of the photo, not by the order of the captions', () => {
    const reversed = new Map([...hypotheses].reverse());
    expect(scoreCaptions(reversed, references)).toEqual(scoreCaptions(hypotheses, references));
  });

  it('signs its scores', () => {
    const { signature } = scoreCaptions(hypotheses, references);
    expect(signature).toMatch(new RegExp(`^photos:${invented.photos.length}\\|refs:1-5\\|tok:ptb-.*\\|version:\\d+$`));
    const even = scoreCaptions(
      new Map([
        ['x', 'a'],
        ['y', 'b'],
      ]),
      new Map([
        ['x', ['a', 'b']],
        ['y', ['b', 'c']],
      ]),
    );
    expect(even.signature).toContain('photos:2|refs:2|');
  });

  it.each([
    [['a.jpg', 'b.jpg', 'c.jpg'], ['a.jpg'], 'There is a caption but no references for b.jpg (and 1 more).'],
    [['a.jpg'], ['a.jpg', 'b.jpg'], 'There are references but no caption for b.jpg.'],
    [[], [], 'There are no captions to score.'],
  ])('refuses captions of %j against references of %j', (captioned, referenced, message) => {
    const captions = new Map(captioned.map((photo) => [photo, 'a dog']));
    const ofPhotos = new Map(referenced.map((photo) => [photo, ['a dog']]));
    expect(() => scoreCaptions(captions, ofPhotos)).toThrow(message);
  });

  it('refuses a photo with an empty list of references and says which', () => {
    expect(() => scoreCaptions(new Map([['a.jpg', 'x']]), new Map([['a.jpg', []]]))).toThrow(
      'The list of references for a.jpg is empty.',
    );
  });
});
