import { join } from 'node:path';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { withoutMark } from '../files/read-file.ts';
import { readWhole } from '../files/read-whole.ts';

/**
 * What a model folder's `model.json` says, for a look before the model is loaded: nothing of it is checked. A pipe in its
 * place is not waited for.
 * @throws Error where it cannot be read or is no JSON
 */
export async function readManifest(folder: string): Promise<unknown> {
  const bytes = await readWhole(join(folder, MANIFEST));
  return JSON.parse(withoutMark(bytes.toString('utf8')));
}
