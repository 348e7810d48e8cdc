import { basename, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../contract/constants/backends.ts';
import type { DeviceName } from '../contract/constants/devices.ts';
import { graphRunner, prepareOperations, useBackend } from '../native/backend.ts';
import { wantedDevice } from '../native/device.ts';
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import type { EncoderGraph } from '../engine/encoder/encoder-graph.ts';
import { parseEncoderGraph } from '../engine/encoder/encoder-graph.ts';
import type { Encoder } from '../engine/encoder/encoder.ts';
import { encoderGraphModel } from '../engine/encoder/encoder-graph-model.ts';
import { fromFiles } from '../engine/graph/tfjs-graph-model.ts';
import { captionerDecoder } from '../engine/models/captioner-decoder.ts';
import { Captioner, type CaptionerConfig } from '../engine/models/captioner.ts';
import { DescribedWords } from '../engine/models/described-words.ts';
import { Parameters } from '../engine/parameters.ts';
import { Vocabulary } from '../engine/text/vocabulary.ts';
import { usualDecoding, type DecodingDefaults } from './decoding-defaults.ts';
import { readCalibration } from './confidence/calibration.ts';
import { replaceAttention } from './faithfulness/replaced-attention.ts';
import {
  allKeys,
  assertOneOf,
  assertOnly,
  assertTruth,
  assertWithin,
  BEAM,
  type Bounds,
  NORMALISATION,
  SIZE,
  TOKENS,
} from '../model-folders/bounds.ts';
import { loadAnyCheckpoint, readAnyCheckpoint } from '../model-folders/load-any-checkpoint.ts';
import { SHOW_ATTEND_TELL, VISION_ARCHITECTURE } from '../model-folders/published/architectures.ts';
import type { CaptionerModel } from './ready-captioner.ts';
import { ENCODER_FILE, ENCODER_WEIGHTS_FILE, encoderFolder } from '../model-folders/encoder-files.ts';
import {
  checkpointFiles,
  keyOf,
  loadingFrom,
  readChecked,
  refuseDrawing,
  type ModelFile,
} from '../model-folders/model-files.ts';
import { loadNativeCaptioner } from '../native/captioner-graphs.ts';
import { loadNativeEncoder } from '../native/encoder-graph.ts';
import type { GraphOrigin } from '../native/whole-graph.ts';
import { withSteps, type EncoderAndSteps } from './with-steps.ts';

export type { CaptionerModel };

/** What a checkpoint of a captioner calls its architecture. */
export const ARCHITECTURE = 'captioner';
/** How a training run's checkpoint names the encoder's weights. */
export const ENCODER_PREFIX = 'encoder/';

/** What `model.json` of a shipped captioner says beside architecture and weights. */
export interface CaptionerMetadata {
  /** All words in the order of their ids. */
  vocabulary: string[];
  /** How a photo becomes pixels: squashed whole to size x size, sRGB, 0..255. */
  preprocessing: { size: number; resize: 'squash'; colour: 'sRGB'; range: [number, number] };
  decoding: DecodingDefaults;
  /** Words that photos are described with, in the order of `DescribedWords`' columns; left out: the model has none. */
  described?: string[];
  encoder: {
    name: string;
    files: ModelFile[];
    /** The name of the captioner in whose folder these files lie, where the encoder is another's; left out: in its own. */
    of?: string;
  };
  /** Where the model comes from: the training run's configuration and, where they were given, its scores. */
  card: Record<string, unknown>;
}

export interface LoadCaptionerOptions {
  /** Whether what was fitted of its confidence is left aside. */
  withoutCalibration?: boolean;
  /** Where photos are encoded; default: as `useDevice` was told. */
  device?: DeviceName;
  /** Whether its encoder may be loaded for a graphics card as well (`loadEncoder`); default: where `device` is none but the processor. */
  forCards?: boolean;
}

/**
 * Loads a captioner: a shipped model's folder (see `exportCaptioner`), or a checkpoint of a training run
 * (`runs/NAME/final`), on the backend that runs, or else on the best there is.
 *
 * @throws Error that names the folder and what is wrong: a missing or damaged file, another kind of model
 */
export async function loadCaptioner(folder: string, options: LoadCaptionerOptions = {}): Promise<CaptionerModel> {
  const { name: backend } = await useBackend();
  const { device = wantedDevice() } = options;
  const model = await loadingFrom(folder, () => load(folder, backend, { ...options, device }));
  if (device === 'cpu') return model;
  // What tries cards takes a while to load, and few have one.
  const { encodeOnCard } = await import('./encode-on-card.ts');
  return encodeOnCard(model, device);
}

/**
 * Reads every file of a captioner and compares it with its checksum, without a backend.
 * @throws Error that names the first file that is missing or damaged
 */
export async function checkCaptioner(folder: string): Promise<ModelFile[]> {
  const checkpoint = await readAnyCheckpoint(folder);
  if (checkpoint.architecture === VISION_ARCHITECTURE) {
    const { checkVisionCaptioner } = await import('./vision-captioner-model.ts');
    return checkVisionCaptioner(checkpoint, folder);
  }
  if (checkpoint.architecture === SHOW_ATTEND_TELL) return checkpointFiles(checkpoint);
  describeCaptioner(checkpoint);
  const { encoder } = checkpoint.metadata as Partial<CaptionerMetadata>;
  const files = isTrained(checkpoint) ? [] : encoderFiles(encoder?.files);
  const home = encoderFolder(folder, encoder?.of);
  for (const file of files) await readChecked(home, file);
  return [...checkpointFiles(checkpoint), ...files];
}

async function load(
  folder: string,
  backend: BackendName,
  { device = 'cpu', forCards = device !== 'cpu', withoutCalibration }: LoadCaptionerOptions,
): Promise<CaptionerModel> {
  let encoderAhead: Promise<EncoderBytes> | undefined;
  const checkpoint = await loadAnyCheckpoint(folder, (description) => {
    if (description.architecture !== ARCHITECTURE || isTrained(description)) return;
    encoderAhead = readEncoderFiles(description, folder);
    // Who waits for it is told what is wrong.
    encoderAhead.catch(() => undefined);
    const { encoder } = description.metadata as Partial<CaptionerMetadata>;
    graphRunner()?.expect?.(GRAPHS, keyOf([...checkpointFiles(description), ...encoderFiles(encoder?.files)]));
  });
  // Other models than the one at hand are not waited for.
  if (checkpoint.architecture === VISION_ARCHITECTURE) {
    const { loadVisionCaptioner } = await import('./vision-captioner-model.ts');
    return loadVisionCaptioner(checkpoint, folder, backend);
  }
  if (checkpoint.architecture === SHOW_ATTEND_TELL) {
    const { loadShowAttendTell } = await import('./show-attend-tell-model.ts');
    return loadShowAttendTell(checkpoint, folder, backend);
  }
  let parameters: Parameters | undefined;
  let running: Running | undefined;
  try {
    const { vocabulary: words, config } = describeCaptioner(checkpoint);
    const vocabulary = new Vocabulary(words);
    const { artifacts, decoding, name, files } = isTrained(checkpoint)
      ? await fromTraining(checkpoint, words)
      : await fromShipped(checkpoint, words, encoderAhead ?? readEncoderFiles(checkpoint, folder));

    parameters = new Parameters(refuseDrawing, checkpoint.weights);
    const captioner = new Captioner(config, parameters);
    const described = describedWords(checkpoint, vocabulary, config);
    const all = [...checkpointFiles(checkpoint), ...files];
    // A run's checkpoints are many, and each is loaded once or twice.
    const origin = isTrained(checkpoint)
      ? undefined
      : { key: keyOf(all), weights: parameters.entries().map(([, weight]) => weight) };
    running = await run(captioner, artifacts, origin);
    const { encoder, steps, wholeGraph } = running;
    assertFits(config, encoder, vocabulary);
    refuseOtherPixels(checkpoint, encoder);
    const calibration = withoutCalibration ? null : await readCalibration(folder, all);
    const [kept, loaded] = [parameters, running];
    return {
      name: name ?? basename(resolve(folder)),
      folder,
      captioner,
      vocabulary,
      decoding,
      backend,
      encoder,
      // Else nobody needs the encoder's weights any more.
      ...(forCards && { loadEncoder: (runner) => loadNativeEncoder(artifacts, runner) }),
      steps,
      wholeGraph,
      files: all,
      calibration,
      grid: config.grid,
      hasMaps: config.attention !== 'none',
      decoder: (grids, { everywhereAlike = false, steps: own = steps } = {}) =>
        captionerDecoder(config, everywhereAlike ? replaceAttention(own, 'uniform') : own, grids, described),
      dispose() {
        kept.dispose();
        loaded.dispose();
      },
    };
  } catch (error) {
    parameters?.dispose();
    running?.dispose();
    throw error;
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
  }
}

/** @throws Error where model.json names words that are none of the model's, or weights are missing */
function describedWords(
  { metadata, weights }: Checkpoint<tf.Tensor>,
  vocabulary: Vocabulary,
  config: CaptionerConfig,
): DescribedWords | undefined {
  const { described } = metadata as { described?: unknown };
  if (described === undefined) return undefined;
  if (!Array.isArray(described) || !described.every((word) => typeof word === 'string' && vocabulary.has(word))) {
    throw new Error("model.json's described must be a list of the model's words.");
  }
  if (new Set(described).size < described.length) throw new Error("A word occurs twice in model.json's described.");
  return new DescribedWords(
    weights,
    described.map((word: string) => vocabulary.id(word)),
    config,
  );
}

/** A checkpoint without its weights. */
type Described = Pick<Checkpoint<unknown>, 'metadata'>;

interface EncoderSource {
  artifacts: tf.io.ModelArtifacts;
  decoding: DecodingDefaults;
  /** Where the model knows its name better than its folder does. */
  name?: string;
  files: ModelFile[];
}

/** The graphs of a captioner that are kept. */
const GRAPHS = ['encoder', 'search'];

/** An encoder's files, whose checksums were right. */
interface EncoderBytes {
  files: ModelFile[];
  json: Uint8Array;
  weights: Uint8Array;
}

async function readEncoderFiles({ metadata }: Described, folder: string): Promise<EncoderBytes> {
  const { encoder } = metadata as Partial<CaptionerMetadata>;
  const files = encoderFiles(encoder?.files);
  const home = encoderFolder(folder, encoder?.of);
  const bytesOf = async (name: string): Promise<Uint8Array> => {
    const expected = files.find(({ file }) => file === name);
    if (!expected) throw new Error(`model.json does not list ${name}.`);
    return readChecked(home, expected);
  };
  const [json, weights] = await Promise.all([bytesOf(ENCODER_FILE), bytesOf(ENCODER_WEIGHTS_FILE)]);
  return { files, json, weights };
}

async function fromShipped(
  { metadata }: Described,
  words: readonly string[],
  encoder: Promise<EncoderBytes>,
): Promise<EncoderSource> {
  const { decoding } = metadata as Partial<CaptionerMetadata>;
  const { files, ...bytes } = await encoder;
  const artifacts = fromFiles(bytes);
  const usual = usualDecoding(words);
  assertOnly('decoding', decoding, DECODING);
  return { artifacts, decoding: checkDecoding({ ...usual, ...decoding }), files };
}

async function fromTraining(checkpoint: Checkpoint<tf.Tensor>, words: readonly string[]): Promise<EncoderSource> {
  const { run } = checkpoint.metadata as { run?: { name?: string } };
  const artifacts = await trainedEncoder(checkpoint);
  return { artifacts, decoding: usualDecoding(words), files: [], ...(run?.name ? { name: run.name } : {}) };
}

/** The parts that every captioner's checkpoint has. @throws Error where it is something else */
export function describeCaptioner({ architecture, config, metadata }: Checkpoint<unknown>): {
  vocabulary: string[];
  config: CaptionerConfig;
} {
  if (architecture !== ARCHITECTURE) throw new Error(`It is a "${architecture}", not a captioner.`);
  const { vocabulary } = metadata as { vocabulary?: unknown };
  if (!Array.isArray(vocabulary) || !vocabulary.every((word) => typeof word === 'string')) {
    throw new Error('model.json holds no vocabulary.');
  }
  const shape = config as unknown as Partial<CaptionerConfig> | null;
  if (typeof shape?.vocabularySize !== 'number' || !Array.isArray(shape.grid)) {
    throw new Error('model.json does not say what shape the captioner has.');
  }
  assertOnly('config', shape, CONFIG);
  assertWithin('config', shape, {
    vocabularySize: TOKENS,
    startToken: { least: 0, most: shape.vocabularySize - 1 },
    endToken: { least: 0, most: shape.vocabularySize - 1 },
    featureSize: SIZE,
    annotationSize: SIZE,
    attentionSize: SIZE,
    hiddenSize: SIZE,
    embeddingSize: SIZE,
  });
  assertWithin('config.grid', shape.grid, { 0: CELLS, 1: CELLS });
  assertOneOf('config.attention', shape.attention, ['soft', 'hard', 'none']);
  assertOneOf('config.query', shape.query ?? 'state', ['state', 'word', 'top-down']);
  return { vocabulary, config: shape as CaptionerConfig };
}

function encoderFiles(files: unknown): ModelFile[] {
  const isFile = (file: Partial<ModelFile> | null): boolean =>
    typeof file?.file === 'string' && typeof file.bytes === 'number' && typeof file.sha256 === 'string';
  if (!Array.isArray(files) || !files.every(isFile))
    throw new Error('model.json does not list the files of the encoder.');
  return files as ModelFile[];
}

/** All that a model may say of its shape. */
const CONFIG = allKeys<CaptionerConfig>({
  vocabularySize: true,
  startToken: true,
  endToken: true,
  grid: true,
  featureSize: true,
  annotationSize: true,
  attention: true,
  query: true,
  attentionSize: true,
  hiddenSize: true,
  embeddingSize: true,
});

/** All that a model may say of its decoding. */
const DECODING = allKeys<DecodingDefaults>({
  beam: true,
  lengthNormalisation: true,
  maxLength: true,
  noRepeat: true,
  neverLast: true,
  repeatable: true,
  secondLook: true,
  describedWeight: true,
  refill: true,
});

/** @throws Error where a model asks for what nobody can wait for */
function checkDecoding(decoding: DecodingDefaults): DecodingDefaults {
  assertWithin('decoding', decoding, {
    beam: BEAM,
    lengthNormalisation: NORMALISATION,
    maxLength: { least: 1, most: 200 },
    noRepeat: { least: 0, most: 100 },
    'describedWeight?': WEIGHT,
  });
  assertTruth('decoding.secondLook', decoding.secondLook);
  assertTruth('decoding.refill', decoding.refill);
  const { neverLast, repeatable = [] } = decoding;
  if (![neverLast, repeatable].every((words) => Array.isArray(words) && words.every((w) => typeof w === 'string'))) {
    throw new Error("model.json's decoding.neverLast and decoding.repeatable must be lists of words.");
  }
  return decoding;
}

/** Of evidence beside a score. */
const WEIGHT: Bounds = { least: 0, most: 100, fraction: true };

/** Rows or columns of a grid. */
const CELLS = { least: 1, most: 64 };

/** Whether a checkpoint comes from a training run, with the encoder's graph and weights inside. */
export function isTrained({ metadata }: Described): boolean {
  const { encoder } = metadata as { encoder?: { nodes?: unknown } };
  return encoder?.nodes !== undefined;
}

/** The encoder in a training run's checkpoint, as a graph model. */
export function trainedEncoder({ metadata, weights }: Checkpoint<tf.Tensor>): Promise<tf.io.ModelArtifacts> {
  const graph: EncoderGraph = parseEncoderGraph((metadata as { encoder?: unknown }).encoder);
  const own = new Map<string, tf.Tensor>();
  for (const [name, tensor] of weights) {
    if (name.startsWith(ENCODER_PREFIX)) own.set(name.slice(ENCODER_PREFIX.length), tensor);
  }
  return encoderGraphModel(graph, own);
}

/** What computes, and how. */
interface Running extends EncoderAndSteps {
  readonly wholeGraph: boolean;
}

async function run(
  captioner: Captioner,
  artifacts: tf.io.ModelArtifacts,
  origin: GraphOrigin | undefined,
): Promise<Running> {
  const runner = graphRunner();
  if (runner) {
    try {
      const encoder = await loadNativeEncoder(artifacts, runner, origin);
      const running = await withSteps(encoder, () => loadNativeCaptioner(captioner, runner, origin));
      return { ...running, wholeGraph: true };
    } catch {
      // TensorFlow loads whole graphs from a folder only; where none can be written the other way still works.
    }
  }
  await prepareOperations();
  // What reads graph models operation by operation takes a while to load, and whole graphs need none of it.
  const { loadEncoder } = await import('../engine/encoder/mobilenet-encoder.ts');
  const encoder = await loadEncoder(artifacts);
  return { encoder, steps: captioner, wholeGraph: false, dispose: () => encoder.dispose() };
}

/**
 * What model.json says of its pixels is what Attend does, always: with others it would caption what it was never shown.
 *
 * @throws Error where it says anything else
 */
function refuseOtherPixels({ metadata }: Described, { inputSize }: Encoder): void {
  const { preprocessing } = metadata as { preprocessing?: unknown };
  if (preprocessing === undefined) return;
  const done = { size: inputSize, resize: 'squash', colour: 'sRGB', range: [0, 255] };
  for (const [name, value] of Object.entries(done)) {
    const own = (preprocessing as Record<string, unknown> | null)?.[name];
    if (own === undefined || JSON.stringify(own) === JSON.stringify(value)) continue;
    throw new Error(
      `model.json's preprocessing.${name} is ${JSON.stringify(own)}; photos are read with ${JSON.stringify(value)}.`,
    );
  }
}

function assertFits(config: CaptionerConfig, encoder: Encoder, vocabulary: Vocabulary): void {
  const [rows, columns] = config.grid;
  if (encoder.grid[0] !== rows || encoder.grid[1] !== columns || encoder.channels !== config.featureSize) {
    throw new Error(
      `The encoder gives ${encoder.grid.join(' x ')} cells of ${encoder.channels} numbers; ` +
        `the captioner takes ${rows} x ${columns} cells of ${config.featureSize}.`,
    );
  }
  if (vocabulary.size !== config.vocabularySize) {
    throw new Error(`The vocabulary has ${vocabulary.size} words; the captioner has ${config.vocabularySize}.`);
  }
}
