import * as tf from '@tensorflow/tfjs-core';
import { Parameters } from '../parameters.ts';
import { Random } from '../random.ts';
import { AdamW } from '../training/adam-w.ts';

export interface SmallRunOptions {
  /** Of the weights and of all that is drawn. */
  seed: number;
  /** How many updates there will be. */
  updates: number;
  /** The highest learning rate. */
  rate: number;
}

/** How the learning rate goes. */
export interface SmallSchedule {
  /** Updates over which it rises (default 0). */
  warmUp?: number;
  /** The share of updates at the end in which it falls to a twentieth. */
  coolDown: number;
}

/**
 * A small model that is trained while somebody waits: update after update by Adam, with gradients clipped to a norm of 1, until
 * there were as many as planned. What a run draws and the loss of that make it what it is.
 */
export abstract class SmallRun<Options extends SmallRunOptions, Batch> {
  readonly options: Options;
  /** Of the model, which is to be whole when the run is made. */
  protected readonly store: Parameters;
  protected readonly random: Random;
  readonly #schedule: SmallSchedule;
  #adam: AdamW | undefined;
  #done = 0;

  protected constructor(options: Options, schedule: SmallSchedule) {
    this.options = options;
    this.#schedule = schedule;
    this.random = new Random(options.seed);
    this.store = new Parameters(this.random.next);
  }

  /** New examples. */
  protected abstract draw(): Batch;

  /** Of a batch, in nats; called where gradients are taken. */
  protected abstract loss(batch: Batch): tf.Scalar;

  /** Updates so far. */
  get done(): number {
    return this.#done;
  }

  get isOver(): boolean {
    return this.#done >= this.options.updates;
  }

  /** What is trained, by name. */
  parameters(): readonly (readonly [string, tf.Variable])[] {
    return this.store.entries();
  }

  /** Numbers that are trained. */
  get weights(): number {
    return this.parameters().reduce((sum, [, { size }]) => sum + size, 0);
  }

  /** One update on new examples. @returns the loss before it */
  update(): number {
    const batch = this.draw();
    const adam = (this.#adam ??= new AdamW(this.store.entries()));
    const { grads, value } = tf.variableGrads(() => this.loss(batch), adam.variables);
    const before = value.dataSync()[0] as number;
    this.#done++;
    adam.apply(grads, this.#rate(), 1);
    tf.dispose([value, grads]);
    return before;
  }

  dispose(): void {
    this.store.dispose();
  }

  #rate(): number {
    const { rate, updates } = this.options;
    const { coolDown, warmUp = 0 } = this.#schedule;
    const risen = warmUp === 0 ? 1 : this.#done / warmUp;
    return rate * Math.min(1, risen, Math.max(0.05, (updates - this.#done) / (updates * coolDown)));
  }
}
