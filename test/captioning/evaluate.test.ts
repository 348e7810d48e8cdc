import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaptioner, type CaptionerModel } from '../../src/captioning/captioner-model.ts';
import { evaluateCaptions, photosOfSplit } from '../../src/captioning/evaluate.ts';
import type { PhotoCaptions } from '../../src/photos/captions-file.ts';
import { useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let model: CaptionerModel;
const photos: PhotoCaptions[] = ['0.png', '1.png', '2.png'].map((file, i) => ({
  file,
  captions: ['a dog runs', 'the child'],
  split: i < 2 ? 'test' : 'dev',
}));

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await loadCaptioner(await writeTinyModel(folder.path));
  for (const [seed, { file }] of photos.entries()) await writeTinyPhoto(join(folder.path, file), seed);
});
afterAll(async () => {
  model.dispose();
  await folder.remove();
});

describe('evaluating captions', () => {
  it('scores a model against its own captions as perfect', async () => {
    const first = await evaluateCaptions(model, photos, folder.path);
    const own = photos.map((photo, i) => ({ ...photo, captions: [first?.hypotheses[i]?.caption as string] }));
    const again = await evaluateCaptions(model, own, folder.path);
    // The tiny captions have no 4-grams.
    for (const score of again?.scores.bleu.slice(0, 2) ?? [0]) expect(score).toBeCloseTo(1, 6);
    expect(again?.scores.rougeL).toBeCloseTo(1, 6);
    expect(again?.scores.signature).toContain('photos:3|refs:1');
    expect(again?.hypotheses.map(({ file }) => file)).toEqual(['0.png', '1.png', '2.png']);
    // As the metrics want it: no capital and no full stop.
    for (const { caption } of again?.hypotheses ?? []) expect(caption).toMatch(/^[a-z ]+$/);
  });

  it('leaves out a photo that cannot be read, and says so', async () => {
    const missing = { file: 'missing.png', captions: ['a dog'] };
    const evaluation = await evaluateCaptions(model, [missing, ...photos], folder.path);
    expect(evaluation?.failed).toEqual([{ file: 'missing.png', error: expect.stringContaining('cannot read') }]);
    expect(evaluation?.hypotheses.map(({ file }) => file)).toEqual(photos.map(({ file }) => file));
    await expect(evaluateCaptions(model, [missing], folder.path)).rejects.toThrow('No photo could be read');
  });

  it('gives no scores when it was stopped', async () => {
    const stop = new AbortController();
    const evaluation = await evaluateCaptions(model, photos, folder.path, { batchSize: 1, signal: stop.signal }, () =>
      stop.abort(),
    );
    expect(evaluation).toBeUndefined();
  });
});

describe('choosing a split', () => {
  it('takes all photos where none is named', () => {
    expect(photosOfSplit(photos)).toEqual(photos);
    expect(photosOfSplit(photos, 'test').map(({ file }) => file)).toEqual(['0.png', '1.png']);
  });

  it('says which splits there are', () => {
    expect(() => photosOfSplit(photos, 'trial')).toThrow('The splits of this file: test, dev.');
    expect(() => photosOfSplit([{ file: 'a', captions: ['b'] }], 'trial')).toThrow('no splits');
  });
});
