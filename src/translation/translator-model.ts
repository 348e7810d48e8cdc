import { basename, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../contract/constants/backends.ts';
import { graphRunner, prepareOperations, useBackend } from '../native/backend.ts';
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import type { TextSteps } from '../engine/models/text-decoder.ts';
import type { TextModel } from '../engine/models/text-model.ts';
import { Transformer } from '../engine/models/transformer.ts';
import { Parameters } from '../engine/parameters.ts';
import type { TextTokenizer } from '../engine/text/text-tokenizer.ts';
import { loadAnyCheckpoint, readAnyCheckpoint } from '../model-folders/load-any-checkpoint.ts';
import { checkpointFiles, keyOf, loadingFrom, refuseDrawing, type ModelFile } from '../model-folders/model-files.ts';
import { loadNativeTranslator, type NativeTranslator } from '../native/translator-graphs.ts';
import type { GraphOrigin } from '../native/whole-graph.ts';
import {
  alignmentLayerOf,
  createTextModel,
  describeTranslator,
  openTokenizer,
  tokenizerFiles,
  type TranslatorDescription,
} from './translator-checkpoint.ts';

/** A translator that is ready to run. */
export interface TranslatorModel extends TranslatorDescription {
  /** The name of its training run, else that of its folder. */
  readonly name: string;
  readonly folder: string;
  readonly model: TextModel;
  /** The model's steps as whole graphs, which look where the alignment is; left out where there are none. */
  readonly graphs?: TextSteps;
  readonly tokenizer: TextTokenizer;
  readonly backend: BackendName;
  /** Every file that was read and whose checksum was right. */
  readonly files: readonly ModelFile[];
  dispose(): void;
}

/**
 * Loads a translator: a shipped model's folder (see `exportTranslator`), or a checkpoint of a training run, on the
 * backend that runs, or else on the best there is.
 *
 * @throws Error that names the folder and what is wrong: a missing or damaged file, another kind of model
 */
export async function loadTranslator(folder: string): Promise<TranslatorModel> {
  const { name: backend } = await useBackend();
  return loadingFrom(folder, () => load(folder, backend));
}

/**
 * Reads every file of a translator and compares it with its checksum, without a backend.
 * @throws Error that names the first file that is missing or damaged
 */
export async function checkTranslator(folder: string): Promise<ModelFile[]> {
  const checkpoint = await readAnyCheckpoint(folder);
  await openTokenizer(checkpoint, describeTranslator(checkpoint), folder);
  return filesOf(checkpoint);
}

async function load(folder: string, backend: BackendName): Promise<TranslatorModel> {
  const checkpoint = await loadAnyCheckpoint(folder);
  const parameters = new Parameters(refuseDrawing, checkpoint.weights);
  try {
    const description = describeTranslator(checkpoint);
    const tokenizer = await openTokenizer(checkpoint, description, folder);
    const model = createTextModel(description.config, parameters);
    const files = filesOf(checkpoint);
    // A run's checkpoints are many, and each is loaded once or twice.
    const origin =
      description.runName === undefined
        ? { key: keyOf(files), weights: parameters.entries().map(([, weight]) => weight) }
        : undefined;
    const graphs = await loadGraphs(model, description, origin);
    return {
      ...description,
      name: description.runName ?? basename(resolve(folder)),
      folder,
      model,
      ...(graphs && { graphs }),
      tokenizer,
      backend,
      files,
      dispose() {
        parameters.dispose();
        graphs?.dispose();
      },
    };
  } catch (error) {
    parameters.dispose();
    throw error;
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
  }
}

/** All files of a model, each once. */
function filesOf(checkpoint: Checkpoint<unknown>): ModelFile[] {
  const files = [...checkpointFiles(checkpoint), ...tokenizerFiles(checkpoint)];
  return [...new Map(files.map((file) => [file.file, file])).values()];
}

async function loadGraphs(
  model: TextModel,
  description: TranslatorDescription,
  origin: GraphOrigin | undefined,
): Promise<NativeTranslator | undefined> {
  const runner = graphRunner();
  if (runner) {
    // A recurrent encoder is no graph.
    if (!(model instanceof Transformer)) await prepareOperations();
    const layer = alignmentLayerOf(description);
    try {
      const foresees = description.decoding.refill !== true;
      const how = { foresees, origin: foresees ? origin : undefined };
      return await loadNativeTranslator(model, layer === null ? {} : { layer }, runner, how);
    } catch {
      // TensorFlow loads whole graphs from a folder only; where none can be written the other way still works.
    }
  }
  await prepareOperations();
  return undefined;
}
