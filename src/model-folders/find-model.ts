import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { unpackedRoot } from '../files/package-root.ts';

/** What a model is for, which its folder's name says. */
export type ModelKind = 'captioner' | 'translator';

/** The folder of the models that come with the package. */
export function modelsFolder(): string {
  return join(unpackedRoot(), 'models');
}

/** What the folders of a kind begin with; `comparison-…` translates too, but to be compared rather than to be good. */
const PREFIXES: Readonly<Record<ModelKind, readonly string[]>> = {
  captioner: ['captioner-'],
  translator: ['translator-', 'comparison-'],
};

/** The models of a kind in a folder of models, by name; those to be compared last. */
export function listModels(kind: ModelKind, models: string): string[] {
  if (!existsSync(models)) return [];
  const names = readdirSync(models)
    .filter((name) => existsSync(join(models, name, MANIFEST)))
    .sort();
  return PREFIXES[kind].flatMap((prefix) => names.filter((name) => name.startsWith(prefix)));
}

/**
 * The folder of a model that somebody named.
 *
 * @param wanted a model's folder, or a name in `models` with or without its kind
 * @throws Error that says which there are
 */
export function findNamedModel(kind: ModelKind, wanted: string, models: string): string {
  if (existsSync(join(wanted, MANIFEST))) return wanted;
  const known = listModels(kind, models);
  const name = [wanted, `${kind}-${wanted}`].find((candidate) => known.includes(candidate));
  if (name !== undefined) return join(models, name);
  const list = known.length > 0 ? `The models that are there: ${known.join(', ')}.` : `There are none in ${models}.`;
  throw new Error(`There is no model "${wanted}": it is neither a folder with a ${MANIFEST} nor a known name. ${list}`);
}

/** What to say where there is no model of a kind at all. */
export function noModel(kind: ModelKind, models: string): string {
  return (
    `There is no ${kind} in ${models}. Train one (attend train ${kind}), export it (attend export ${kind}) ` +
    'and put its folder there, or name it.'
  );
}
