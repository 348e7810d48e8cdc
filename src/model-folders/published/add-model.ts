import { copyFile, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import { saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { DirectoryStore } from '../directory-store.ts';
import {
  defaultModel,
  installedFolder,
  listModels,
  modelsFolder,
  setDefaultModel,
  type ModelKind,
} from '../installed-models.ts';
import { loadingFrom } from '../model-files.ts';
import { writeModelFolder } from '../model-folder.ts';
import { publishedCard, type ModelSource } from './published-card.ts';
import { describePublished } from './read-published.ts';
import { readWeightFiles } from './weight-files.ts';

/** A model that was added. */
export interface AddedModel {
  readonly name: string;
  readonly folder: string;
  readonly kind: ModelKind;
  readonly family: string;
  readonly bytes: number;
}

/**
 * Adds a published model's folder to the models that are there: weights as float16 in Attend's own form with a checksum
 * for each file, what else the model needs, and a card. The folder itself is left as it is. A model of the same name is
 * replaced, at once and as a whole.
 *
 * @param source where the folder comes from, for the card; left out: the folder's name
 * @throws AttendError `bad-request` that names the file and what is wrong with it
 */
export async function addModel(
  path: string,
  source: ModelSource = { name: basename(resolve(path)) },
): Promise<AddedModel> {
  const { arrays, companions, kind, ...description } = await loadingFrom(path, async () => {
    const { weights, ...described } = await describePublished(path);
    return { ...described, arrays: weights(await readWeightFiles(path)) };
  }).catch(refuse);
  const { family } = description.metadata as { family: string };
  const name = nameOf(kind, source.name);
  const target = join(installedFolder(), name);
  const theirs = await readFile(join(path, 'README.md'), 'utf8').catch(() => undefined);
  const { files } = await writeModelFolder(
    target,
    async (folder) => {
      await saveCheckpoint(new DirectoryStore(folder), {
        ...description,
        metadata: { ...(description.metadata as object), published: { ...source } },
        weights: arrays,
        precision: 'float16',
      });
      for (const { file } of companions) await copyFile(join(path, file), join(folder, file));
    },
    publishedCard(name, family, source, theirs),
    () => '',
  );
  return { name, folder: target, kind, family, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** What is wrong with a folder is not Attend's fault, but that of whoever wants it added. */
function refuse(error: unknown): never {
  throw new AttendError('bad-request', error instanceof Error ? error.message : String(error), { cause: error });
}

/** `translator-opus-mt-en-de`, of "Helsinki-NLP/opus-mt-en-de". */
function nameOf(kind: ModelKind, source: string): string {
  const own = basename(source)
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return own.startsWith(`${kind}-`) ? own : `${kind}-${own || 'model'}`;
}

/**
 * Removes a model that was added.
 * @param wanted its name, with or without its kind
 * @throws Error where it came with Attend, or is not there
 */
export async function removeModel(wanted: string): Promise<string> {
  const { folder, kind, name } = findInstalled(wanted);
  if (resolve(folder, '..') !== resolve(installedFolder())) {
    const told = `${name} came with Attend and stays. Only models that were added can be removed.`;
    throw new AttendError('bad-request', told);
  }
  await rm(folder, { recursive: true });
  if (defaultModel(kind) === name) await setDefaultModel(kind, undefined);
  return name;
}

/** Makes a model the first of its kind. @throws Error where it is not there */
export async function chooseModel(wanted: string): Promise<{ name: string; kind: ModelKind }> {
  const { kind, name } = findInstalled(wanted);
  await setDefaultModel(kind, name);
  return { name, kind };
}

function findInstalled(wanted: string): { name: string; folder: string; kind: ModelKind } {
  const all = (['captioner', 'translator'] as const).flatMap((kind) =>
    listModels(kind, modelsFolder()).map((model) => ({ ...model, kind })),
  );
  const found = all.filter(({ kind, name }) => name === wanted || name === `${kind}-${wanted}`);
  const [first] = found;
  const told = (models: typeof all): string => models.map(({ name }) => name).join(', ');
  if (found.length > 1) throw new AttendError('bad-request', `"${wanted}" is two models: ${told(found)}.`);
  if (first) return first;
  throw new AttendError('not-found', `There is no model "${wanted}". There are: ${told(all)}.`);
}
