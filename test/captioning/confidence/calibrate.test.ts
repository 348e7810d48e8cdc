import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionPhotos } from '../../../src/captioning/caption-photos.ts';
import { loadCaptioner } from '../../../src/captioning/captioner-model.ts';
import { calibrateCaptioner, fewToCalibrate } from '../../../src/captioning/confidence/calibrate.ts';
import { CONFIDENCE_FILE, writeCalibration, type Calibration } from '../../../src/captioning/confidence/calibration.ts';
import { evaluateCaptions } from '../../../src/captioning/evaluate.ts';
import { isFailed } from '../../../src/captioning/result.ts';
import type { CaptionedPhoto } from '../../../src/contract/data/captions.ts';
import type { PhotoCaptions } from '../../../src/photos/captions-file.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let shipped: string;
const files = Array.from({ length: 8 }, (_, i) => `${i}.png`);
const paths = (): string[] => files.map((file) => join(folder.path, file));

beforeAll(async () => {
  folder = await temporaryFolder();
  shipped = await writeTinyModel(folder.path);
  for (const [seed, file] of files.entries()) await writeTinyPhoto(join(folder.path, file), seed);
});
afterAll(() => folder.remove());

async function captioned(options = {}): Promise<CaptionedPhoto[]> {
  const model = await loadCaptioner(shipped);
  try {
    const found: CaptionedPhoto[] = [];
    for await (const result of captionPhotos(model, paths(), options)) {
      if (isFailed(result)) throw new Error(result.error);
      found.push(result);
    }
    return found;
  } finally {
    model.dispose();
  }
}

describe('a captioner without a calibration', () => {
  it('says nothing of confidence', async () => {
    for (const { confidence, words } of await captioned()) {
      expect(confidence).toBeUndefined();
      expect(words.some((word) => word.confidence !== undefined)).toBe(false);
    }
  });
});

describe('a calibration of few photos', () => {
  it('is warned of, and one of a hundred is not', () => {
    expect(fewToCalibrate(6)).toMatch(/^6 photos are few: .* Take 100 or more\.$/);
    expect(fewToCalibrate(1)).toMatch(/^1 photo is few/);
    expect(fewToCalibrate(100)).toBeUndefined();
  });
});

describe('a captioner that is calibrated', () => {
  // What people say: of every other photo just what the model says, of the others nothing that it knows.
  const said = async (): Promise<PhotoCaptions[]> =>
    (await captioned()).map(({ caption }, i) => ({ file: files[i]!, captions: [i % 2 === 0 ? caption : 'Zebras.'] }));

  it('says of its captions, their further ones and their content words how sure it is', async () => {
    const photos = await said();
    const model = await loadCaptioner(shipped);
    try {
      const calibration = await expectNoLeak(() => calibrateCaptioner(model, photos, folder.path, { split: 'dev' }));
      expect(calibration?.fitted).toMatchObject({ split: 'dev', photos: 8 });
      await writeCalibration(shipped, model.files, calibration as Calibration);
    } finally {
      model.dispose();
    }
    const found = await captioned({ alternatives: 2 });
    for (const { alternatives, confidence, words } of found) {
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThan(1);
      for (const word of words) {
        expect(word.confidence !== undefined).toBe(['dog', 'runs', 'snow', 'ball', 'child'].includes(word.word));
      }
      for (const one of alternatives) expect(one.confidence).toBeGreaterThan(0);
    }
    // One photo alone, and with its further captions, has the confidence that it has among others.
    const alone = await captioned({ batchSize: 1 });
    expect(alone.map(({ caption }) => caption)).toEqual(found.map(({ caption }) => caption));
    for (const [i, { confidence }] of alone.entries()) expect(confidence).toBeCloseTo(found[i]!.confidence!, 4);
  });

  it('is scored by what people say', async () => {
    const photos = await said();
    const model = await loadCaptioner(shipped);
    try {
      const evaluation = await evaluateCaptions(model, photos, folder.path);
      expect(evaluation?.confidence?.photos).toBe(8);
      expect(evaluation?.confidence?.right.captions.value).toBe(0.5);
    } finally {
      model.dispose();
    }
  });

  it('says nothing once its calibration is gone', async () => {
    await rm(join(shipped, CONFIDENCE_FILE));
    for (const { confidence } of await captioned()) expect(confidence).toBeUndefined();
  });

  it('cannot be fitted where nothing that it says is wrong', async () => {
    const photos = (await captioned()).map(({ caption }, i) => ({ file: files[i]!, captions: [caption] }));
    const model = await loadCaptioner(shipped);
    try {
      await expect(calibrateCaptioner(model, photos, folder.path)).rejects.toThrow('too few to learn from');
    } finally {
      model.dispose();
    }
  });
});
