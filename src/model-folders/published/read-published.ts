import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import type { Checkpoint, WeightArray } from '../../engine/checkpoint/checkpoint.ts';
import { readJson } from '../../files/read-file.ts';
import { blipFamily, visionEncoderDecoderFamily } from './captioner-folders.ts';
import { CONFIG } from './published-folder.ts';
import { marianFamily } from './marian-folder.ts';
import { showAttendTellFamily } from './show-attend-tell-folder.ts';
import type { DescribedModel, PublishedFamily } from './published-family.ts';
import { readWeightFiles } from './weight-files.ts';

export const FAMILIES: readonly PublishedFamily[] = [
  marianFamily,
  blipFamily,
  visionEncoderDecoderFamily,
  showAttendTellFamily,
];

/** Reads what a published model is. @throws Error that names the file and what is wrong */
export async function describePublished(path: string): Promise<DescribedModel> {
  if (!existsSync(join(path, CONFIG))) throw new Error(`There is no published model in ${path}: ${CONFIG} is missing.`);
  const config = await readJson(join(path, CONFIG));
  const family = publishedFamily(config, join(path, CONFIG));
  return family.describe({
    path,
    config: config as Record<string, unknown>,
    json: async (file) => (existsSync(join(path, file)) ? readJson(join(path, file)) : undefined),
  });
}

/**
 * The family of a model.
 * @param config its `config.json`
 * @param where what messages call that file
 * @throws AttendError `bad-request` where it is of none that Attend runs
 */
export function publishedFamily(config: unknown, where: string): PublishedFamily {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new AttendError('bad-request', `${where} is not an object.`);
  }
  const { model_type: type } = config as { model_type?: unknown };
  const family = FAMILIES.find(({ modelType }) => modelType === type);
  if (family) return family;
  const known = FAMILIES.map(({ modelType, name }) => `${name} ("${modelType}")`).join(', ');
  throw new AttendError(
    'bad-request',
    `${where} is of a model of the family "${String(type)}", which Attend cannot run. It runs ${known}.`,
  );
}

/**
 * Reads a published model as if it were one of Attend's checkpoints, without a backend.
 * @throws Error that names the file and what is wrong
 */
export async function readPublished(path: string): Promise<Checkpoint<WeightArray>> {
  const { architecture, companions, config, metadata, weights } = await describePublished(path);
  return {
    architecture,
    config,
    metadata,
    weights: weights(await readWeightFiles(path)),
    files: companions.map(({ file: name, bytes, sha256 }) => ({ name, bytes, sha256 })),
  };
}
