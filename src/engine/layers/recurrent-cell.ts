import * as tf from '@tensorflow/tfjs-core';
import type { Parameters } from '../parameters.ts';
import { GruCell, type GruKernels } from './gru.ts';
import { LstmCell } from './lstm.ts';
import { PlainCell } from './plain.ts';

/** The cells, by the names that configurations use. */
export const CELLS = ['lstm', 'gru', 'plain'] as const;
export type CellName = (typeof CELLS)[number];

/** The state of a cell: h, [rows, size], and behind it the memory c, [rows, size], of a cell that has one. */
type RecurrentState = readonly tf.Tensor2D[];

/** One step of a recurrence. */
type RecurrentStep = (
  /** The rows of `inputGates` for this step, [rows, gates]. */
  gates: tf.Tensor2D,
  /** The columns of the input that `inputGates` has not seen, [rows, input − width]; null where it saw all. */
  rest: tf.Tensor2D | null,
  state: RecurrentState,
) => tf.Tensor2D[];

/** A recurrent cell whose kind its user does not need to know. */
export interface RecurrentCell {
  readonly size: number;
  /** Tensors in a state. */
  readonly stateCount: number;
  /** One step by itself. @param x [rows, input] */
  step(x: tf.Tensor2D, state: RecurrentState): tf.Tensor2D[];
  /** The share of the first columns of the input in the gates, for many steps at once. @param x [rows, width] */
  inputGates(x: tf.Tensor2D): tf.Tensor2D;
  /** The step of a recurrence whose `inputGates` had an input of this width. */
  stepper(width: number): RecurrentStep;
}

/** Makes a cell: see `LstmCell`, `GruCell` and `PlainCell` for its weights. */
export function recurrentCell(
  kind: CellName,
  parameters: Parameters,
  name: string,
  inputSize: number,
  size: number,
): RecurrentCell {
  if (kind === 'lstm') {
    const cell = new LstmCell(parameters, name, inputSize, size);
    return {
      size,
      stateCount: 2,
      step: (x, state) => {
        const [h, c] = state as [tf.Tensor2D, tf.Tensor2D];
        const next = cell.step(x, { h, c });
        return [next.h, next.c];
      },
      inputGates: (x) => cell.inputGates(x),
      stepper: (width) => {
        const kernel = cell.recurrentKernel(width);
        return (gates, rest, state) => {
          const [h, c] = state as [tf.Tensor2D, tf.Tensor2D];
          const next = cell.stepFrom(gates, rest, kernel, { h, c });
          return [next.h, next.c];
        };
      },
    };
  }
  if (kind === 'plain') {
    const cell = new PlainCell(parameters, name, inputSize, size);
    return {
      size,
      stateCount: 1,
      step: (x, state) => [cell.step(x, state[0] as tf.Tensor2D)],
      inputGates: (x) => cell.inputGates(x),
      stepper: (width) => {
        const kernel = cell.recurrentKernel(width);
        return (gates, rest, state) => [cell.stepFrom(gates, rest, kernel, state[0] as tf.Tensor2D)];
      },
    };
  }
  const cell = new GruCell(parameters, name, inputSize, size);
  return {
    size,
    stateCount: 1,
    step: (x, state) => [cell.step(x, state[0] as tf.Tensor2D)],
    inputGates: (x) => cell.inputGates(x),
    stepper: (width) => {
      const kernels: GruKernels = cell.recurrentKernels(width);
      return (gates, rest, state) => [cell.stepFrom(gates, rest, kernels, state[0] as tf.Tensor2D)];
    },
  };
}

/** A state of zeros. */
export function zeroState(cell: RecurrentCell, rows: number): tf.Tensor2D[] {
  return Array.from({ length: cell.stateCount }, () => tf.zeros<tf.Rank.R2>([rows, cell.size]));
}
