import type { AdamW } from '../../engine/training/adam-w.ts';
import type { TrainableEncoder } from './trainable-encoder.ts';
import { TrainingState, type OtherWeights } from '../training-state.ts';

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

/** `StageProgress` as it is stored: JSON knows no infinity. */
type Stored = Omit<StageProgress, 'best'> & { best: number | null };

/** The state of one stage of a captioner's training. */
export class StageState {
  readonly #state: TrainingState<Stored>;

  /** @param folder the stage's */
  constructor(folder: string) {
    this.#state = new TrainingState(folder, 'captioner-training');
  }

  /** Whether the stage was begun. */
  get exists(): boolean {
    return this.#state.exists;
  }

  async save(optimiser: AdamW, encoder: TrainableEncoder, progress: StageProgress): Promise<void> {
    const best = Number.isFinite(progress.best) ? progress.best : null;
    await this.#state.save(optimiser, { ...progress, best }, encoderWeights(encoder));
  }

  /** Puts everything back to where it was saved. */
  async restore(optimiser: AdamW, encoder: TrainableEncoder): Promise<StageProgress> {
    const progress = await this.#state.restore(optimiser, encoderWeights(encoder));
    return { ...progress, best: progress.best ?? -Infinity };
  }
}

/** The part that is not trained is stored as well: an earlier stage may have trained it. */
function encoderWeights(encoder: TrainableEncoder): OtherWeights {
  return {
    save: () => encoder.entries('frozen/'),
    restore: (weights) => encoder.install(weights, 'frozen/'),
  };
}
