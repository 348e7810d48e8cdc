import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { runRecurrent, type Recurrence, type RecurrentOutput } from './recurrent.ts';
import { recurrentCell, type CellName, type RecurrentCell } from './recurrent-cell.ts';

/**
 * Two recurrences over the same sequence, one from each end: the annotation of a token is
 * h_j = [→h_j; ←h_j] (Schuster and Paliwal 1997; Bahdanau et al. 2015, section 3.2), so that it tells of
 * the words before and after.
 *
 * Weights: those of two cells, `NAME.forward` and `NAME.backward`.
 */
export class Bidirectional {
  /** Numbers of an annotation: twice those of a cell. */
  readonly size: number;
  readonly #forward: RecurrentCell;
  readonly #backward: RecurrentCell;

  /** @param size of each direction */
  constructor(kind: CellName, parameters: Parameters, name: string, inputSize: number, size: number) {
    this.size = 2 * size;
    this.#forward = recurrentCell(kind, parameters, `${name}.forward`, inputSize, size);
    this.#backward = recurrentCell(kind, parameters, `${name}.backward`, inputSize, size);
  }

  get recurrences(): Recurrence[] {
    return [
      { cell: this.#forward, direction: 'forward' },
      { cell: this.#backward, direction: 'backward' },
    ];
  }

  /**
   * @param x [rows, length, input]
   * @param lengths tokens of each row; padding behind them never changes a result
   * @returns `states` [rows, length, 2 size]; `final`: [→h_m; ←h_1], and for LSTMs [→c_m; ←c_1], [rows, 2 size]
   */
  apply(x: tf.Tensor3D, lengths: Int32Array): RecurrentOutput {
    return tf.tidy(() => {
      const forward = runRecurrent(this.#forward, x, lengths, 'forward');
      const backward = runRecurrent(this.#backward, x, lengths, 'backward');
      return {
        states: tf.concat([forward.states, backward.states], 2),
        final: forward.final.map((last, k) => tf.concat([last, backward.final[k] as tf.Tensor2D], 1)),
      };
    });
  }
}
