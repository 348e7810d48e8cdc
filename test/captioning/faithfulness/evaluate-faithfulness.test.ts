import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCaptioner, type CaptionerModel } from '../../../src/captioning/captioner-model.ts';
import { evaluateFaithfulness, type Faithfulness } from '../../../src/captioning/faithfulness/evaluate-faithfulness.ts';
import { faithfulnessPlots, faithfulnessTable } from '../../../src/captioning/faithfulness/report.ts';
import type { Estimate } from '../../../src/engine/metrics/bootstrap.ts';
import type { Box } from '../../../src/photos/boxes-file.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../../support/tiny-captioner.ts';

useTestBackend();

const captions = ['a dog in the snow with a ball', 'the child runs with a dog', 'a ball on the snow'];
const photos = captions.map((caption, i) => ({ file: `${i}.png`, captions: [caption, 'a dog and a ball'] }));
const boxes = new Map<string, Box[]>([
  [
    '0.png',
    [
      ['dog', 0.25, 0.5, 0.5, 1],
      ['sports_ball', 0.75, 0.5, 0.5, 1],
    ],
  ],
]);

let folder: { path: string; remove: () => Promise<void> };
let model: CaptionerModel;
let found: Faithfulness;
beforeAll(async () => {
  folder = await temporaryFolder();
  for (const [i, { file }] of photos.entries()) await writeTinyPhoto(join(folder.path, file), i + 1);
  model = await loadCaptioner(await writeTinyModel(folder.path));
  found = (await evaluateFaithfulness(model, photos, folder.path, { boxes, resamples: 200 }))!;
}, 60_000);
afterAll(async () => {
  model.dispose();
  await folder.remove();
});

const estimates = (value: unknown): Estimate[] =>
  typeof value !== 'object' || value === null
    ? []
    : 'low' in value
      ? [value as Estimate]
      : Object.values(value).flatMap(estimates);

it('measures every figure with an interval around it', () => {
  expect(found.photos).toBe(3);
  // Dog, snow, ball; child, dog; ball, snow.
  expect(found.nouns).toBe(7);
  for (const { high, low, value } of estimates([found.deletion.own, found.worth, found.entropy, found.divergence])) {
    expect(Number.isFinite(value)).toBe(true);
    expect(low).toBeLessThanOrEqual(value + 1e-9);
    expect(high).toBeGreaterThanOrEqual(value - 1e-9);
  }
  expect(found.entropy.value).toBeGreaterThan(0);
  expect(found.entropy.value).toBeLessThanOrEqual(1);
  expect(found.worth.ciderD.own.value).toBeGreaterThanOrEqual(0);
});

it('measures of the posterior what it measures of attention, beside the same regions drawn by chance', () => {
  const { deletion, entropy, posterior } = found;
  expect(posterior.entropy.value).not.toBeCloseTo(entropy.value, 6);
  expect(posterior.deletion.falls.random).toEqual(deletion.falls.random);
  expect(posterior.deletion.falls.centre).toEqual(deletion.falls.centre);
  for (const { high, low, value } of estimates(posterior)) {
    expect(Number.isFinite(value)).toBe(true);
    expect(low).toBeLessThanOrEqual(value + 1e-9);
    expect(high).toBeGreaterThanOrEqual(value - 1e-9);
  }
});

it('points at boxes with the words of all captions', () => {
  const { nouns, overAttention, overCentre, pairs, photos: boxed, pointing, toldApart } = found.boxes!;
  // Of the first photo's captions "a dog … ball" and "a dog and a ball".
  expect([boxed, nouns, pairs]).toEqual([1, 4, 2]);
  // Each box has the centres of two columns of three.
  expect(pointing.uniform.value).toBeCloseTo(2 / 3, 5);
  expect(overCentre.value).toBeCloseTo(pointing.attention.value - pointing.centre.value, 10);
  expect(overAttention.posterior.value).toBeCloseTo(pointing.posterior.value - pointing.attention.value, 10);
  const { attention, posterior, posteriorOverAttention } = toldApart;
  expect(posteriorOverAttention.value).toBeCloseTo(posterior.value - attention.value, 10);
});

it('finds the same again, says how it was measured, and leaves no tensors', async () => {
  await expectNoLeak(async () => {
    expect(await evaluateFaithfulness(model, photos, folder.path, { boxes, resamples: 200 })).toEqual(found);
  });
  expect(found.signature).toMatch(/^photos:3\|captions:first\|.*bootstrap:200-photos.*\|seed:1\|version:2$/);
});

it('measures maps of what mattered and how high deletion can be, where that is wanted', async () => {
  const wanted = { boxes, bounds: true, mattered: true, resamples: 200 };
  const more = (await evaluateFaithfulness(model, photos, folder.path, wanted))!;
  const { overAttention, pointing, toldApart } = more.boxes!;
  expect(pointing.attention).toEqual(found.boxes!.pointing.attention);
  expect(pointing.mattered!.value).toBeGreaterThanOrEqual(0);
  expect(overAttention.mattered!.value).toBeCloseTo(pointing.mattered!.value - pointing.attention.value, 10);
  expect(toldApart.mattered!.value).toBeLessThanOrEqual(1);
  expect(found.boxes!.pointing.mattered ?? found.boxes!.toldApart.mattered).toBeUndefined();

  const { all, boxes: boxed, others } = more.bounds!;
  // Dog and ball are what each photo's other caption names; only the first photo has boxes.
  expect([all.nouns, others!.nouns, boxed!.nouns]).toEqual([7, 4, 2]);
  expect(all.falls.attention!.value).toBeCloseTo(found.deletion.own.value, 4);
  expect(all.falls.posterior!.value).toBeCloseTo(found.posterior.deletion.own.value, 4);
  for (const { falls } of [all, others!, boxed!]) {
    for (const fall of Object.values(falls)) expect(falls.most!.value).toBeGreaterThanOrEqual(fall.value - 1e-9);
  }
  expect(found.bounds).toBeUndefined();
  expect(more.signature).toContain('|mattered:3x3-mean-colour|bounds:');
  expect(faithfulnessTable(more).join('\n')).toContain('the one with the thing in it');
});

it('makes a table and two plots of it', () => {
  const table = faithfulnessTable(found).join('\n');
  for (const { entropy } of [found, found.posterior]) expect(table).toContain(entropy.value.toFixed(3));
  expect(table).toContain(found.worth.ciderD.uniform.value.toFixed(3));
  const plots = faithfulnessPlots(found);
  expect(Object.keys(plots)).toEqual(['deletion.svg', 'worth.svg']);
  expect(plots['deletion.svg']!.match(/<circle/g)).toHaveLength(6);
});

it('stops, and refuses what cannot be measured', async () => {
  const signal = AbortSignal.abort();
  expect(await evaluateFaithfulness(model, photos, folder.path, { signal })).toBeUndefined();
  await expect(evaluateFaithfulness(model, photos.slice(0, 1), folder.path)).rejects.toThrow('two photos at least');
  const none = photos.map((photo) => ({ ...photo, captions: ['is on'] }));
  await expect(evaluateFaithfulness(model, none, folder.path)).rejects.toThrow('No caption has a noun');
  const blind = await loadCaptioner(await writeTinyModel(join(folder.path, 'blind'), { attention: 'none' }));
  await expect(evaluateFaithfulness(blind, photos, folder.path)).rejects.toThrow('no attention to measure');
  blind.dispose();
});
