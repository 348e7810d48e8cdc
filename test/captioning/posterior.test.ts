import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { posteriorMaps, posteriorOf } from '../../src/captioning/posterior.ts';
import type { CaptionerModel } from '../../src/captioning/ready-captioner.ts';
import { encodeImages } from '../../src/captioning/search.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let path: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'photo.png');
  await writeTinyPhoto(path, 3);
});
afterAll(() => folder.remove());

it.each(['soft', 'hard'] as const)('is the same by whole graphs as by single operations (%s)', async (attention) => {
  const whole = await loadCaptioner(await writeTinyModel(join(folder.path, attention), { attention }));
  const { steps: _, ...single } = whole;
  const size = whole.encoder.inputSize;
  const { pixels } = await readPhoto(path, { size: [size, size] });
  const ids = whole.vocabulary.encode(['the', 'dog']);
  const [features] = encodeImages(whole, [pixels], false);
  const found = async (model: CaptionerModel): Promise<number[]> => {
    const [words = []] = await posteriorOf(model, features!, [ids]);
    return words.flatMap(({ posterior, prior }) => [...posterior, ...prior]);
  };
  const expected = await found(single);
  expect(new Set(expected).size).toBeGreaterThan(9);
  const own = await expectNoLeak(() => found(whole));
  expect(own).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(own[i]).toBeCloseTo(value, 5);
  features!.dispose();
  whole.dispose();
});

it('of a word of several pieces is the mean of what its pieces saw', async () => {
  const model = await loadCaptioner(await writeTinyModel(join(folder.path, 'pieces')));
  const size = model.encoder.inputSize;
  const { pixels } = await readPhoto(path, { size: [size, size] });
  const [features] = encodeImages(model, [pixels], false);
  const ids = model.vocabulary.encode(['the', 'dog']);
  const [[first = [], second = []] = []] = await posteriorMaps(model, features!, [ids]);
  const { vocabulary } = model;
  const group = (): ReturnType<typeof vocabulary.group> => [{ word: 'the dog', first: 0, count: 2 }];
  const glued = { ...model, vocabulary: Object.assign(Object.create(vocabulary) as typeof vocabulary, { group }) };
  const [[both = []] = []] = await posteriorMaps(glued, features!, [ids]);
  for (const [cell, value] of both.entries()) expect(value).toBeCloseTo((first[cell]! + second[cell]!) / 2, 10);
  features!.dispose();
  model.dispose();
});
