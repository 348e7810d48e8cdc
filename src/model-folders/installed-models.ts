import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelKind } from '../contract/constants/model-kinds.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { dataFolder } from '../files/data-folder.ts';
import { unpackedRoot } from '../files/package-root.ts';
import { copyAside } from '../files/journal.ts';
import { withoutMark } from '../files/read-file.ts';
import { writeFileAtomically } from '../files/write-file.ts';

/** The folder of the models that come with the package. */
export function modelsFolder(): string {
  return join(unpackedRoot(), 'models');
}

/** The folder of the models that somebody added. */
export function installedFolder(): string {
  return join(dataFolder(), 'models');
}

export type { ModelKind };

/** A model's folder under its name. */
export interface NamedFolder {
  readonly name: string;
  readonly folder: string;
}

/** What the folders of a kind begin with, which says what they are for; `comparison-…` translates too, but to be compared rather than to be good. */
const PREFIXES: Readonly<Record<ModelKind, readonly string[]>> = {
  captioner: ['captioner-'],
  translator: ['translator-', 'comparison-'],
};

/**
 * The models of a kind: the one that somebody chose first, then those of the package, then those that were added; each by
 * name, those to be compared last.
 * @param models the folder of the package's models; of another folder, its own alone
 */
export function listModels(kind: ModelKind, models: string): NamedFolder[] {
  const isUsual = models === modelsFolder();
  const found = [models, ...(isUsual ? [installedFolder()] : [])].flatMap((folder) => modelsIn(folder));
  const listed = PREFIXES[kind].flatMap((prefix) => found.filter(({ name }) => name.startsWith(prefix)));
  const chosen = isUsual ? defaultModel(kind) : undefined;
  return listed.toSorted((a, b) => Number(b.name === chosen) - Number(a.name === chosen));
}

function modelsIn(folder: string): NamedFolder[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, MANIFEST)))
    .sort()
    .map((name) => ({ name, folder: join(folder, name) }));
}

const DEFAULTS = 'defaults.json';

/** The model of a kind that somebody chose to be the first; undefined where nobody did, or the file says nothing. */
export function defaultModel(kind: ModelKind): string | undefined {
  const name = readDefaults()[kind];
  return typeof name === 'string' ? name : undefined;
}

/** Makes a model the first of its kind; without a name, the order is as it comes. */
export async function setDefaultModel(kind: ModelKind, name: string | undefined): Promise<void> {
  const defaults = { ...readDefaults(), [kind]: name };
  const damaged = damagedDefaults();
  if (damaged !== undefined) await copyAside(damaged);
  await writeFileAtomically(join(installedFolder(), DEFAULTS), `${JSON.stringify(defaults, null, 2)}\n`);
}

/** The file of these choices, where it cannot be read: what was chosen does not count then. */
export function damagedDefaults(): string | undefined {
  return tryDefaults() === undefined ? join(installedFolder(), DEFAULTS) : undefined;
}

function readDefaults(): Partial<Record<ModelKind, unknown>> {
  return tryDefaults() ?? {};
}

/** Undefined where the file is damaged; empty where there is none. */
function tryDefaults(): Partial<Record<ModelKind, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(withoutMark(readFileSync(join(installedFolder(), DEFAULTS), 'utf8')));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : undefined;
  }
}
