import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  captionConfidence,
  CONFIDENCE_FILE,
  fitCalibration,
  readCalibration,
  wordConfidence,
  writeCalibration,
  type Calibration,
  type CalibrationExample,
  type WordSignals,
} from '../../../src/captioning/confidence/calibration.ts';
import { Random } from '../../../src/engine/random.ts';
import { sigmoid } from '../../../src/engine/training/logistic-regression.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const calibration: Calibration = {
  thing: { intercept: 2, slopes: [0.5, 1, -0.25] },
  other: { intercept: 1, slopes: [0.25, 0.5, 0] },
  caption: { intercept: 1.5, slopes: [1.25] },
  fitted: { split: 'dev', photos: 3, words: 9 },
};
const signals: WordSignals = { isNoun: true, logProbability: -2, logConfirming: -1, entropy: 2 };
const files = [
  { file: 'model.json', bytes: 1, sha256: 'a' },
  { file: 'weights-1.bin', bytes: 2, sha256: 'b' },
];

describe('a calibration', () => {
  it('makes confidences of signals, of things otherwise than of other words', () => {
    expect(wordConfidence(calibration, signals)).toBeCloseTo(sigmoid(2 - 1 - 1 - 0.5), 12);
    expect(wordConfidence(calibration, { ...signals, isNoun: false })).toBeCloseTo(sigmoid(1 - 0.5 - 0.5), 12);
    expect(captionConfidence(calibration, [0.5, 0.8])).toBeCloseTo(sigmoid(1.5 + 1.25 * Math.log(0.4 / 0.6)), 12);
  });

  it('finds the curve by which examples were drawn', () => {
    const random = new Random(5);
    const examples = Array.from({ length: 4000 }, (): CalibrationExample => {
      const words = [true, false].map((isNoun) => {
        const logProbability = -4 * random.next();
        const drawn: WordSignals = {
          isNoun,
          logProbability,
          logConfirming: logProbability / 2,
          entropy: 3 * random.next(),
        };
        return { signals: drawn, isRight: random.next() < sigmoid((isNoun ? 2 : 1) + logProbability) };
      });
      return { words };
    });
    const fitted = fitCalibration(examples, { split: null, photos: 4000 });
    expect(fitted.fitted.words).toBe(8000);
    for (const logProbability of [-3, -2, -1]) {
      const own = { logProbability, logConfirming: logProbability / 2, entropy: 1.5 };
      expect(wordConfidence(fitted, { ...own, isNoun: true })).toBeCloseTo(sigmoid(2 + logProbability), 1);
      expect(wordConfidence(fitted, { ...own, isNoun: false })).toBeCloseTo(sigmoid(1 + logProbability), 1);
    }
    // One thing a caption: its confidence is the caption's.
    expect(captionConfidence(fitted, [0.5])).toBeCloseTo(0.5, 1);
  });

  it('says so where there is nothing to learn from', () => {
    const examples = [{ words: [{ signals, isRight: true }] }];
    expect(() => fitCalibration(examples, { split: null, photos: 1 })).toThrow('too few to learn from');
  });
});

describe('confidence.json', () => {
  it('comes back as it was written', async () => {
    await writeCalibration(folder.path, files, calibration);
    expect(await readCalibration(folder.path, files)).toEqual(calibration);
    // What model.json says beside the weights may change.
    expect(await readCalibration(folder.path, [{ ...files[0]!, sha256: 'c' }, files[1]!])).toEqual(calibration);
  });

  it('need not be there', async () => {
    expect(await readCalibration(join(folder.path, 'elsewhere'), files)).toBeNull();
  });

  it('is refused where it is of other weights, or says what cannot be', async () => {
    const path = await writeCalibration(folder.path, files, calibration);
    await expect(readCalibration(folder.path, [files[0]!, { ...files[1]!, sha256: 'c' }])).rejects.toThrow(
      'fitted for other weights',
    );
    const json = JSON.parse(await readFile(path, 'utf8')) as { thing: Record<string, unknown>; formatVersion: number };
    await writeFile(path, JSON.stringify({ ...json, thing: { ...json.thing, entropy: 1e9 } }));
    await expect(readCalibration(folder.path, files)).rejects.toThrow(
      `${CONFIDENCE_FILE}'s thing.entropy is 1000000000; it must be a number from -1000 to 1000.`,
    );
    await writeFile(path, JSON.stringify({ ...json, thing: { ...json.thing, entropy: -1.2 } }));
    await expect(readCalibration(folder.path, files)).rejects.toThrow(`${CONFIDENCE_FILE} is damaged: its checksum`);
    await writeFile(path, JSON.stringify(json).slice(1));
    await expect(readCalibration(folder.path, files)).rejects.toThrow(`${CONFIDENCE_FILE} is damaged: it is not JSON`);
    await writeFile(path, JSON.stringify({ ...json, formatVersion: 2 }));
    await expect(readCalibration(folder.path, files)).rejects.toThrow('another format');
    await writeFile(path, 'null');
    await expect(readCalibration(folder.path, files)).rejects.toThrow('another format');
  });
});
