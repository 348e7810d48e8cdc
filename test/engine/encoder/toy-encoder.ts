import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { parseEncoderGraph } from '../../../src/engine/encoder/encoder-graph.ts';
import type { EncoderGraph } from '../../../src/engine/encoder/encoder-graph.ts';
import { pretrainedWeights } from '../../../src/engine/encoder/pretrained.ts';
import { parseSafetensors } from '../../../src/engine/published/safetensors.ts';

const at = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

export const readJson = (name: string): unknown => JSON.parse(readFileSync(at(name), 'utf8'));
export const readBytes = (name: string): Uint8Array => readFileSync(at(name));
export const toyFolder = at('toy').pathname;

/** A network of seven small layers of every kind, and what an independent runner makes of it. */
export function toyEncoder(): { graph: EncoderGraph; weights: Map<string, tf.Tensor> } {
  const graph = parseEncoderGraph(readJson('toy/graph.json'));
  return { graph, weights: pretrainedWeights(graph, parseSafetensors(readBytes('toy/model.safetensors'))) };
}

export interface ToyCase {
  size: number;
  batch: number;
  outputs: Record<string, { shape: number[]; values: number[] }>;
}

export const toyCases = readJson('toy/vectors.json') as ToyCase[];

/** The photos of the fixtures: pixel (b, y, x, c) = (3x + 5y + 40c + floor(xy / 16) + 91b) mod 256. */
export function syntheticPixels(batch: number, size: number): tf.Tensor4D {
  const values = new Float32Array(batch * size * size * 3);
  let i = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        for (let c = 0; c < 3; c++) {
          values[i++] = (3 * x + 5 * y + 40 * c + Math.floor((x * y) / 16) + 91 * b) % 256;
        }
      }
    }
  }
  return tf.tensor4d(values, [batch, size, size, 3]);
}

/** The largest |a - b|. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs((a[i] as number) - (b[i] as number)));
  return worst;
}
