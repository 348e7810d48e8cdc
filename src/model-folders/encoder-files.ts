import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { parseEncoderGraph } from '../engine/encoder/encoder-graph.ts';
import type { EncoderGraph } from '../engine/encoder/encoder-graph.ts';
import { pretrainedWeights } from '../engine/encoder/pretrained.ts';
import { readEncoderModel } from '../engine/encoder/read-encoder-graph-model.ts';
import { parseSafetensors } from '../engine/published/safetensors.ts';
import { fromFiles, toFiles } from '../engine/graph/tfjs-graph-model.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { readBytes } from '../files/read-file.ts';
import { writeFileAtomically } from '../files/write-file.ts';
import { installedFolder, modelsFolder } from './installed-models.ts';

/** The files of an encoder in a model's folder: a tfjs graph model. */
export const ENCODER_FILE = 'encoder.json';
export const ENCODER_WEIGHTS_FILE = 'encoder.bin';

const GRAPH_FILE = 'graph.json';

/** A network, ready to run and to train. */
export interface PretrainedEncoder {
  graph: EncoderGraph;
  /** In the layout of this engine; the caller's to dispose. */
  weights: Map<string, tf.Tensor>;
}

/**
 * Reads an encoder to train with: a published network (`graph.json` and `model.safetensors` in one folder), or that of a
 * captioner that was exported.
 * @throws Error that names the file and what is wrong with it
 */
export async function importPretrained(folder: string): Promise<PretrainedEncoder> {
  if (!existsSync(join(folder, GRAPH_FILE))) {
    if ([ENCODER_FILE, MANIFEST].some((file) => existsSync(join(folder, file))))
      return readEncoderModel(await readEncoder(folder));
    throw new Error(`There is no encoder ${folder}: it needs ${GRAPH_FILE}, or ${ENCODER_FILE} of a captioner.`);
  }
  const graph = await load(join(folder, GRAPH_FILE), (bytes) =>
    parseEncoderGraph(JSON.parse(new TextDecoder().decode(bytes))),
  );
  const weights = await load(join(folder, 'model.safetensors'), (bytes) =>
    pretrainedWeights(graph, parseSafetensors(bytes)),
  );
  return { graph, weights };
}

/**
 * Writes an encoder's graph model into a model's folder.
 * @returns the names of the files, for the model's list
 */
export async function saveEncoder(folder: string, artifacts: tf.io.ModelArtifacts): Promise<string[]> {
  const files = toFiles(artifacts, ENCODER_WEIGHTS_FILE);
  await writeFileAtomically(join(folder, ENCODER_WEIGHTS_FILE), files.weights);
  await writeFileAtomically(join(folder, ENCODER_FILE), files.json);
  return [ENCODER_FILE, ENCODER_WEIGHTS_FILE];
}

/** Reads the encoder of a captioner that was exported. @throws Error that names the file and what is wrong with it */
export async function readEncoder(folder: string): Promise<tf.io.ModelArtifacts> {
  const home = existsSync(join(folder, ENCODER_FILE)) ? folder : encoderFolder(folder, await sharedBy(folder));
  const weights = await load(join(home, ENCODER_WEIGHTS_FILE), (bytes) => bytes);
  return load(join(home, ENCODER_FILE), (json) => fromFiles({ json, weights }));
}

/**
 * Where the files of a captioner's encoder lie. Captioners may share one, which is stored once.
 *
 * @param folder the captioner's
 * @param of the name of the captioner whose encoder it is; left out: its own
 * @throws Error where that one is neither beside it nor among the models
 */
export function encoderFolder(folder: string, of: unknown): string {
  if (of === undefined) return folder;
  if (typeof of !== 'string' || !isFolderName(of))
    throw new Error(`model.json names the encoder of ${JSON.stringify(of).slice(0, 60)}, which is no name.`);
  const places = [dirname(resolve(folder)), modelsFolder(), installedFolder()].map((models) => join(models, of));
  const found = places.find((place) => existsSync(join(place, ENCODER_FILE)));
  if (found === undefined)
    throw new Error(`Its encoder is that of ${of}, which is not here. Put its folder beside this one.`);
  return found;
}

function isFolderName(name: string): boolean {
  return (
    name !== '' && name === basename(name) && name !== '..' && name !== '.' && !/[\0\\]/.test(name) && name.length < 256
  );
}

/** The name of the captioner whose encoder another one has, as its `model.json` says; undefined: it has its own. */
async function sharedBy(folder: string): Promise<unknown> {
  return load(join(folder, MANIFEST), (bytes) => {
    const { metadata } = JSON.parse(new TextDecoder().decode(bytes)) as { metadata?: { encoder?: { of?: unknown } } };
    return metadata?.encoder?.of;
  });
}

async function load<T>(path: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  const bytes = await readBytes(path);
  try {
    return parse(bytes);
  } catch (cause) {
    throw new Error(`${path}: ${messageOf(cause)}`, { cause });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
