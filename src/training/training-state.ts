import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, saveCheckpoint } from '../engine/checkpoint/checkpoint.ts';
import type { Json } from '../engine/checkpoint/json.ts';
import type { AdamW } from '../engine/training/adam-w.ts';
import { DirectoryStore } from '../model-folders/directory-store.ts';

/** In the folder of a stage. */
const STATE_FOLDER = 'state';

/** Whether a stage was begun: whether its first state was written whole, whose manifest comes last. @param folder of the stage */
export function wasBegun(folder: string): boolean {
  return existsSync(join(folder, STATE_FOLDER, 'model.json'));
}

/** What `TrainingState` keeps beside the optimiser. */
export interface OtherWeights {
  save(): Iterable<readonly [string, tf.Tensor]>;
  restore(weights: ReadonlyMap<string, tf.Tensor>): void;
}

/** The checkpoint from which an interrupted training goes on as if nothing had happened. */
export class TrainingState<Progress> {
  readonly #folder: string;
  readonly #store: DirectoryStore;
  readonly #architecture: string;

  /** @param folder of the stage */
  constructor(folder: string, architecture: string) {
    this.#folder = folder;
    this.#store = new DirectoryStore(join(folder, STATE_FOLDER));
    this.#architecture = architecture;
  }

  /** Whether the training was begun. */
  get exists(): boolean {
    return wasBegun(this.#folder);
  }

  /** @param progress what JSON can hold: no infinities */
  async save(optimiser: AdamW, progress: Progress, others?: OtherWeights): Promise<void> {
    const { steps, arrays } = optimiser.state();
    await saveCheckpoint(this.#store, {
      architecture: this.#architecture,
      config: {},
      metadata: { progress: progress as Json, steps },
      weights: [...arrays, ...(others?.save() ?? [])],
      precision: 'float32',
    });
  }

  /** Puts everything back to where it was saved. */
  async restore(optimiser: AdamW, others?: OtherWeights): Promise<Progress> {
    const { weights, metadata } = await loadCheckpoint(this.#store);
    const { progress, steps } = metadata as { progress: Progress; steps: number };
    try {
      optimiser.restore(steps, new Map([...weights].map(([name, tensor]) => [name, tensor.dataSync<'float32'>()])));
      others?.restore(weights);
    } finally {
      tf.dispose([...weights.values()]);
    }
    return progress;
  }
}
