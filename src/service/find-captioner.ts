import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { packageRoot } from './package-root.ts';

const PREFIX = 'captioner-';

/** The folder of the models that come with the package. */
export function modelsFolder(): string {
  return join(packageRoot(), 'models');
}

/** The captioners in a folder of models, by name. */
export function listCaptioners(models = modelsFolder()): string[] {
  if (!existsSync(models)) return [];
  return readdirSync(models)
    .filter((name) => name.startsWith(PREFIX) && existsSync(join(models, name, MANIFEST)))
    .sort();
}

/**
 * The folder of a captioner.
 *
 * @param wanted a model's folder, or a name in `models` with or without "captioner-"; nothing for the
 *   first that is there
 * @throws Error that says which there are
 */
export function findCaptioner(wanted?: string, models = modelsFolder()): string {
  const known = listCaptioners(models);
  if (wanted === undefined) {
    if (known[0] !== undefined) return join(models, known[0]);
    throw new Error(
      `There is no captioner in ${models}. Train one (attend train captioner), export it (attend export captioner) ` +
        'and name its folder with --model.',
    );
  }
  if (existsSync(join(wanted, MANIFEST))) return wanted;
  const name = [wanted, `${PREFIX}${wanted}`].find((candidate) => known.includes(candidate));
  if (name !== undefined) return join(models, name);
  const list = known.length > 0 ? `The models that are there: ${known.join(', ')}.` : `There are none in ${models}.`;
  throw new Error(`There is no model "${wanted}": it is neither a folder with a ${MANIFEST} nor a known name. ${list}`);
}
