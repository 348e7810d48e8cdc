import { basename, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../contract/constants/backends.ts';
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import type { Encoder } from '../engine/encoder/encoder.ts';
import { VisionCaptioner, type VisionCaptionerConfig } from '../engine/models/vision-captioner.ts';
import { Parameters } from '../engine/parameters.ts';
import type { CaptionVocabulary } from '../engine/text/caption-vocabulary.ts';
import { allKeys, assertOnly, assertWithin, BEAM, NORMALISATION, SIZE, TOKENS } from '../model-folders/bounds.ts';
import { checkpointFiles, readChecked, refuseDrawing, type ModelFile } from '../model-folders/model-files.ts';
import { openPieces, type VisionCaptionerMetadata } from '../model-folders/published/captioner-files.ts';
import { tokensOf } from '../model-folders/published/captioner-folders.ts';
import { graphRunner, prepareOperations } from '../native/backend.ts';
import { loadTracedEncoder } from '../native/traced-encoder.ts';
import { loadNativeOrigins, loadNativeVision, type NativeVision } from '../native/vision-graphs.ts';
import type { CaptionerModel } from './ready-captioner.ts';

/** Reads the vocabulary of a published captioner. @throws Error that names the file that is missing or damaged */
export async function checkVisionCaptioner(checkpoint: Checkpoint<unknown>, folder: string): Promise<ModelFile[]> {
  await openVocabulary(checkpoint, folder);
  return filesOf(checkpoint);
}

/** A published captioner, ready to run. The checkpoint's weights are disposed of. */
export async function loadVisionCaptioner(
  checkpoint: Checkpoint<tf.Tensor>,
  folder: string,
  backend: BackendName,
): Promise<CaptionerModel> {
  const parameters = new Parameters(refuseDrawing, checkpoint.weights);
  let native: NativeVision | undefined;
  let origins: Encoder | undefined;
  try {
    const config = describe(checkpoint);
    const vocabulary = await openVocabulary(checkpoint, folder);
    const { decoding, resample } = checkpoint.metadata as unknown as VisionCaptionerMetadata;
    const captioner = new VisionCaptioner(config, parameters);
    native = await wholeGraphs(captioner);
    const [graphs, runner] = [native, graphRunner()];
    return {
      name: basename(resolve(folder)),
      folder,
      vision: captioner,
      encoder: graphs?.encoder ?? captioner.vision,
      loadEncoder: (runner) => loadTracedEncoder(captioner.vision, runner),
      resample,
      grid: captioner.vision.grid,
      hasMaps: true,
      vocabulary,
      decoding: { ...decoding, neverLast: [], secondLook: false },
      backend,
      wholeGraph: graphs !== undefined,
      files: filesOf(checkpoint),
      calibration: null,
      attention: { layers: config.writer.layers, heads: config.writer.heads },
      async prepareOrigins() {
        // A second encoder, which few need.
        if (graphs && runner) origins ??= await loadNativeOrigins(captioner, runner);
      },
      encodeWithOrigins: (pixels) => origins?.encode(pixels) ?? captioner.vision.encodeWithOrigins(pixels),
      decoder: (grids, { everywhereAlike, looks } = {}) =>
        captioner.decoder(grids, looks, { everywhereAlike, steps: graphs?.steps }),
      dispose() {
        parameters.dispose();
        graphs?.dispose();
        origins?.dispose();
      },
    };
  } catch (error) {
    parameters.dispose();
    native?.dispose();
    throw error;
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
  }
}

async function wholeGraphs(captioner: VisionCaptioner): Promise<NativeVision | undefined> {
  const runner = graphRunner();
  if (runner) {
    try {
      return await loadNativeVision(captioner, runner);
    } catch {
      // TensorFlow loads whole graphs from a folder only; where none can be written the other way still works.
    }
  }
  await prepareOperations();
  return undefined;
}

/** All that a model may say of its shape. */
const CONFIG = allKeys<VisionCaptionerConfig>({
  vision: true,
  writer: true,
  vocabularySize: true,
  startToken: true,
  endToken: true,
});

/** What both stacks of layers have. */
const LAYERS = {
  size: true,
  heads: true,
  feedForwardSize: true,
  layers: true,
  activation: true,
  epsilon: true,
} as const;

const VISION = allKeys<VisionCaptionerConfig['vision']>({
  ...LAYERS,
  imageSize: true,
  margin: true,
  patchSize: true,
  extra: true,
  mean: true,
  deviation: true,
});

const WRITER = allKeys<VisionCaptionerConfig['writer']>({
  ...LAYERS,
  normalisation: true,
  positions: true,
  transform: true,
  outputBias: true,
});

/** @throws Error that names what is unknown, missing or beyond all bounds */
function describe({ config, metadata }: Checkpoint<unknown>): VisionCaptionerConfig {
  const shape = config as unknown as VisionCaptionerConfig;
  assertOnly('config', shape, CONFIG);
  assertOnly('config.vision', shape.vision, VISION);
  assertOnly('config.writer', shape.writer, WRITER);
  assertWithin('config', shape, { vocabularySize: TOKENS });
  const layers = { least: 1, most: 100 };
  assertWithin('config.vision', shape.vision, {
    size: SIZE,
    layers,
    imageSize: SIZE,
    'margin?': SIZE,
    patchSize: SIZE,
  });
  assertWithin('config.writer', shape.writer, { size: SIZE, layers, positions: { least: 2, most: 100_000 } });
  assertWithin('decoding', (metadata as { decoding?: unknown }).decoding, {
    beam: BEAM,
    lengthNormalisation: NORMALISATION,
    maxLength: { least: 1, most: 200 },
    noRepeat: { least: 0, most: 100 },
  });
  return shape;
}

function openVocabulary(checkpoint: Checkpoint<unknown>, folder: string): Promise<CaptionVocabulary> {
  const config = describe(checkpoint);
  const { tokenizer } = checkpoint.metadata as unknown as VisionCaptionerMetadata;
  return openPieces(tokenizer, config.vocabularySize, tokensOf(config), (file) => readChecked(folder, file));
}

/** All files of a model, each once. */
function filesOf(checkpoint: Checkpoint<unknown>): ModelFile[] {
  const { tokenizer } = checkpoint.metadata as unknown as VisionCaptionerMetadata;
  const files = [...checkpointFiles(checkpoint), tokenizer.description, tokenizer.settings];
  return [...new Map(files.map((file) => [file.file, file])).values()];
}
