import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { EncoderMetadata } from '../../../src/engine/encoder/encoder-graph-model.ts';
import { loadEncoder } from '../../../src/engine/encoder/mobilenet-encoder.ts';
import { readEncoder } from '../../../src/model-folders/encoder-files.ts';
import { useTestBackend } from '../../support/backend.ts';
import { farthest, readJson, syntheticPixels } from './toy-encoder.ts';

useTestBackend();

/** What ONNX Runtime makes of an encoder.json (scripts/fixtures/make_encoder_vectors.py network). */
interface Vectors {
  name: string;
  size: number;
  shape: number[];
  pooled: number[];
  corners: Record<string, number[]>;
}

const models = fileURLToPath(new URL('../../../models', import.meta.url));
const fixtures = readdirSync(new URL('./fixtures', import.meta.url)).filter((name) => name.endsWith('.json'));
const vectors = fixtures.map((name) => readJson(name) as Vectors);
const shipped = existsSync(models)
  ? readdirSync(models).filter((name) => existsSync(join(models, name, 'encoder.json')))
  : [];

describe.skipIf(shipped.length === 0)('an encoder in models/', () => {
  test.each(shipped)("%s gives ONNX Runtime's grid", async (folder) => {
    const artifacts = await readEncoder(join(models, folder));
    const { name } = (artifacts.userDefinedMetadata as { encoder: EncoderMetadata }).encoder;
    const expected = vectors.find((fixture) => fixture.name === name);
    if (!expected) return expect.fail(`there is no fixture of ${name}: make one with make_encoder_vectors.py`);

    const encoder = await loadEncoder(artifacts);
    const grid = encoder.encode(syntheticPixels(1, expected.size));
    const [rows, columns] = encoder.grid;
    expect([1, rows, columns, encoder.channels]).toEqual(expected.shape);
    expect(farthest(await tf.mean(grid, 1).data(), expected.pooled)).toBeLessThan(1e-3);
    for (const [cell, values] of Object.entries(expected.corners)) {
      const [row, column] = cell.split(',').map(Number) as [number, number];
      const vector = tf.slice(grid, [0, row * columns + column, 0], [1, 1, values.length]);
      expect(farthest(await vector.data(), values)).toBeLessThan(1e-3);
    }
    encoder.dispose();
  });
});
