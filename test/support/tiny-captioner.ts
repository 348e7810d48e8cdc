import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import * as tf from '@tensorflow/tfjs-core';
import { saveCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { combineEncoders } from '../../src/engine/encoder/combine-encoders.ts';
import { encode } from '../../src/engine/encoder/encoder-graph.ts';
import { Captioner, type CaptionerConfig } from '../../src/engine/models/captioner.ts';
import { Parameters, type Initializer } from '../../src/engine/parameters.ts';
import { Random } from '../../src/engine/random.ts';
import { END, START, UNKNOWN } from '../../src/engine/text/vocabulary.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import { exportCaptioner, type ExportOptions } from '../../src/training/captioner/export-captioner.ts';
import { toyEncoder } from '../engine/encoder/toy-encoder.ts';

/** The words of the tiny captioner, special tokens first; enough to be taken for English. */
export const TINY_WORDS = [
  ...[START, END, UNKNOWN],
  ...'a dog runs in the snow with ball child and of on is'.split(' '),
];

/**
 * Writes what a training run leaves: a captioner of random weights over the toy encoder. Its captions are
 * nonsense, but they differ from photo to photo and every rule has something to do.
 * @param folder the run's; the checkpoint is in `final`
 */
export async function writeTinyRun(
  folder: string,
  attention: CaptionerConfig['attention'] = 'soft',
  { query, encoders = 1 }: { query?: CaptionerConfig['query']; encoders?: number } = {},
): Promise<void> {
  const parts = Array.from({ length: encoders }, (_, i) => {
    const { graph, weights } = toyEncoder();
    return { graph: i === 0 ? graph : { ...graph, name: `${graph.name}-${i}` }, weights };
  });
  const { graph, weights } = combineEncoders(parts);
  const size = graph.input.size;
  const [, rows, columns, channels] = tf.tidy(() => encode(graph, weights, tf.zeros([1, size, size, 3])).shape);
  const config: CaptionerConfig = {
    vocabularySize: TINY_WORDS.length,
    startToken: 0,
    endToken: 1,
    grid: [rows, columns],
    featureSize: channels,
    annotationSize: 6,
    attention,
    ...(query && { query }),
    attentionSize: 5,
    hiddenSize: 8,
    embeddingSize: 7,
  };
  const random = new Random(7);
  const parameters = new Parameters(random.next);
  new Captioner(config, parameters);
  const loud: Initializer = (shape) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 3 * (random.next() - 0.5));
  await saveCheckpoint(new DirectoryStore(join(folder, 'final')), {
    architecture: 'captioner',
    config: config as never,
    metadata: { vocabulary: TINY_WORDS, encoder: graph, run: { name: 'tiny' } } as never,
    weights: [
      ...parameters.entries().map(([name, { shape }]) => [name, { shape, data: loud(shape, random.next) }] as const),
      ...[...weights].map(([name, tensor]) => [`encoder/${name}`, tensor] as const),
    ],
    precision: 'float32',
  });
  parameters.dispose();
  tf.dispose([...weights.values()]);
}

/** Writes a model folder of the tiny captioner and returns its path, `FOLDER/captioner-tiny`. */
export async function writeTinyModel(
  folder: string,
  options: ExportOptions & { attention?: CaptionerConfig['attention'] } = {},
): Promise<string> {
  const { attention, ...rest } = options;
  await writeTinyRun(join(folder, 'run'), attention);
  const model = join(folder, 'captioner-tiny');
  await exportCaptioner(join(folder, 'run'), model, rest);
  return model;
}

/** Writes a small photo: a gradient whose colours depend on `seed`. */
export async function writeTinyPhoto(path: string, seed: number, width = 40, height = 30): Promise<void> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    pixels[i] = (x * (3 + seed) + y * (7 + 2 * seed) + (i % 3) * 50 * seed + 37 * seed) % 256;
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .toFormat(path.endsWith('.jpg') ? 'jpeg' : 'png')
    .toFile(path);
}

/** A folder of its own, and how to remove it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'attend-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
