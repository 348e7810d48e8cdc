import type { CheckpointDescription, WeightArray } from '../../engine/checkpoint/checkpoint.ts';
import type { PublishedTensor } from '../../engine/published/safetensors.ts';
import type { ModelKind } from '../installed-models.ts';
import type { ModelFile } from '../model-files.ts';

/** What is in a published model's folder beside its weights. */
export interface PublishedFolder {
  readonly path: string;
  /** `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Another file of JSON; undefined where it is not there. */
  json(file: string): Promise<unknown>;
}

/** A published model in this engine's words, without its weights. */
export interface DescribedModel extends CheckpointDescription {
  readonly kind: ModelKind;
  /** The files beside the weights that the model needs when it runs. */
  readonly companions: readonly ModelFile[];
  /** The weights in this engine's layout. */
  readonly weights: (tensors: ReadonlyMap<string, PublishedTensor>) => Map<string, WeightArray>;
}

/** A kind of model that its authors publish in a form of their own. */
export interface PublishedFamily {
  /** What people call it. */
  readonly name: string;
  /** What `config.json` calls it. */
  readonly modelType: string;
  describe(folder: PublishedFolder): Promise<DescribedModel>;
}
