import * as tf from '@tensorflow/tfjs-core';
import { zeroState, type RecurrentCell } from './recurrent-cell.ts';

/** What a recurrence over sequences leaves. */
export type RecurrentOutput = {
  /** h_t at every token, [rows, length, size]; behind the end of a row something that nobody should read. */
  states: tf.Tensor3D;
  /** The state after the last token that was read (going backward: the first token), as of `RecurrentState`. */
  final: tf.Tensor2D[];
};

/**
 * Runs a cell along sequences of different lengths.
 *
 * Padding never changes a result. Forward, the state of a row that has ended stands still; backward, that
 * of a row that has not begun stays 0. Steps at which all rows are running cost nothing extra, so batches
 * of sentences of like lengths are fast.
 *
 * @param x [rows, length, input]
 * @param lengths tokens of each row; what lies behind them is padding
 */
export function runRecurrent(
  cell: RecurrentCell,
  x: tf.Tensor3D,
  lengths: Int32Array,
  direction: 'forward' | 'backward',
): RecurrentOutput {
  return tf.tidy(() => {
    const [rows, length, inputSize] = x.shape;
    const shortest = lengths.reduce((least, next) => Math.min(least, next), length);
    // Step after step, so that each step's rows lie together; all inputs go through one product.
    const timeMajor = tf.reshape<tf.Rank.R2>(tf.transpose(x, [1, 0, 2]), [length * rows, inputSize]);
    const gates = tf.split<tf.Tensor2D>(cell.inputGates(timeMajor), length, 0);
    const step = cell.stepper(inputSize);

    const backward = direction === 'backward';
    const states: tf.Tensor2D[] = [];
    let state = zeroState(cell, rows);
    for (let i = 0; i < length; i++) {
      const position = backward ? length - 1 - i : i;
      let next = step(gates[position] as tf.Tensor2D, null, state);
      if (position >= shortest) {
        const runs = tf.tensor2d(
          Float32Array.from(lengths, (own) => (position < own ? 1 : 0)),
          [rows, 1],
        );
        next = pausing(next, state, runs, direction);
      }
      state = next;
      states[position] = state[0] as tf.Tensor2D;
    }
    return { states: tf.stack(states, 1) as tf.Tensor3D, final: state };
  });
}

/** A cell along one direction of sequences. */
export interface Recurrence {
  readonly cell: RecurrentCell;
  readonly direction: 'forward' | 'backward';
}

/**
 * One step of `runRecurrent` as a function of tensors alone, which can be recorded.
 *
 * @param gates of the tokens at this step, a row of `inputGates` each, [rows, gates]
 * @param inputSize numbers of a token, of which the gates were made
 * @param runs 1 where a row has a token here, 0 where it is padded, [rows, 1]
 */
export function recurrentStep(
  { cell, direction }: Recurrence,
  inputSize: number,
  gates: tf.Tensor2D,
  runs: tf.Tensor2D,
  state: readonly tf.Tensor2D[],
): tf.Tensor2D[] {
  return tf.tidy(() => pausing(cell.stepper(inputSize)(gates, null, state), state, runs, direction));
}

/** What a step leaves where some rows are padded: forward they stand still, backward they have not begun. */
function pausing(
  next: readonly tf.Tensor2D[],
  before: readonly tf.Tensor2D[],
  runs: tf.Tensor2D,
  direction: Recurrence['direction'],
): tf.Tensor2D[] {
  return next.map((now, k) =>
    direction === 'backward' ? tf.mul(now, runs) : choose(runs, now, before[k] as tf.Tensor2D),
  );
}

/** `now` where `runs` is 1, `before` where it is 0; both have finite numbers. @param runs [rows, 1] */
function choose(runs: tf.Tensor2D, now: tf.Tensor2D, before: tf.Tensor2D): tf.Tensor2D {
  return tf.add(before, tf.mul(runs, tf.sub(now, before)));
}
