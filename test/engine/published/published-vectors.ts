import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import type { WeightArray } from '../../../src/engine/checkpoint/checkpoint.ts';
import { Parameters } from '../../../src/engine/parameters.ts';

/** The files of a published model's fixture. */
export function fixture(folder: string): { bytes: (name: string) => Uint8Array; json: (name: string) => unknown } {
  const bytes = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${folder}/${name}`, import.meta.url));
  return { bytes, json: (name) => JSON.parse(new TextDecoder().decode(bytes(name))) as unknown };
}

/** A model of given weights; it must take all of them. */
export function withWeights<T>(
  weights: ReadonlyMap<string, WeightArray>,
  make: (parameters: Parameters) => T,
): { model: T; parameters: Parameters } {
  const tensors = new Map([...weights].map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]));
  const parameters = new Parameters(() => 0, tensors);
  const model = make(parameters);
  expect(new Set(parameters.entries().map(([name]) => name))).toEqual(new Set(weights.keys()));
  tf.dispose([...tensors.values()]);
  return { model, parameters };
}

/** The largest difference of two lists of numbers, however they are nested. */
export function difference(ours: unknown, theirs: unknown): number {
  if (!Array.isArray(theirs)) return Math.abs((ours as number) - (theirs as number));
  expect((ours as unknown[]).length).toBe(theirs.length);
  return theirs.reduce<number>((most, item, i) => Math.max(most, difference((ours as unknown[])[i], item)), 0);
}

/** log p of scores. */
export function logSoftmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const total = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
  return scores.map((score) => score - total);
}

/** What `transformers` computed of a captioner. */
export interface CaptionerVectors {
  /** 8-bit pixels of the model's size, as the image processor makes them of `photo.png`. */
  pixels: number[];
  fed: number[];
  logits: number[][];
  encoder: number[][][][];
  decoder: number[][][][];
  cross: number[][][][];
  prompts: { prompt: string; given: number[]; beams: { tokens: number[]; score: number }[]; text: string }[];
}
