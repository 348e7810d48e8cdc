import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { partName, removeAbandonedParts } from '../files/abandoned-parts.ts';
import { makeFolder } from '../files/make-folder.ts';
import { CheckpointError } from '../engine/checkpoint/checkpoint-error.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { flushFolder, reasonFor, writeFlushed } from '../files/write-file.ts';

const CARD = 'README.md';

/** What was written. */
export interface Exported {
  folder: string;
  /** All files, with their sizes. */
  files: { file: string; bytes: number }[];
}

/**
 * Writes a model's folder beside its place and then puts it there, so that a reader finds the old model or the new
 * one. (On no system can a folder be replaced in one step: a crash between the two renames leaves the old model
 * beside, under a name with ".old-".)
 *
 * @param write writes everything but the card into a folder
 * @param card the text of the card; nothing: the card that is there already, else what `makeCard` makes
 * @param makeCard is given the model's name
 * @throws Error where the model cannot be written, or its place holds other things than a model
 */
export async function writeModelFolder(
  target: string,
  write: (folder: string) => Promise<void>,
  card: string | undefined,
  makeCard: (name: string) => string,
): Promise<Exported> {
  const beside = partName(resolve(target));
  await removeAbandonedParts(dirname(beside));
  try {
    await writable(target, () => makeFolder(beside));
    await writable(target, () => write(beside));
    const text = card ?? (await oldCard(target)) ?? makeCard(basename(resolve(target)));
    await writable(target, () => writeFlushed(join(beside, CARD), text));
    const files = await Promise.all(
      (await readdir(beside)).toSorted().map(async (file) => ({ file, bytes: (await stat(join(beside, file))).size })),
    );
    await writable(target, () => replaceFolder(beside, target));
    return { folder: target, files };
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/**
 * The folder of the checkpoint that a training run has come to.
 * @param folder a run's folder, or one of its checkpoints'
 * @throws Error where there is none; it names the checkpoints of the run that could be taken
 */
export async function findTrained(folder: string): Promise<string> {
  const candidates = [folder, join(folder, 'final')];
  const found = candidates.find((candidate) => existsSync(join(candidate, MANIFEST)));
  if (found !== undefined) return found;
  if (!existsSync(folder)) throw new Error(`There is no training run ${folder}.`);
  const stages = ['.', ...(await readdir(folder)).toSorted()];
  const last = stages.findLast((name) => existsSync(join(folder, name, 'best', MANIFEST)));
  throw new Error(
    `The training run ${folder} has not come to its end.` +
      (last ? ` Its best model so far can be exported with --run ${join(folder, last, 'best')}.` : ''),
  );
}

async function oldCard(folder: string): Promise<string | undefined> {
  return readFile(join(folder, CARD), 'utf8').catch(() => undefined);
}

async function replaceFolder(beside: string, target: string): Promise<void> {
  await makeFolder(dirname(resolve(target)));
  await flushFolder(beside);
  if (!existsSync(target)) {
    await rename(beside, target);
    return flushFolder(dirname(resolve(target)));
  }
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
  await flushFolder(dirname(resolve(target)));
  await rm(old, { recursive: true, force: true });
}

async function writable<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    // Of a checkpoint in it, the place beside is nobody's business.
    const cause = error instanceof CheckpointError && error.cause instanceof Error ? error.cause : (error as Error);
    const reason = 'code' in cause ? reasonFor(cause) : cause.message;
    throw new Error(`The model cannot be written to ${target}: ${reason}`, { cause: error });
  }
}
