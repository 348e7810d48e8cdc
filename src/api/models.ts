import { listModels as listFolders, modelsFolder } from '../model-folders/installed-models.ts';

/** A model that is installed. */
export interface InstalledModel {
  /** What `openCaptioner` and `openTranslator` know it by. */
  readonly name: string;
  readonly kind: 'captioner' | 'translator';
  readonly folder: string;
}

/** The models that are there: Attend's own, and those that were added by `attend models add`. */
export function listModels(): InstalledModel[] {
  return (['captioner', 'translator'] as const).flatMap((kind) =>
    listFolders(kind, modelsFolder()).map(({ name, folder }) => ({ name, kind, folder })),
  );
}
