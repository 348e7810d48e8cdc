import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { parseEncoderGraph } from '../engine/encoder/encoder-graph.ts';
import type { EncoderGraph } from '../engine/encoder/encoder-graph.ts';
import { pretrainedWeights } from '../engine/encoder/pretrained.ts';
import { readEncoderModel } from '../engine/encoder/read-encoder-graph-model.ts';
import { parseSafetensors } from '../engine/published/safetensors.ts';
import { fromFiles, toFiles } from '../engine/graph/tfjs-graph-model.ts';
import { readBytes } from '../files/read-file.ts';
import { writeFileAtomically } from '../files/write-file.ts';

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
    if (existsSync(join(folder, ENCODER_FILE))) return readEncoderModel(await readEncoder(folder));
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

/** Reads what `saveEncoder` wrote. @throws Error that names the file and what is wrong with it */
export async function readEncoder(folder: string): Promise<tf.io.ModelArtifacts> {
  const weights = await load(join(folder, ENCODER_WEIGHTS_FILE), (bytes) => bytes);
  return load(join(folder, ENCODER_FILE), (json) => fromFiles({ json, weights }));
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
