import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { loadCaptioner, type CaptionerModel } from '../../src/captioning/captioner-model.ts';
import { PhotoCaptioner } from '../../src/captioning/photo-captioner.ts';
import { FOUND_MAPS } from '../../src/contract/constants/map-kinds.ts';
import type { CaptionedPhoto, Word } from '../../src/contract/data/captions.ts';
import { REQUESTS } from '../../src/contract/requests.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let model: CaptionerModel;
let path: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  model = await loadCaptioner(await writeTinyModel(folder.path));
  path = join(folder.path, 'photo.png');
  await writeTinyPhoto(path, 3);
});
afterAll(async () => {
  model.dispose();
  await folder.remove();
});

const WORDS = ['the', 'dog'];

async function wordsOf(own: CaptionerModel, maps?: (typeof FOUND_MAPS)[number]): Promise<Word[]> {
  for await (const result of captionPhotos(own, [path], { maps })) if ('words' in result) return result.words;
  throw new Error('The photo was not captioned.');
}

describe.each(FOUND_MAPS)('maps asked for, %s,', (kind) => {
  it('of a photo are known the next time, and kept apart from those of other kinds', async () => {
    const captioner = new PhotoCaptioner(model);
    const photo = { key: path, name: 'photo.png', source: path };
    const reports: number[] = [];
    const control = {
      signal: new AbortController().signal,
      report: ({ done }: { done: number }) => reports.push(done),
    };
    const found = await captioner.maps({ kind, photo, words: WORDS }, control);
    expect(REQUESTS[`caption.${kind}`].output.parse(found)).toEqual(found);
    expect(found.weights.map((map) => map.reduce((a, b) => a + b, 0))).toEqual([expect.closeTo(1), expect.closeTo(1)]);
    const { length } = reports;
    expect(length > 0).toBe(kind === 'mattered');
    expect(await captioner.maps({ kind, photo, words: WORDS }, control)).toEqual(found);
    expect(reports).toHaveLength(length);
    for (const other of FOUND_MAPS.filter((one) => one !== kind)) {
      expect(await captioner.maps({ kind: other, photo, words: WORDS }, control)).not.toEqual(found);
    }
    await expect(captioner.maps({ kind, photo, words: ['zebra'] }, control)).rejects.toThrow('zebra');
  });

  it('of a batch stand beside where the model looked, and leave no tensors', async () => {
    const plain = await wordsOf(model);
    const words = await expectNoLeak(() => wordsOf(model, kind));
    expect(words.map(({ divergence: _divergence, [kind]: _map, ...word }) => word)).toEqual(plain);
    for (const { divergence, [kind]: map } of words) {
      expect(map).toHaveLength(model.grid[0] * model.grid[1]);
      expect(divergence).toBeGreaterThan(0);
    }
  });

  it('of further captions are their own, where those come with maps', async () => {
    const options = { maps: kind, alternatives: 2, alternativesWithMaps: true };
    for await (const result of captionPhotos(model, [path], options)) {
      const captioner = new PhotoCaptioner(model);
      const photo = { key: path, name: 'photo.png', source: path };
      const control = { signal: new AbortController().signal, report: () => undefined };
      const { alternatives } = result as CaptionedPhoto;
      expect(alternatives).toHaveLength(2);
      for (const { words = [] } of alternatives) {
        const alone = await captioner.maps({ kind, photo, words: words.map(({ word }) => word) }, control);
        expect(words.map(({ [kind]: map }) => map)).toEqual(alone.weights);
      }
    }
  });
});

it('says in a sentence that a captioner without attention has no posterior', async () => {
  const blind = await loadCaptioner(await writeTinyModel(join(folder.path, 'blind'), { attention: 'none' }));
  await expect(wordsOf(blind, 'posterior')).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('only recurrent captioners with attention can') as string,
  });
  blind.dispose();
});
