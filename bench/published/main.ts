// Published models at full size with drawn weights on our engine: how far from PyTorch, how long, how much memory.
// Prints JSON; see bench/published.mjs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../../src/engine/batches/padded-tokens.ts';
import type { WeightArray } from '../../src/engine/checkpoint/checkpoint.ts';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';
import { Transformer } from '../../src/engine/models/transformer.ts';
import { VisionCaptioner } from '../../src/engine/models/vision-captioner.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { blipConfig, blipWeights } from '../../src/engine/published/blip.ts';
import { marianConfig, marianWeights } from '../../src/engine/published/marian.ts';
import { parseSafetensors } from '../../src/engine/published/safetensors.ts';
import { parseBackendName, prepareOperations, useBackend } from '../../src/native/backend.ts';

const TOKENS = 20;
const RUNS = 3;

interface Reference {
  preprocessing: { mean: number[]; deviation: number[] };
  source: number[];
  fed: number[];
  /** Every 48th vector's every 64th number. */
  vectors: number[][];
  /** log p of every 97th token, after all that was fed. */
  logits: number[];
  /** Layers x heads x locations, of which BLIP's has every 13th. */
  cross: number[][][];
}

const [folder = ''] = process.argv.slice(2);
const { name: backend } = await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
await prepareOperations();
const apart: Record<string, number> = {};
const milliseconds: Record<string, number> = {};
const weights: Record<string, number> = {};
const peaks: Record<string, number> = {};

await blip();
await marian();
process.stdout.write(`${JSON.stringify({ backend, apart, milliseconds, weights, peaks })}\n`);

async function blip(): Promise<void> {
  const { json, tensors } = read('blip-base');
  const reference = json('reference.json') as Reference;
  const config = blipConfig(json('config.json'), { resample: 'cubic', ...reference.preprocessing });
  const { bytes, model, parameters } = made(blipWeights(tensors(), config), (own) => new VisionCaptioner(config, own));
  weights['BLIP-base'] = bytes / 1e6;
  const pixels = tf.tensor4d(readFileSync(join(folder, 'blip-base', 'pixels.bin')), [1, 384, 384, 3]);

  const grid = model.vision.encode(pixels);
  const vectors = (await grid.array())[0]!.filter((_, i) => i % 48 === 0);
  const few = vectors.map((row) => row.filter((_, i) => i % 64 === 0));
  apart['BLIP-base: vectors of the photo'] = difference(few, reference.vectors);
  const last = await lastStep(model.decoder(grid), reference.fed);
  apart['BLIP-base: log-probabilities'] = difference(every(last, 97), reference.logits);
  const maps = model.attentionMaps(pixels, reference.fed.slice(1));
  const cross = await Promise.all(
    maps.cross.map(async (layer) => (await layer.array())[0]!.map((head) => head.at(-1)!)),
  );
  apart['BLIP-base: attention of 12 layers and heads'] = difference(
    cross.map((layer) => layer.map((head) => every(head, 13))),
    reference.cross,
  );
  tf.dispose([maps.cross, maps.encoder, maps.decoder]);

  milliseconds['BLIP-base, encoder'] = await fastest(async () => {
    const encoded = model.vision.encode(pixels);
    await encoded.data();
    encoded.dispose();
  });
  milliseconds['BLIP-base, 20 tokens, beam 3'] = await fastest(() => write(model.decoder(grid), 3, config.endToken));
  peaks['BLIP-base'] = peak();
  tf.dispose([grid, pixels]);
  parameters.dispose();
}

async function marian(): Promise<void> {
  const { json, tensors } = read('opus-mt');
  const reference = json('reference.json') as Reference;
  const config = marianConfig(json('config.json'));
  const { bytes, model, parameters } = made(marianWeights(tensors(), config), (own) => new Transformer(config, own));
  weights['opus-mt'] = bytes / 1e6;
  const source = padTokens([reference.source]);

  const last = await lastStep(model.decoder(source), reference.fed);
  apart['opus-mt: log-probabilities'] = difference(every(last, 97), reference.logits);
  const layers = reference.cross.map(async (heads, layer) =>
    Promise.all(heads.map(async (theirs, head) => difference(await look(layer, head), theirs))),
  );
  apart['opus-mt: attention of 6 layers, 8 heads'] = Math.max(...(await Promise.all(layers)).flat());

  milliseconds['opus-mt, 20 tokens, greedy'] = await fastest(() => write(model.decoder(source), 1, config.endToken));
  milliseconds['opus-mt, 20 tokens, beam 4'] = await fastest(() => write(model.decoder(source), 4, config.endToken));
  peaks['opus-mt'] = peak();
  parameters.dispose();

  async function look(layer: number, head: number): Promise<number[]> {
    const decoder = model.decoder(source, { layer, head });
    let weightsOf: number[] = [];
    await walk(decoder, reference.fed, (step) => {
      weightsOf = Array.from(step.weights!.dataSync());
    });
    return weightsOf;
  }
}

function read(name: string): { json: (file: string) => unknown; tensors: () => ReturnType<typeof parseSafetensors> } {
  const path = (file: string): string => join(folder, name, file);
  return {
    json: (file) => JSON.parse(readFileSync(path(file), 'utf8')) as unknown,
    tensors: () => parseSafetensors(readFileSync(path('model.safetensors'))),
  };
}

function made<T>(
  arrays: ReadonlyMap<string, WeightArray>,
  make: (parameters: Parameters) => T,
): { model: T; parameters: Parameters; bytes: number } {
  const tensors = new Map([...arrays].map(([name, { data, shape }]) => [name, tf.tensor(data, shape, 'float32')]));
  const parameters = new Parameters(() => 0, tensors);
  const model = make(parameters);
  // The parameters have handles of their own by now.
  tf.dispose([...tensors.values()]);
  return { model, parameters, bytes: [...arrays.values()].reduce((sum, { data }) => sum + 4 * data.length, 0) };
}

async function walk<State>(
  decoder: Decoder<State>,
  fed: readonly number[],
  see: (step: ReturnType<Decoder<State>['step']>) => void,
): Promise<void> {
  let state = decoder.start();
  for (const token of fed) {
    const next = decoder.step(state, Int32Array.of(token));
    decoder.dispose(state);
    state = next.state;
    see(next);
    tf.dispose([next.logProbabilities, next.weights ?? [], next.likeliest ?? {}]);
  }
  decoder.dispose(state);
  await Promise.resolve();
}

async function lastStep(decoder: Decoder<unknown>, fed: readonly number[]): Promise<number[]> {
  let last: number[] = [];
  await walk(decoder, fed, ({ logProbabilities }) => {
    last = Array.from(logProbabilities.dataSync());
  });
  return last;
}

/** As many tokens as PyTorch writes: none may end. */
async function write(decoder: Decoder<unknown>, width: number, endToken: number): Promise<void> {
  const unending: Decoder<unknown> = new Proxy(decoder, {
    get: (target, key) => {
      if (key === 'endToken') return -1;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  const options = { width, maxLength: TOKENS, lengthNormalisation: 1, forbidden: [endToken], refill: true };
  const [[best] = []] = await beamSearch(unending, options);
  if (best?.tokens.length !== TOKENS) throw new Error(`${best?.tokens.length} tokens were written.`);
}

async function fastest(run: () => Promise<void>): Promise<number> {
  await run();
  let least = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const begin = performance.now();
    await run();
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

function every<T>(list: readonly T[], step: number): T[] {
  return list.filter((_, i) => i % step === 0);
}

/** Of the process so far, in MB. */
function peak(): number {
  return process.resourceUsage().maxRSS / 1000;
}

function difference(ours: unknown, theirs: unknown): number {
  if (!Array.isArray(theirs)) return Math.abs((ours as number) - (theirs as number));
  const list = ours as unknown[];
  if (list.length !== theirs.length) throw new Error(`${list.length} numbers stand against ${theirs.length}.`);
  return theirs.reduce<number>((most, item, i) => Math.max(most, difference(list[i], item)), 0);
}
