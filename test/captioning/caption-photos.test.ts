import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionPhotos, type CaptionPhotosOptions } from '../../src/captioning/caption-photos.ts';
import { loadCaptioner, type CaptionerModel } from '../../src/captioning/captioner-model.ts';
import { isFailed, type PhotoResult } from '../../src/captioning/result.ts';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import type { PhotoToCaption } from '../../src/photos/photo-to-caption.ts';
import { backendUnderTest, expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let model: CaptionerModel;
let photos: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await loadCaptioner(await writeTinyModel(folder.path));
  photos = Array.from({ length: 7 }, (_, i) => join(folder.path, `photo-${i}.png`));
  for (const [seed, path] of photos.entries()) await writeTinyPhoto(path, seed);
});
afterAll(async () => {
  model.dispose();
  await folder.remove();
});

async function caption(
  sources: Iterable<PhotoToCaption> | AsyncIterable<PhotoToCaption>,
  options?: CaptionPhotosOptions,
): Promise<PhotoResult[]> {
  const results: PhotoResult[] = [];
  for await (const result of captionPhotos(model, sources, options)) results.push(result);
  return results;
}

const good = (results: readonly PhotoResult[]): CaptionedPhoto[] =>
  results.map((result) => {
    if (isFailed(result)) throw new Error(result.error);
    return result;
  });

const wordsOf = (result: CaptionedPhoto | undefined): string[] => result?.words.map(({ word }) => word) ?? [];

describe('captioning photos', () => {
  it('gives every photo what the format promises, in the order of the photos', async () => {
    const results = good(await caption(photos, { alternatives: 2 }));
    expect(results.map(({ file }) => file)).toEqual(photos);
    for (const result of results) {
      expect(Object.keys(result)).toEqual([
        'file',
        'width',
        'height',
        'caption',
        'score',
        'words',
        'grid',
        'alternatives',
        'model',
        'backend',
        'milliseconds',
      ]);
      expect(result).toMatchObject({
        width: 40,
        height: 30,
        grid: [3, 3],
        model: 'captioner-tiny',
        backend: backendUnderTest,
      });
      expect(result.caption).toBe(`${wordsOf(result).join(' ')}.`.replace(/^./, (first) => first.toUpperCase()));
      expect(result.alternatives).toHaveLength(2);
      for (const { caption: other, score } of result.alternatives) {
        expect(other).not.toBe(result.caption);
        // What the length limit cut off stands last, whatever its score.
        const isCutOff = other.split(' ').length === model.decoding.maxLength;
        if (!isCutOff) expect(score).toBeLessThanOrEqual(result.score);
      }
      for (const { probability, weights } of result.words) {
        expect(probability).toBeGreaterThan(0);
        expect(probability).toBeLessThanOrEqual(1);
        expect(weights).toHaveLength(9);
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
      }
      expect(Object.values(result.milliseconds).every((value) => value >= 0)).toBe(true);
    }
    expect(new Set(results.map((result) => result.caption)).size).toBeGreaterThan(1);
  });

  it('scores a caption by the probabilities of its words', async () => {
    const [result] = good(await caption([photos[0] as string], { lengthNormalisation: 0 }));
    const logProbability = result?.words.reduce((sum, { probability }) => sum + Math.log(probability), 0) as number;
    // The end token's probability is in the score only; it may be next to 1, and the probabilities are rounded.
    expect(result?.score).toBeLessThan(logProbability + 1e-4);
    expect(result?.score).toBeGreaterThan(logProbability - 20);
  });

  it('gives the same captions in batches of any size', async () => {
    const together = good(await caption(photos, { batchSize: 4 }));
    const alone = good(await caption(photos, { batchSize: 1 }));
    expect(together.map((result) => result.caption)).toEqual(alone.map((result) => result.caption));
    together.forEach(({ score }, i) => expect(score).toBeCloseTo(alone[i]?.score as number, 4));
  });

  it('takes bytes and paths, also from a source that is slow', async () => {
    const bytes = await readFile(photos[1] as string);
    async function* slowly(): AsyncGenerator<PhotoToCaption> {
      yield photos[0] as string;
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield { name: 'from memory', bytes };
    }
    const results = good(await caption(slowly()));
    const expected = good(await caption(photos.slice(0, 2)));
    expect(results.map(({ file }) => file)).toEqual([photos[0], 'from memory']);
    expect(results.map((result) => result.caption)).toEqual(expected.map((result) => result.caption));
  });

  it('reports a photo that cannot be read and captions the others', async () => {
    const broken = join(folder.path, 'broken.jpg');
    await writeFile(broken, 'no photo');
    const results = await caption([
      photos[0] as string,
      broken,
      { file: 'lost', error: 'it was lost' },
      join(folder.path, 'missing.jpg'),
      photos[1] as string,
    ]);
    expect(results.map(isFailed)).toEqual([false, true, true, true, false]);
    expect(results[1]).toEqual({ file: broken, error: expect.stringContaining(`cannot read ${broken}`) });
    expect(results[2]).toEqual({ file: 'lost', error: 'it was lost' });
  });

  it('never writes the unknown word, a trigram twice or an article at the end', async () => {
    for (const result of good(await caption(photos, { beam: 1 }))) {
      const words = wordsOf(result);
      expect(words).not.toContain('<unk>');
      expect(['a', 'in', 'the', 'with']).not.toContain(words.at(-1));
      const trigrams = words.slice(2).map((_, i) => words.slice(i, i + 3).join(' '));
      expect(new Set(trigrams).size).toBe(trigrams.length);
    }
  });

  it('begins as it is told', async () => {
    const results = good(await caption(photos.slice(0, 3), { start: 'The Dog' }));
    expect(results.map((result) => wordsOf(result).slice(0, 2))).toEqual(Array(3).fill(['the', 'dog']));
  });

  it.each<[string, CaptionPhotosOptions, string]>([
    ['a beginning with a word that it does not know', { start: 'a zebra' }, 'does not know the word "zebra"'],
    ['a beginning that is longer than any caption', { start: 'dog '.repeat(20) }, '20 words'],
    ['a beam of nothing', { beam: 0 }, 'beam must be'],
    ['a number of alternatives that is no number', { alternatives: Number.NaN }, 'alternatives must be'],
  ])('refuses %s', async (_, options, message) => {
    await expect(caption(photos, options)).rejects.toThrow(message);
  });

  it('looks twice: the mirror image of a photo gets the same caption, with mirrored weights', async () => {
    const path = photos[2] as string;
    const bytes = await sharp(path).flop().png().toBuffer();
    const [seen, mirrored] = good(await caption([path, { name: 'mirrored', bytes }], { secondLook: true })) as [
      CaptionedPhoto,
      CaptionedPhoto,
    ];
    expect(mirrored.caption).toBe(seen.caption);
    expect(mirrored.score).toBeCloseTo(seen.score, 4);
    seen.words.forEach(({ weights }, i) => {
      const turned = [0, 3, 6].flatMap((row) => weights.slice(row, row + 3).reverse());
      mirrored.words[i]?.weights.forEach((weight, j) => expect(weight).toBeCloseTo(turned[j] as number, 4));
    });
    // Without the second look the two are different photos.
    const [once, flopped] = good(await caption([path, { name: 'mirrored', bytes }])) as [
      CaptionedPhoto,
      CaptionedPhoto,
    ];
    expect(flopped.score).not.toBeCloseTo(once.score, 4);
  });

  it('lets the photos in hand come out when it is stopped, and takes no others', async () => {
    const stop = new AbortController();
    const files: string[] = [];
    for await (const { file } of captionPhotos(model, photos, { batchSize: 2, signal: stop.signal })) {
      files.push(file);
      stop.abort();
    }
    expect(files).toEqual(photos.slice(0, 2));
  });

  it('stops while it waits for a photo that does not come', async () => {
    const stop = new AbortController();
    let cleanedUp = false;
    const never: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: () => {
          cleanedUp = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    setTimeout(() => stop.abort(), 20);
    expect(await caption(never, { signal: stop.signal })).toEqual([]);
    expect(cleanedUp).toBe(true);
  });

  it.each<[string, CaptionPhotosOptions]>([
    ['once', { batchSize: 3 }],
    ['twice', { batchSize: 3, secondLook: true }],
  ])('leaves no tensors behind, looking %s', async (_, options) => {
    await caption(photos.slice(0, 1), options);
    await expectNoLeak(() => caption(photos, options));
    await expectNoLeak(async () => {
      for await (const result of captionPhotos(model, photos, options)) if (!isFailed(result)) break;
    });
  });

  it('knows no place where a model without attention looked', async () => {
    const own = await temporaryFolder();
    const plain = await loadCaptioner(await writeTinyModel(own.path, { attention: 'none' }));
    const before = tf.memory().numTensors;
    for await (const result of captionPhotos(plain, photos.slice(0, 1))) {
      expect(isFailed(result)).toBe(false);
      if (!isFailed(result)) expect(result.words.map(({ weights }) => weights)).toEqual(result.words.map(() => []));
    }
    expect(tf.memory().numTensors).toBe(before);
    plain.dispose();
    await own.remove();
  });
});
