import { describe, expect, it } from 'vitest';
import type { PhotoCaptions } from '../../../src/photos/captions-file.ts';
import { splitPhotos } from '../../../src/training/captioner/split-photos.ts';

const photo = (file: string, split?: string): PhotoCaptions => ({
  file,
  captions: ['a dog'],
  ...(split === undefined ? {} : { split }),
});
const files = (photos: readonly PhotoCaptions[]): string[] => photos.map(({ file }) => file);
const wanted = { trainSplits: ['train', 'more'], validation: { split: 'dev', photos: 2, beam: 3 } };

describe('splitPhotos', () => {
  it('takes photos by their splits, those without one as train, and never a photo twice', () => {
    const photos = [photo('a', 'train'), photo('b'), photo('c', 'more'), photo('d', 'test')];
    const dev = [photo('e', 'dev'), photo('f', 'dev'), photo('g', 'dev')];
    const { train, validation } = splitPhotos([...photos, ...dev], wanted);
    expect([files(train), files(validation)]).toEqual([
      ['a', 'b', 'c'],
      ['e', 'f'],
    ]);
    const same = splitPhotos([...photos, ...dev], { ...wanted, trainSplits: ['dev'] });
    expect([files(same.train), files(same.validation)]).toEqual([['g'], ['e', 'f']]);
  });

  it('keeps some for validation where the file has no splits', () => {
    const photos = Array.from({ length: 45 }, (_, i) => photo(String(i)));
    const { train, validation } = splitPhotos(photos, wanted);
    expect(files(validation)).toEqual(['9', '19']);
    expect(train).toHaveLength(43);
    expect(files(splitPhotos(photos.slice(0, 3), wanted).validation)).toEqual(['2']);
  });

  it.each([
    [
      'nothing to train on',
      [photo('a', 'dev')],
      'no photo to train on, in train or more. The splits of this file: dev.',
    ],
    [
      'nothing to validate on',
      [photo('a', 'train')],
      'no photo to validate on, in the split "dev". The splits of this',
    ],
    ['a single photo', [photo('a')], 'no photo to train on, in train or more. This file has no splits.'],
  ])('refuses a file with %s', (_, photos, message) => {
    expect(() => splitPhotos(photos, wanted)).toThrow(message);
  });
});
