// Published models at full size with drawn weights on our engine: how far from PyTorch, how long, how much memory.
//
//     main.js FOLDER add                keeps them as `attend models add` does, as float16
//     main.js FOLDER measure MODEL      measures one as it is loaded from there; prints JSON
//
// See bench/published.mjs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../../src/engine/batches/padded-tokens.ts';
import { saveCheckpoint, type WeightArray } from '../../src/engine/checkpoint/checkpoint.ts';
import type { Json } from '../../src/engine/checkpoint/json.ts';
import { MANIFEST } from '../../src/engine/checkpoint/store.ts';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import { disposeResults, type Decoder, type DecoderStep } from '../../src/engine/decoding/decoder.ts';
import { TextDecoder } from '../../src/engine/models/text-decoder.ts';
import { Transformer, type TransformerConfig } from '../../src/engine/models/transformer.ts';
import { VisionCaptioner, type VisionCaptionerConfig } from '../../src/engine/models/vision-captioner.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { blipConfig, blipWeights } from '../../src/engine/published/blip.ts';
import { marianConfig, marianWeights } from '../../src/engine/published/marian.ts';
import { parseSafetensors } from '../../src/engine/published/safetensors.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import { loadAnyCheckpoint } from '../../src/model-folders/load-any-checkpoint.ts';
import { refuseDrawing } from '../../src/model-folders/model-files.ts';
import { graphRunner, parseBackendName, prepareOperations, useBackend } from '../../src/native/backend.ts';
import { loadNativeTranslator } from '../../src/native/translator-graphs.ts';
import { loadNativeVision } from '../../src/native/vision-graphs.ts';

const TOKENS = 20;
const RUNS = 5;
/** Of a photo's vectors, every so manyeth is compared, and of one every so manyeth number; of logits and locations too. */
const EVERY = { vector: 48, number: 64, logit: 97, location: 13 };

interface Reference {
  preprocessing: { mean: number[]; deviation: number[] };
  source: number[];
  fed: number[];
  vectors: number[][];
  /** log p after all that was fed. */
  logits: number[];
  /** Layers x heads x locations, of which BLIP's has some. */
  cross: number[][][];
}

/** What is measured of a model. */
interface Measured {
  apart: Record<string, number>;
  milliseconds: Record<string, number>;
}

const [folder = '', what, name = ''] = process.argv.slice(2);
const { name: backend } = await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
if (what === 'add') {
  await add('blip-base', 'vision-captioner', blip(), blipWeights);
  await add('opus-mt', 'transformer', marianConfig(json('opus-mt', 'config.json')), marianWeights);
} else {
  const begin = performance.now();
  const checkpoint = await loadAnyCheckpoint(added(name));
  const weights = [...checkpoint.weights.values()].reduce((sum, { size }) => sum + 4 * size, 0) / 1e6;
  const parameters = new Parameters(refuseDrawing, checkpoint.weights);
  const reference = json(name, 'reference.json') as Reference;
  const measure = name === 'blip-base' ? measureBlip : measureMarian;
  const measured = await measure(checkpoint.config as never, parameters, reference, begin);
  const peak = (process.resourceUsage().maxRSS * 1024) / 1e6;
  process.stdout.write(`${JSON.stringify({ backend, ...measured, weights, peak })}\n`);
}

function added(model: string): string {
  return join(folder, 'added', model);
}

function json(model: string, file: string): unknown {
  return JSON.parse(readFileSync(join(folder, model, file), 'utf8')) as unknown;
}

function blip(): VisionCaptionerConfig {
  const { preprocessing } = json('blip-base', 'reference.json') as Reference;
  return blipConfig(json('blip-base', 'config.json'), { resample: 'cubic', ...preprocessing });
}

async function add<Config>(
  model: string,
  architecture: string,
  config: Config,
  read: (tensors: ReturnType<typeof parseSafetensors>, config: Config) => Map<string, WeightArray>,
): Promise<void> {
  if (existsSync(join(added(model), MANIFEST))) return;
  await saveCheckpoint(new DirectoryStore(added(model)), {
    architecture,
    config: config as Json,
    metadata: { published: { name: model } },
    weights: read(parseSafetensors(readFileSync(join(folder, model, 'model.safetensors'))), config),
    precision: 'float16',
  });
}

async function measureBlip(
  config: VisionCaptionerConfig,
  parameters: Parameters,
  reference: Reference,
  begin: number,
): Promise<Measured> {
  const model = new VisionCaptioner(config, parameters);
  const runner = graphRunner();
  const native = runner && (await loadNativeVision(model, runner));
  if (!native) await prepareOperations();
  const loading = performance.now() - begin;
  const encoder = native?.encoder ?? model.vision;
  const pixels = tf.tensor4d(readFileSync(join(folder, name, 'pixels.bin')), [1, 384, 384, 3]);
  const grid = encoder.encode(pixels);
  const decoder = (looks = {}): Decoder<unknown> => model.decoder(grid, looks, { steps: native?.steps });

  const vectors = every((await grid.array())[0]!, EVERY.vector);
  const few = vectors.map((row) => every(row, EVERY.number));
  const { logProbabilities } = await lastStep(decoder(), reference.fed);
  let map = 0;
  for (const layer of reference.cross.keys()) {
    // Another head of each layer. The class's vector is the first; a map has what the patches got.
    const head = layer % config.writer.heads;
    const [ofClass = 0, ...theirs] = reference.cross[layer]![head]!;
    const { weights } = await lastStep(decoder({ layer, head }), reference.fed);
    const own = every([0, ...weights], EVERY.location).slice(1);
    map = Math.max(
      map,
      difference(
        own,
        theirs.map((weight) => weight / (1 - ofClass)),
      ),
    );
  }
  const encoding = await fastest(async () => {
    const encoded = encoder.encode(pixels);
    await encoded.data();
    encoded.dispose();
  });
  return {
    apart: {
      'BLIP-base: vectors of the photo': difference(few, reference.vectors),
      'BLIP-base: log-probabilities': difference(every(logProbabilities, EVERY.logit), reference.logits),
      'BLIP-base: attention of 12 layers, a head of each': map,
    },
    milliseconds: {
      'BLIP-base, loading': loading,
      'BLIP-base, encoder': encoding,
      'BLIP-base, 20 tokens, beam 3': await fastest(() => write(decoder(), 3, config.endToken)),
    },
  };
}

async function measureMarian(
  config: TransformerConfig,
  parameters: Parameters,
  reference: Reference,
  begin: number,
): Promise<Measured> {
  const model = new Transformer(config, parameters);
  const runner = graphRunner();
  const native = runner && (await loadNativeTranslator(model, {}, runner));
  if (!native) await prepareOperations();
  const loading = performance.now() - begin;
  const source = padTokens([reference.source]);
  const decoder = (): Decoder<unknown> => (native ? new TextDecoder(config, native, source) : model.decoder(source));
  const { logProbabilities, weights } = await lastStep(decoder(), reference.fed);
  const heads = reference.cross.flat();
  const mean = heads[0]!.map((_, i) => heads.reduce((sum, head) => sum + head[i]!, 0) / heads.length);
  return {
    apart: {
      'opus-mt: log-probabilities': difference(every(logProbabilities, EVERY.logit), reference.logits),
      'opus-mt: mean attention of 6 layers, 8 heads': difference(weights, mean),
    },
    milliseconds: {
      'opus-mt, loading': loading,
      'opus-mt, 20 tokens, greedy': await fastest(() => write(decoder(), 1, config.endToken)),
      'opus-mt, 20 tokens, beam 4': await fastest(() => write(decoder(), 4, config.endToken)),
    },
  };
}

/** What a decoder says after all tokens that are fed. */
async function lastStep<State>(
  decoder: Decoder<State>,
  fed: readonly number[],
): Promise<{ logProbabilities: number[]; weights: number[] }> {
  let state = decoder.start();
  let last: DecoderStep<State> | undefined;
  for (const token of fed) {
    if (last) disposeResults(last);
    last = decoder.step(state, Int32Array.of(token));
    decoder.dispose(state);
    state = last.state;
  }
  decoder.dispose(state);
  const found = {
    logProbabilities: Array.from(await last!.logProbabilities.data()),
    weights: Array.from(await last!.weights!.data()),
  };
  disposeResults(last!);
  return found;
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

function difference(ours: unknown, theirs: unknown): number {
  if (!Array.isArray(theirs)) return Math.abs((ours as number) - (theirs as number));
  const list = ours as unknown[];
  if (list.length !== theirs.length) throw new Error(`${list.length} numbers stand against ${theirs.length}.`);
  return theirs.reduce<number>((most, item, i) => Math.max(most, difference(list[i], item)), 0);
}
