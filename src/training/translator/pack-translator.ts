import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { makeFolder } from '../../files/make-folder.ts';
import * as tf from '@tensorflow/tfjs-core';
import { saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { Json } from '../../engine/checkpoint/json.ts';
import { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import { sourceTokens } from '../../engine/text/source-tokens.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { createTextModel } from '../../translation/translator-checkpoint.ts';
import { prepareTranslator, runMetadata, type TranslatorPlaces } from './prepare-translator.ts';
import type { TranslatorRunConfig } from './translator-config.ts';
import type { TranslatorEvent } from './translator-run.ts';

/** Bytes of a part before it is compressed: no file is larger than 60 MB. */
const PART = 48 * 2 ** 20;
const compress = promisify(gzip);

/** An array in parts: gzip files, one behind the other. */
interface PackedArray {
  readonly type: 'uint16' | 'float32';
  readonly length: number;
  readonly files: readonly string[];
}

/**
 * Prepares a run as `runTranslatorTraining` would and writes what its steps need into few compact files: `pack.json`, the
 * encoded pairs of every stage, `initial/` (the weights that it begins with, a checkpoint). `scripts/torch/train_text.py`
 * trains from them, on any machine.
 *
 * @throws Error where a stage cuts its words anew in every epoch
 */
export async function packTranslatorTraining(
  config: TranslatorRunConfig,
  places: TranslatorPlaces,
  folder: string,
  report: (event: TranslatorEvent) => void,
): Promise<void> {
  const anew = config.stages.find(({ bpeDropout }) => bpeDropout > 0);
  if (anew) throw new Error(`The stage ${anew.name} has bpeDropout: its pairs are other tokens in every epoch.`);
  await makeFolder(folder);
  const prepared = await prepareTranslator(config, places, report);
  const { given, modelConfig, tokenizer, validation } = prepared;
  const parameters = new Parameters(new Random(config.seed).next, given);
  try {
    createTextModel(modelConfig, parameters);
    await saveCheckpoint(new DirectoryStore(join(folder, 'initial')), {
      architecture: config.model.architecture,
      config: modelConfig as unknown as Json,
      metadata: JSON.parse(JSON.stringify(runMetadata(config, tokenizer, { steps: 0 }))) as Json,
      weights: parameters.entries(),
      precision: 'float32',
    });
  } finally {
    tf.dispose([...(given?.values() ?? [])]);
  }
  const weights = parameters.entries().reduce((sum, [, { size }]) => sum + size, 0);
  parameters.dispose();

  const stages: unknown[] = [];
  for (const [number, stage] of config.stages.entries()) {
    const { examples, reports } = await prepared.examples(stage, number);
    report({ kind: 'data', stage: stage.name, texts: reports, vocabulary: tokenizer.size, parameters: weights });
    const arrays: Record<string, PackedArray> = {};
    for (const [name, array] of Object.entries(examples.arrays())) {
      arrays[name] = await packArray(folder, `${number + 1}-${stage.name}-${name}`, array);
    }
    stages.push({ ...stage, seed: examples.seed, texts: reports, arrays });
  }
  const texts = validation.map(({ name, pairs, targetLanguage }) => ({
    name,
    sources: pairs.map(({ source }) => sourceTokens(tokenizer, tokenizer.encode(source), targetLanguage)),
    targets: pairs.map(({ target }) => tokenizer.encode(target)),
    references: pairs.map(({ target }) => target),
  }));
  const pack = {
    format: 'attend-translator-pack',
    version: 1,
    config,
    forbidden: tokenizer.forbidden,
    stages,
    validation: texts,
  };
  await writeFileAtomically(join(folder, 'pack.json'), `${JSON.stringify(pack)}\n`);
}

async function packArray(folder: string, name: string, array: Uint16Array | Float32Array): Promise<PackedArray> {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const files: string[] = [];
  for (let start = 0; start < bytes.length; start += PART) {
    const file = `${name}-${files.length + 1}.gz`;
    await writeFileAtomically(join(folder, file), await compress(bytes.subarray(start, start + PART), { level: 9 }));
    files.push(file);
  }
  return { type: array instanceof Uint16Array ? 'uint16' : 'float32', length: array.length, files };
}
