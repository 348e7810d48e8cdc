import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../engine/backend.ts';
import { loadCheckpoint, saveCheckpoint } from '../engine/checkpoint/checkpoint.ts';
import { sha256 } from '../engine/checkpoint/sha256.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import type { EncoderMetadata } from '../engine/encoder/graph-model.ts';
import {
  ARCHITECTURE,
  DECODING,
  describeCaptioner,
  ENCODER_PREFIX,
  isTrained,
  trainedEncoder,
  type CaptionerMetadata,
  type DecodingDefaults,
  type ModelFile,
} from './captioner-model.ts';
import { DirectoryStore } from './directory-store.ts';
import { saveEncoder } from './encoder-files.ts';
import { modelCard } from './model-card.ts';
import type { CaptionerRunConfig } from './training/captioner-config.ts';

const CARD = 'README.md';

export interface ExportOptions {
  /** What differs from the usual way of decoding. */
  decoding?: Partial<DecodingDefaults>;
  /** Scores and whatever else the card should keep with the model, as data. */
  results?: Record<string, unknown>;
  /** The text of the card; left out: the card that is there already, else one made from what the run says. */
  card?: string;
}

/** What was written. */
export interface Exported {
  folder: string;
  /** All files, with their sizes. */
  files: { file: string; bytes: number }[];
}

/**
 * Makes a model that can be shipped of a training run's checkpoint: `model.json` with float16 shards (the
 * captioner), `encoder.json` and `encoder.bin` (a tfjs graph model), `README.md` (the card).
 *
 * The folder is written beside and then takes the place of the old one, so that a reader finds the old
 * model or the new one. (On no system can a folder be replaced in one step: a crash between the two
 * renames leaves the old model beside, under a name with ".old-".)
 *
 * @param trained a run's folder, or one of its checkpoints' (`runs/NAME`, `runs/NAME/2-fine-tune/best`)
 * @throws Error where there is no trained captioner or the model cannot be written
 */
export async function exportCaptioner(trained: string, target: string, options: ExportOptions = {}): Promise<Exported> {
  const source = await findTrained(trained);
  await useBackend();
  const checkpoint = await loadCheckpoint(new DirectoryStore(source));
  const beside = `${resolve(target)}.new-${randomUUID().slice(0, 8)}`;
  try {
    const { vocabulary, config } = describeCaptioner(checkpoint);
    if (!isTrained(checkpoint)) throw new Error(`${source} holds no trained encoder: it is not a training run's.`);
    const { run } = checkpoint.metadata as { run?: CaptionerRunConfig };
    const artifacts = await trainedEncoder(checkpoint);
    const pretrained = (artifacts.userDefinedMetadata as { encoder: EncoderMetadata }).encoder;
    const encoder = { ...pretrained, name: nameOfEncoder(pretrained.name, run) };
    artifacts.userDefinedMetadata = { encoder };
    await writable(target, () => mkdir(beside, { recursive: true }));
    const files = await writable(target, async () => describe(beside, await saveEncoder(beside, artifacts)));
    const metadata: CaptionerMetadata = {
      vocabulary,
      preprocessing: { size: encoder.inputSize, resize: 'squash', colour: 'sRGB', range: [0, 255] },
      decoding: { ...DECODING, ...options.decoding },
      encoder: { name: encoder.name, files },
      card: { run: { ...run }, results: options.results ?? {} },
    };
    await saveCheckpoint(new DirectoryStore(beside), {
      architecture: ARCHITECTURE,
      config: config as never,
      metadata: metadata as never,
      weights: [...checkpoint.weights].filter(([name]) => !name.startsWith(ENCODER_PREFIX)),
      precision: 'float16',
    });
    const name = basename(resolve(target));
    const card = options.card ?? (await oldCard(target)) ?? modelCard(name, config, metadata);
    await writable(target, () => writeFile(join(beside, CARD), card));
    const written = await Promise.all(
      (await readdir(beside))
        .toSorted()
        .map(async (file) => ({ file, bytes: (await readFile(join(beside, file))).length })),
    );
    await writable(target, () => replaceFolder(beside, target));
    return { folder: target, files: written };
  } finally {
    tf.dispose([...checkpoint.weights.values()]);
    await rm(beside, { recursive: true, force: true });
  }
}

/** A fine-tuned encoder is no longer the one whose name it had. */
function nameOfEncoder(pretrained: string, run: CaptionerRunConfig | undefined): string {
  return run?.stages?.some(({ fineTune }) => fineTune) ? `${pretrained}, fine-tuned in ${run.name}` : pretrained;
}

/** The checkpoint in a run's folder. */
async function findTrained(folder: string): Promise<string> {
  const candidates = [folder, join(folder, 'final')];
  const found = candidates.find((candidate) => existsSync(join(candidate, MANIFEST)));
  if (found !== undefined) return found;
  if (!existsSync(folder)) throw new Error(`There is no training run ${folder}.`);
  const stages = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'best', MANIFEST))).toSorted();
  const last = stages.at(-1);
  throw new Error(
    `The training run ${folder} has not come to its end.` +
      (last ? ` Its best model so far can be exported with --run ${join(folder, last, 'best')}.` : ''),
  );
}

async function describe(folder: string, names: readonly string[]): Promise<ModelFile[]> {
  return Promise.all(
    names.map(async (file) => {
      const bytes = await readFile(join(folder, file));
      return { file, bytes: bytes.length, sha256: await sha256(bytes) };
    }),
  );
}

async function oldCard(folder: string): Promise<string | undefined> {
  return readFile(join(folder, CARD), 'utf8').catch(() => undefined);
}

async function replaceFolder(beside: string, target: string): Promise<void> {
  await mkdir(dirname(resolve(target)), { recursive: true });
  if (!existsSync(target)) return rename(beside, target);
  // Only a model may be replaced: a slip of the keyboard must not empty somebody's folder.
  if (!existsSync(join(target, MANIFEST)) && (await readdir(target)).some((file) => file !== CARD)) {
    throw new Error('the folder holds other things than a model. Choose another.');
  }
  const old = `${resolve(target)}.old-${randomUUID().slice(0, 8)}`;
  await rename(target, old);
  try {
    await rename(beside, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function writable<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`The model cannot be written to ${target}: ${message}`, { cause: error });
  }
}
