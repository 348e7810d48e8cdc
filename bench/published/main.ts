// Published models at full size with drawn weights on our engine: how far from PyTorch, how long, how much memory.
//
//     main.js FOLDER add                keeps them as `attend models add` does, as float16
//     main.js FOLDER export             writes their graphs as ONNX, as `attend export` does, for ONNX Runtime in Python
//     main.js FOLDER measure MODEL [WIDTH]      measures one as it is loaded from there, a translator's search of a
//                                               width; prints JSON
//
// See bench/published.mjs.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../../src/engine/batches/padded-tokens.ts';
import { saveCheckpoint, type WeightArray } from '../../src/engine/checkpoint/checkpoint.ts';
import type { Json } from '../../src/engine/checkpoint/json.ts';
import { MANIFEST } from '../../src/engine/checkpoint/store.ts';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import { disposeResults, type Decoder, type DecoderStep } from '../../src/engine/decoding/decoder.ts';
import { textDecoder } from '../../src/engine/models/text-decoder.ts';
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
import type { GraphRunner } from '../../src/native/whole-graph.ts';
import { collectGraphs } from '../../src/training/portable/collect-graphs.ts';
import { onnxFiles, writeFiles } from '../../src/training/portable/portable-folder.ts';

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

const [folder = '', what, name = '', width = ''] = process.argv.slice(2);
const { name: backend } = await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
const idle = memoryInUse();
let peak = 0;
if (what === 'add') {
  await add('blip-base', 'vision-captioner', blip(), blipWeights);
  await add('opus-mt', 'transformer', marianConfig(json('opus-mt', 'config.json')), marianWeights);
} else if (what === 'export') {
  await exportGraphs('blip-base', async (config, parameters, runner) => {
    await loadNativeVision(new VisionCaptioner(config as never, parameters), runner);
  });
  await exportGraphs('opus-mt', async (config, parameters, runner) => {
    await loadNativeTranslator(new Transformer(config as never, parameters), {}, runner);
  });
} else {
  const begin = performance.now();
  const checkpoint = await loadAnyCheckpoint(added(name));
  const weights = [...checkpoint.weights.values()].reduce((sum, { size }) => sum + 4 * size, 0) / 1e6;
  const parameters = new Parameters(refuseDrawing, checkpoint.weights);
  const reference = json(name, 'reference.json') as Reference;
  const measure = name === 'blip-base' ? measureBlip : measureMarian;
  const measured = await measure(checkpoint.config as never, parameters, reference, begin);
  process.stdout.write(`${JSON.stringify({ backend, ...measured, weights, idle, peak })}\n`);
}

/** What the process has in memory, in MB. */
function memoryInUse(): number {
  return process.memoryUsage().rss / 1e6;
}

/** What it had at most until now. */
function notePeak(): void {
  peak = (process.resourceUsage().maxRSS * 1024) / 1e6;
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

/** Writes the graphs of a model into FOLDER/graphs/MODEL. */
async function exportGraphs(
  model: string,
  load: (config: unknown, parameters: Parameters, runner: GraphRunner) => Promise<void>,
): Promise<void> {
  const into = join(folder, 'graphs', model);
  if (existsSync(into)) return;
  const checkpoint = await loadAnyCheckpoint(added(model));
  const { graphs, runner } = collectGraphs();
  await load(checkpoint.config, new Parameters(refuseDrawing, checkpoint.weights), runner);
  mkdirSync(into, { recursive: true });
  await writeFiles(into, onnxFiles(graphs));
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

  const encoding = await fastest(async () => {
    const encoded = encoder.encode(pixels);
    await encoded.data();
    encoded.dispose();
  });
  const writing = await fastest(() => write(decoder(), 3));
  notePeak();
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
  return {
    apart: {
      'BLIP-base: vectors of the photo': difference(few, reference.vectors),
      'BLIP-base: log-probabilities': difference(every(logProbabilities, EVERY.logit), reference.logits),
      'BLIP-base: attention of 12 layers, a head of each': map,
    },
    milliseconds: {
      'BLIP-base, loading': loading,
      'BLIP-base, encoder': encoding,
      'BLIP-base, 20 tokens, beam 3': writing,
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
  const native = runner && (await loadNativeTranslator(model, {}, runner, { foresees: false }));
  if (!native) await prepareOperations();
  const loading = performance.now() - begin;
  const source = padTokens([reference.source]);
  const decoder = (): Decoder<unknown> => (native ? textDecoder(config, native, source) : model.decoder(source));
  const title = width === '1' ? 'greedy' : `beam ${width}`;
  const writing = await fastest(() => write(decoder(), Number(width)));
  notePeak();
  const { logProbabilities, weights } = await lastStep(decoder(), reference.fed);
  const heads = reference.cross.flat();
  const mean = heads[0]!.map((_, i) => heads.reduce((sum, head) => sum + head[i]!, 0) / heads.length);
  return {
    apart: {
      'opus-mt: log-probabilities': difference(every(logProbabilities, EVERY.logit), reference.logits),
      'opus-mt: mean attention of 6 layers, 8 heads': difference(weights, mean),
    },
    milliseconds: {
      [`opus-mt, loading, ${title}`]: loading,
      [`opus-mt, 20 tokens, ${title}`]: writing,
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

/** As many tokens as PyTorch writes: none may end before. */
async function write(decoder: Decoder<unknown>, width: number): Promise<void> {
  const options = { width, minLength: TOKENS, maxLength: TOKENS, lengthNormalisation: 1, refill: true };
  const [[best] = []] = await beamSearch(decoder, options);
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
