import { readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../native/backend.ts';
import { loadCheckpoint, saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { sha256 } from '../../engine/checkpoint/sha256.ts';
import type { EncoderMetadata } from '../../engine/encoder/encoder-graph-model.ts';
import { usualDecoding, type DecodingDefaults } from '../../captioning/decoding-defaults.ts';
import {
  ARCHITECTURE,
  describeCaptioner,
  ENCODER_PREFIX,
  isTrained,
  trainedEncoder,
  type CaptionerMetadata,
} from '../../captioning/captioner-model.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { ENCODER_WEIGHTS_FILE, saveEncoder } from '../../model-folders/encoder-files.ts';
import { modelCard } from './captioner-card.ts';
import type { ModelFile } from '../../model-folders/model-files.ts';
import { findTrained, writeModelFolder, type Exported } from '../../model-folders/model-folder.ts';
import type { CaptionerRunConfig } from './captioner-config.ts';

export interface ExportOptions {
  /** What differs from the usual way of decoding. */
  decoding?: Partial<DecodingDefaults>;
  /** Scores and whatever else the card should keep with the model, as data. */
  results?: Record<string, unknown>;
  /** The folder of a captioner that has the same encoder: its files are named, and not written again. */
  encoderOf?: string;
  /** The text of the card; left out: the card that is there already, else one made from what the run says. */
  card?: string;
}

/**
 * Makes a model that can be shipped of a training run's checkpoint: `model.json` with float16 shards (the
 * captioner), `encoder.json` and `encoder.bin` (a tfjs graph model), `README.md` (the card).
 *
 * @param trained a run's folder, or one of its checkpoints' (`runs/NAME`, `runs/NAME/2-fine-tune/best`)
 * @throws Error where there is no trained captioner or the model cannot be written
 */
export async function exportCaptioner(trained: string, target: string, options: ExportOptions = {}): Promise<Exported> {
  const source = await findTrained(trained);
  await useBackend();
  const checkpoint = await loadCheckpoint(new DirectoryStore(source));
  try {
    const { vocabulary, config } = describeCaptioner(checkpoint);
    if (!isTrained(checkpoint)) throw new Error(`${source} holds no trained encoder: it is not a training run's.`);
    const { run } = checkpoint.metadata as { run?: Partial<CaptionerRunConfig> };
    const artifacts = await trainedEncoder(checkpoint);
    const pretrained = (artifacts.userDefinedMetadata as { encoder: EncoderMetadata }).encoder;
    const encoder = { ...pretrained, name: nameOfEncoder(pretrained.name, run) };
    artifacts.userDefinedMetadata = { encoder };
    const metadata: CaptionerMetadata = {
      vocabulary,
      preprocessing: { size: encoder.inputSize, resize: 'squash', colour: 'sRGB', range: [0, 255] },
      decoding: { ...usualDecoding(vocabulary), ...options.decoding },
      encoder: { name: encoder.name, files: [] },
      card: { run: { ...run }, results: options.results ?? {} },
    };
    const write = async (folder: string): Promise<void> => {
      metadata.encoder = { ...metadata.encoder, ...(await placeEncoder(folder, artifacts, options.encoderOf)) };
      await saveCheckpoint(new DirectoryStore(folder), {
        architecture: ARCHITECTURE,
        config: config as never,
        metadata: metadata as never,
        weights: [...checkpoint.weights].filter(([name]) => !name.startsWith(ENCODER_PREFIX)),
        precision: 'float16',
      });
    };
    return await writeModelFolder(target, write, options.card, (name) => modelCard(name, config, metadata));
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
  }
}

/**
 * Writes the files of an encoder, or finds them with the captioner that has the same.
 * @throws Error where that one's weights are others
 */
async function placeEncoder(
  folder: string,
  artifacts: tf.io.ModelArtifacts,
  other: string | undefined,
): Promise<Pick<CaptionerMetadata['encoder'], 'files' | 'of'>> {
  const files = await describe(folder, await saveEncoder(folder, artifacts));
  if (other === undefined) return { files };
  const names = files.map(({ file }) => file);
  const theirs = await describe(other, names);
  const own = files.find(({ file }) => file === ENCODER_WEIGHTS_FILE)?.sha256;
  if (theirs.find(({ file }) => file === ENCODER_WEIGHTS_FILE)?.sha256 !== own) {
    throw new Error(`its encoder is not that of ${other}: the weights are others.`);
  }
  await Promise.all(names.map((name) => rm(join(folder, name))));
  return { files: theirs, of: basename(resolve(other)) };
}

/** A fine-tuned encoder is no longer the one whose name it had. */
function nameOfEncoder(pretrained: string, run: Partial<CaptionerRunConfig> | undefined): string {
  return run?.stages?.some(({ fineTune }) => fineTune) ? `${pretrained}, fine-tuned in ${run.name}` : pretrained;
}

async function describe(folder: string, names: readonly string[]): Promise<ModelFile[]> {
  return Promise.all(
    names.map(async (file) => {
      const bytes = await readFile(join(folder, file));
      return { file, bytes: bytes.length, sha256: await sha256(bytes) };
    }),
  );
}
