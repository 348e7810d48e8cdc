import * as tf from '@tensorflow/tfjs-core';

/**
 * Takes whole rows of tensors: what a search does when its beams change places.
 *
 * The gather of the WASM backend and of plain JavaScript finds the place of every single number, some 50 ns for each, and
 * each of WASM's slices copies the whole tensor. There rows are copied in JavaScript, which can be differentiated where they follow
 * each other.
 *
 * @param rows which rows along the first axis, each in [0, rows of the tensor); a row may be taken often
 * @returns a function that takes these rows of a tensor of any rank. To be called inside a tidy
 */
export function rowsAt(rows: Int32Array): <T extends tf.Tensor>(x: T) => T {
  const backend = tf.getBackend();
  if (backend === 'wasm' || backend === 'cpu') {
    const runs = neighbours(rows);
    const only = runs.length === 1 ? (runs[0] as Run) : undefined;
    if (!only) return (x) => copied(x, runs, rows.length);
    // Plain JavaScript's slice is a view of all rows, which would keep them in memory, or lose its numbers with theirs.
    return backend === 'wasm' ? (x) => tf.slice(x, only.first, only.count) : (x) => copiedRun(x, only);
  }
  const index = tf.tensor1d(rows, 'int32');
  return (x) => tf.gather(x, index);
}

/** One run, with the gradient of a slice: what came of its rows, and zeros for the others. */
function copiedRun<T extends tf.Tensor>(x: T, run: Run): T {
  const { count, first } = run;
  const around = x.shape.map((size, axis): [number, number] => (axis === 0 ? [first, size - first - count] : [0, 0]));
  const copy = tf.customGrad((...given) => ({
    value: copied(given[0] as T, [run], count),
    gradFunc: (dy: tf.Tensor) => tf.pad(dy, around),
  }));
  return copy(x) as T;
}

/** Rows that follow each other. */
type Run = { first: number; count: number };

/** @param length how many rows the runs have together */
function copied<T extends tf.Tensor>(x: T, runs: readonly Run[], length: number): T {
  const [rows = 0, ...rest] = x.shape;
  const width = x.size / rows;
  const from = x.dataSync<'float32' | 'int32'>();
  const to = x.dtype === 'int32' ? new Int32Array(length * width) : new Float32Array(length * width);
  let place = 0;
  for (const { first, count } of runs) {
    to.set(from.subarray(first * width, (first + count) * width), place);
    place += count * width;
  }
  return tf.tensor(to, [length, ...rest], x.dtype) as T;
}

/** The same list as runs of rows that follow each other. */
function neighbours(rows: Int32Array): Run[] {
  const runs: Run[] = [];
  for (const row of rows) {
    const run = runs.at(-1);
    if (run && run.first + run.count === row) run.count++;
    else runs.push({ first: row, count: 1 });
  }
  return runs;
}
