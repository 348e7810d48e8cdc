import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { AdamW } from '../../engine/training/adam-w.ts';
import { DirectoryStore } from '../directory-store.ts';
import type { TrainableEncoder } from './trainable-encoder.ts';

/** How far a stage has come. */
export interface StageProgress {
  /** Steps done. */
  step: number;
  /** The state of the generator of dropout, augmentation and samples. */
  random: number;
  /** The best validation score of the epochs so far; −∞ before the first. */
  best: number;
  /** The losses and seconds of the present epoch, added up. */
  epochLoss: number;
  epochSeconds: number;
  /** Hard attention's moving average of the reward. */
  baseline: number;
}

/** What a checkpoint says beside its weights; JSON knows no infinity. */
interface Stored {
  progress: Omit<StageProgress, 'best'> & { best: number | null };
  steps: number;
}

/** The checkpoint from which an interrupted stage goes on as if nothing had happened. */
export class StageState {
  readonly #store: DirectoryStore;

  /** @param folder the stage's */
  constructor(folder: string) {
    this.#store = new DirectoryStore(join(folder, 'state'));
  }

  /** Whether the stage was begun. */
  get exists(): boolean {
    return existsSync(join(this.#store.directory, 'model.json'));
  }

  async save(optimiser: AdamW, encoder: TrainableEncoder, progress: StageProgress): Promise<void> {
    const { steps, arrays } = optimiser.state();
    const best = Number.isFinite(progress.best) ? progress.best : null;
    await saveCheckpoint(this.#store, {
      architecture: 'captioner-training',
      config: {},
      metadata: { progress: { ...progress, best }, steps },
      weights: [...arrays, ...encoder.entries('frozen/')],
      precision: 'float32',
    });
  }

  /** Puts everything back to where it was saved. */
  async restore(optimiser: AdamW, encoder: TrainableEncoder): Promise<StageProgress> {
    const { weights, metadata } = await loadCheckpoint(this.#store);
    const { progress, steps } = metadata as unknown as Stored;
    try {
      optimiser.restore(steps, new Map([...weights].map(([name, tensor]) => [name, tensor.dataSync<'float32'>()])));
      // The part that is not trained is stored as well: an earlier stage may have trained it.
      encoder.install(weights, 'frozen/');
    } finally {
      tf.dispose([...weights.values()]);
    }
    return { ...progress, best: progress.best ?? -Infinity };
  }
}
