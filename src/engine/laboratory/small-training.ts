import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { AdamW } from '../training/adam-w.ts';

export interface SmallTrainingOptions {
  /** How many updates there will be. */
  updates: number;
  /** The highest learning rate. */
  rate: number;
  /** Updates over which the rate rises (default 0). */
  warmUp?: number;
  /** The share of updates at the end in which the rate falls to a twentieth. */
  coolDown: number;
}

/** Update after update of a small model by Adam, with gradients clipped to a norm of 1, until there were as many as planned. */
export class SmallTraining {
  readonly #options: SmallTrainingOptions;
  readonly #adam: AdamW;
  #done = 0;

  /** @param parameters of a model that is whole: all its weights are in it */
  constructor(parameters: Parameters, options: SmallTrainingOptions) {
    this.#options = options;
    this.#adam = new AdamW(parameters.entries());
  }

  /** Updates so far. */
  get done(): number {
    return this.#done;
  }

  get isOver(): boolean {
    return this.#done >= this.#options.updates;
  }

  /** The share of updates that are done. */
  get progress(): number {
    return this.#done / this.#options.updates;
  }

  /** One update. @returns the loss before it */
  update(loss: () => tf.Scalar): number {
    const { grads, value } = tf.variableGrads(loss, this.#adam.variables);
    const before = value.dataSync()[0] as number;
    this.#done++;
    this.#adam.apply(grads, this.#rate(), 1);
    tf.dispose([value, grads]);
    return before;
  }

  #rate(): number {
    const { coolDown, rate, updates, warmUp = 0 } = this.#options;
    const risen = warmUp === 0 ? 1 : this.#done / warmUp;
    return rate * Math.min(1, risen, Math.max(0.05, (updates - this.#done) / (updates * coolDown)));
  }
}
