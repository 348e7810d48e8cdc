import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { MODEL_KINDS } from '../contract/constants/model-kinds.ts';
import { isHubName } from './hub/hub-name.ts';
import { listModels, type ModelKind, type NamedFolder } from './installed-models.ts';
import { isPublishedFolder } from './published/published-folder.ts';

/**
 * The folder of a model that somebody named.
 *
 * @param wanted a model's folder (Attend's own, or one as models are published), or a name in `models` with or without
 *   its kind
 * @throws Error that says which there are
 */
export function findNamedModel(kind: ModelKind, wanted: string, models: string): string {
  if (existsSync(join(wanted, MANIFEST)) || isPublishedFolder(wanted)) return wanted;
  const known = listModels(kind, models);
  const found = withName(known, kind, wanted);
  if (found !== undefined) return found.folder;
  const names = known.map(({ name }) => name).join(', ');
  const list = known.length > 0 ? `The ${kind}s that are there: ${names}.` : `There is no ${kind} in ${models}.`;
  const other = MODEL_KINDS.find((one) => one !== kind && withName(listModels(one, models), one, wanted));
  if (other !== undefined)
    throw new Error(`The model "${wanted}" is a ${other}, and a ${kind} is needed here. ${list}`);
  const get = isHubName(wanted) ? ` One of the Hugging Face Hub is added with "attend models add ${wanted}".` : '';
  throw new Error(`There is no model "${wanted}": it is neither a folder with a model nor a known name. ${list}${get}`);
}

function withName(models: readonly NamedFolder[], kind: ModelKind, wanted: string): NamedFolder | undefined {
  return [wanted, `${kind}-${wanted}`].flatMap((candidate) => models.filter(({ name }) => name === candidate))[0];
}

/** What to say where there is no model of a kind at all. */
export function noModel(kind: ModelKind, models: string): string {
  return (
    `There is no ${kind} in ${models}. Train one (attend train ${kind}), export it (attend export ${kind}) ` +
    'and put its folder there, or name it.'
  );
}
