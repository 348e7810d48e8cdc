import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaptioner, type CaptionerModel } from '../../src/captioning/captioner-model.ts';
import { asMap, fallsByCell, matteredMaps } from '../../src/captioning/mattered.ts';
import { blank } from '../../src/captioning/occlusion.ts';
import { encodeImages } from '../../src/captioning/search.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let model: CaptionerModel;
let path: string;
let pixels: Uint8Array;
beforeAll(async () => {
  folder = await temporaryFolder();
  model = await loadCaptioner(await writeTinyModel(folder.path));
  path = join(folder.path, 'photo.png');
  await writeTinyPhoto(path, 3);
  const size = model.encoder.inputSize;
  pixels = (await readPhoto(path, { size: [size, size] })).pixels;
});
afterAll(async () => {
  model.dispose();
  await folder.remove();
});

const WORDS = ['the', 'dog'];

/** log p of words and end, one step after the other. */
function logProbabilities(image: Uint8Array, ids: readonly number[]): number[] {
  return tf.tidy(() => {
    const decoder = model.decoder(encodeImages(model, [image], false)[0]!);
    let state = decoder.start();
    return [...ids, decoder.endToken].map((token, i) => {
      const step = decoder.step(state, Int32Array.of(i === 0 ? decoder.startToken : ids[i - 1]!));
      ({ state } = step);
      return step.logProbabilities.dataSync()[token]!;
    });
  });
}

describe('what mattered', () => {
  it('is how far each word falls without a cell and its neighbours', async () => {
    const ids = model.vocabulary.encode(WORDS);
    const [rows, columns] = model.grid;
    const [falls] = await fallsByCell(model, pixels, [ids]);
    const whole = logProbabilities(pixels, ids);
    for (const cell of [0, columns + 1, rows * columns - 1]) {
      const [row, column] = [Math.floor(cell / columns), cell % columns];
      const cells = Array.from({ length: rows * columns }, (_, other) => other).filter(
        (other) => Math.abs(Math.floor(other / columns) - row) < 2 && Math.abs((other % columns) - column) < 2,
      );
      const without = logProbabilities(blank(pixels, model.encoder.inputSize, model.grid, cells), ids);
      for (const [token, own] of falls!.entries()) expect(own[cell]).toBeCloseTo(whole[token]! - without[token]!, 4);
    }
    expect(falls).toHaveLength(ids.length + 1);
  });

  it('of a cell alone is another thing, and no cell is left out by batches', async () => {
    const ids = model.vocabulary.encode(WORDS);
    const done: number[] = [];
    const [alone] = await fallsByCell(model, pixels, [ids], { reach: 0, onCells: (count) => done.push(count) });
    const [wide] = await fallsByCell(model, pixels, [ids]);
    expect(alone).not.toEqual(wide);
    expect(done.at(-1)).toBe(model.grid[0] * model.grid[1]);
  });

  it('is a map for each word, which sums to 1, and leaves no tensors', async () => {
    const ids = model.vocabulary.encode(WORDS);
    const [maps = []] = await expectNoLeak(() => matteredMaps(model, pixels, [ids]));
    expect(maps).toHaveLength(WORDS.length);
    for (const map of maps) expect(map.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
  });

  it('counts no rise, and is the same everywhere where nothing falls', () => {
    expect(asMap([3, -2, 1])).toEqual([0.75, 0, 0.25]);
    expect(asMap([-1, 0])).toEqual([0.5, 0.5]);
  });

  it('stops between cells', async () => {
    const controller = new AbortController();
    const onCells = (): void => controller.abort(new Error('enough'));
    const { signal } = controller;
    // More cells than a batch has.
    const wide = { ...model, grid: [4, 4] as const };
    await expect(fallsByCell(wide, pixels, [[3]], { onCells, signal })).rejects.toThrow('enough');
  });
});
