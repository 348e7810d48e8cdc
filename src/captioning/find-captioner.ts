import { join } from 'node:path';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { readJson } from '../files/read-file.ts';
import type { CaptionerConfig } from '../engine/models/captioner.ts';
import { findNamedModel, noModel } from '../model-folders/find-model.ts';
import { listModels, modelsFolder } from '../model-folders/installed-models.ts';

export { modelsFolder };

/** The captioners in a folder of models, by name. */
export function listCaptioners(models = modelsFolder()): string[] {
  return listModels('captioner', models).map(({ name }) => name);
}

/**
 * The folder of a captioner.
 *
 * @param wanted a model's folder, or a name in `models` with or without "captioner-"; nothing for the
 *   first that is there
 * @throws Error that says which there are
 */
export function findCaptioner(wanted?: string, models = modelsFolder()): string {
  if (wanted !== undefined) return findNamedModel('captioner', wanted, models);
  const first = listModels('captioner', models)[0];
  if (first === undefined) throw new Error(noModel('captioner', models));
  return first.folder;
}

/**
 * The folder of the first captioner of the paper with some attention, without loading any.
 * @returns undefined where there is none
 */
export async function findWithAttention(
  attention: CaptionerConfig['attention'],
  models = modelsFolder(),
): Promise<string | undefined> {
  for (const { folder } of listModels('captioner', models)) {
    const manifest = (await readJson(join(folder, MANIFEST))) as {
      config?: Partial<CaptionerConfig>;
    };
    if (manifest.config?.attention === attention) return folder;
  }
  return undefined;
}
