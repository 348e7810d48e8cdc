import * as tf from '@tensorflow/tfjs-core';

/**
 * What recurrences with a written-out gradient are made of: an LSTM's step and a look at the photo, forwards and
 * backwards. See `unrollAttentionLstm` for why the gradient is written out.
 *
 * L locations, annotations of size D, attention of size A, hidden size H.
 */

/** Which rows run when; the part of a `PackedBatch` that a recurrence needs. */
export interface Rows {
  /** For each row, its photo. */
  source: Int32Array;
  /** Rows still running at each step; never rises. */
  active: readonly number[];
}

/** What a recurrence gives, in packed order (see `PackedBatch`). */
export type Unrolled = {
  /** h_t, [tokens, H]. */
  hidden: tf.Tensor2D;
  /** ẑ_t, gated where there is a gate, [tokens, D]. */
  contexts: tf.Tensor2D;
  /** α_t, [tokens, L]. */
  weights: tf.Tensor2D;
};

/** What the backward pass of an LSTM needs of its forward pass; every list has an entry a step. */
export type LstmTrace = {
  /** σ(i, f, o), [rows, 3 H]. */
  sigmoids: tf.Tensor2D[];
  /** g, [rows, H]. */
  candidate: tf.Tensor2D[];
  /** tanh c_t, [rows, H]. */
  memory: tf.Tensor2D[];
  /** c_{t−1}, [rows, H]. */
  c: tf.Tensor2D[];
};

/** An LSTM's step from the sums before its gates. @param sums [rows, 4 H] @param c c_{t−1}, [rows, H] */
export function lstmForward(
  sums: tf.Tensor2D,
  c: tf.Tensor2D,
): { h: tf.Tensor2D; c: tf.Tensor2D; traced: { [part in keyof LstmTrace]: tf.Tensor2D } } {
  const size = c.shape[1];
  const [three, last] = split(sums, [3 * size, size]);
  const sigmoids = tf.sigmoid(three);
  const [i, f, o] = split(sigmoids, [size, size, size]);
  const candidate = tf.tanh(last);
  const next = tf.add<tf.Tensor2D>(tf.mul(f, c), tf.mul(i, candidate));
  const memory = tf.tanh(next);
  return { h: tf.mul<tf.Tensor2D>(o, memory), c: next, traced: { sigmoids, candidate, memory, c } };
}

/** What turns the errors of an LSTM's new state into those of its sums and its old memory, for every step. */
export interface LstmSlopes {
  factors: tf.Tensor2D[];
  toMemory: tf.Tensor2D[];
  forget: tf.Tensor2D[];
}

/**
 * The errors of i, f, o, g are those of (c', c', h', c') times `factors` [rows, 4 H]; h' reaches c' by `toMemory`, c'
 * reaches c by `forget`, both [rows, H]. It does not depend on any error, so all steps are done at once.
 */
export function lstmSlopes(trace: LstmTrace, active: readonly number[]): LstmSlopes {
  return tf.tidy(() => {
    const size = (trace.memory[0] as tf.Tensor2D).shape[1];
    const [i, f, o] = split(tf.concat(trace.sigmoids, 0), [size, size, size]);
    const g = tf.concat(trace.candidate, 0);
    const memory = tf.concat(trace.memory, 0);
    const slope = (sigmoid: tf.Tensor2D): tf.Tensor2D => tf.mul(sigmoid, tf.sub(1, sigmoid));
    const factors = tf.concat<tf.Tensor2D>(
      [
        tf.mul<tf.Tensor2D>(g, slope(i)),
        tf.mul<tf.Tensor2D>(tf.concat(trace.c, 0), slope(f)),
        tf.mul<tf.Tensor2D>(memory, slope(o)),
        tf.mul<tf.Tensor2D>(i, tf.sub(1, tf.square(g))),
      ],
      1,
    );
    const toMemory = tf.mul<tf.Tensor2D>(o, tf.sub(1, tf.square(memory)));
    return { factors: split(factors, active, 0), toMemory: split(toMemory, active, 0), forget: split(f, active, 0) };
  });
}

/**
 * Back through an LSTM's step.
 * @param h the error of h_t @param c the error of c_t from the step after
 * @returns the errors of the sums before the gates, [rows, 4 H], and of c_{t−1}, [rows, H]
 */
export function lstmBackward(
  { factors, forget, toMemory }: LstmSlopes,
  step: number,
  h: tf.Tensor2D,
  c: tf.Tensor2D,
): { sums: tf.Tensor2D; c: tf.Tensor2D } {
  const dc = tf.add<tf.Tensor2D>(tf.mul(h, toMemory[step] as tf.Tensor2D), c);
  return {
    sums: tf.mul<tf.Tensor2D>(tf.concat([dc, dc, h, dc], 1), factors[step] as tf.Tensor2D),
    c: tf.mul<tf.Tensor2D>(dc, forget[step] as tf.Tensor2D),
  };
}

/**
 * A look at the photo: T = tanh(k_i + q), α = softmax(T v), ẑ = Σ_i α_i a_i.
 * @param keys W_a a_i + b, [rows, L, A] @param query q, [rows, A] @param v [A, 1]
 * @returns `scored`, T, [rows, L, A]; `alpha` [rows, L]; `expected`, ẑ, [rows, D]
 */
export function lookForward(
  annotations: tf.Tensor3D,
  keys: tf.Tensor3D,
  query: tf.Tensor2D,
  v: tf.Tensor2D,
): { scored: tf.Tensor3D; alpha: tf.Tensor2D; expected: tf.Tensor2D } {
  const [rows, locations, size] = annotations.shape;
  const attentionSize = keys.shape[2];
  const scored = tf.tanh(tf.add<tf.Tensor3D>(keys, tf.reshape(query, [rows, 1, attentionSize])));
  const energies = tf.matMul(tf.reshape<tf.Rank.R2>(scored, [rows * locations, attentionSize]), v);
  const alpha: tf.Tensor2D = tf.softmax(tf.reshape(energies, [rows, locations]));
  const expected = tf.matMul(tf.reshape<tf.Rank.R3>(alpha, [rows, 1, locations]), annotations);
  return { scored, alpha, expected: tf.reshape<tf.Rank.R2>(expected, [rows, size]) };
}

/** The error of a_i · ẑ's error for every location, [rows, L]: what a gate and α need of it. */
export function alongContext(annotations: tf.Tensor3D, error: tf.Tensor2D): tf.Tensor2D {
  const [rows, locations] = annotations.shape;
  return tf.reshape<tf.Rank.R2>(tf.matMul(annotations, tf.expandDims(error, 2)), [rows, locations]);
}

/**
 * Back through a look, from the error of α.
 * @param photoOfRow 1 at each row's photo, [rows, photos]
 * @returns the errors of the energies [rows, L], of q [rows, A] and of v [1, A], and Σ T² · energy errors by photo,
 *   [photos, L A], which `keysError` wants
 */
export function lookBackward(
  scored: tf.Tensor3D,
  alpha: tf.Tensor2D,
  alphaError: tf.Tensor2D,
  v: tf.Tensor2D,
  photoOfRow: tf.Tensor2D,
): { energies: tf.Tensor2D; query: tf.Tensor2D; v: tf.Tensor2D; squares: tf.Tensor2D } {
  const [rows, locations, attentionSize] = scored.shape;
  const energies = tf.mul<tf.Tensor2D>(alpha, tf.sub(alphaError, tf.sum(tf.mul(alpha, alphaError), 1, true)));
  // tanh' = 1 − T². Σ_i of the energies' error is 0 (softmax), so only the T² counts for the query.
  const weighted = tf.mul(tf.square(scored), tf.expandDims(energies, 2));
  const query = tf.mul<tf.Tensor2D>(tf.sum(weighted, 1), tf.neg(tf.reshape(v, [1, attentionSize])));
  const squares = tf.matMul<tf.Tensor2D>(photoOfRow, tf.reshape<tf.Rank.R2>(weighted, [rows, -1]), true);
  const flat = tf.reshape<tf.Rank.R2>(scored, [rows * locations, attentionSize]);
  const vError = tf.matMul<tf.Tensor2D>(tf.reshape<tf.Rank.R2>(energies, [1, rows * locations]), flat);
  return { energies, query, v: vError, squares };
}

/**
 * The error of the keys, [photos, L, A], from all steps together.
 * @param energies errors by photo, [photos, tokens of a photo, L] @param squares the sum of `lookBackward`'s, [photos, L A]
 */
export function keysError(energies: tf.Tensor3D, squares: tf.Tensor2D, v: tf.Tensor2D): tf.Tensor3D {
  const [photos, , locations] = energies.shape;
  const attentionSize = v.shape[0];
  const slopes = tf.sub(tf.expandDims(tf.sum(energies, 1), 2), tf.reshape(squares, [photos, locations, attentionSize]));
  return tf.mul<tf.Tensor3D>(slopes, tf.reshape(v, [1, 1, attentionSize]));
}

/** @returns a function that sorts packed rows by photo: [tokens, size] → [photos, most tokens of a photo, size], the rest 0 */
export function tokensByPhoto({ source, active }: Rows, photos: number): (packed: tf.Tensor2D) => tf.Tensor3D {
  const places: number[][] = Array.from({ length: photos }, () => []);
  let place = 0;
  for (const rows of active) for (let row = 0; row < rows; row++) places[source[row] as number]?.push(place++);
  const most = Math.max(...places.map((list) => list.length));
  // Place `place`, after all tokens, is a row of zeros.
  const index = new Int32Array(photos * most).fill(place);
  for (const [i, list] of places.entries()) index.set(list, i * most);
  return (packed) => {
    const padded = tf.pad2d(packed, [
      [0, 1],
      [0, 0],
    ]);
    return tf.reshape(tf.gather(padded, tf.tensor1d(index, 'int32')), [photos, most, packed.shape[1]]);
  };
}

/** 1 at each row's photo, [rows, photos]; `tf.oneHot` refuses a single photo. */
export function oneHotRows(source: Int32Array, photos: number): tf.Tensor2D {
  const values = new Float32Array(source.length * photos);
  for (const [row, index] of source.entries()) values[row * photos + index] = 1;
  return tf.tensor2d(values, [source.length, photos]);
}

type Three = [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];

/** Cuts a tensor into parts of these sizes. */
export function split(x: tf.Tensor2D, sizes: readonly number[], axis = 1): Three {
  return tf.split(x, [...sizes], axis) as Three;
}

export function firstRows<T extends tf.Tensor>(x: T, rows: number): T {
  return rows === x.shape[0] ? x : tf.slice(x, 0, rows);
}

/** With rows of zeros below, up to `rows`. */
export function withRows(x: tf.Tensor2D, rows: number): tf.Tensor2D {
  return rows === x.shape[0]
    ? x
    : tf.pad2d(x, [
        [0, rows - x.shape[0]],
        [0, 0],
      ]);
}

/** The sizes of h, ẑ and α, which a recurrence gives side by side: [tokens, H + D + L]. */
export type OutputSizes = readonly [hidden: number, context: number, locations: number];

/**
 * A whole recurrence as one operation with its gradient written out; see `withGradient`.
 * @param forward gives [h_t, ẑ_t, α_t] of all tokens, [tokens, H + D + L], and the trace
 */
export function unroll<Inputs extends Named, Trace extends Record<string, tf.Tensor[]>>(
  inputs: Inputs,
  sizes: OutputSizes,
  forward: (given: Inputs) => { output: tf.Tensor2D; trace: Trace },
  backward: (given: Inputs, output: tf.Tensor2D, trace: Trace, error: tf.Tensor2D) => Inputs,
): Unrolled {
  return tf.tidy(() => {
    const [hidden, contexts, weights] = split(withGradient(inputs, forward, backward), sizes);
    return { hidden, contexts, weights };
  });
}

/** What a step gave, and the errors of it, step by step. */
export function outputsAndErrors(
  output: tf.Tensor2D,
  error: tf.Tensor2D,
  sizes: OutputSizes,
  active: readonly number[],
): { contexts: tf.Tensor2D; weights: tf.Tensor2D; errors: { [part in keyof Unrolled]: tf.Tensor2D[] } } {
  const [hidden, context, locations] = split(error, sizes).map((part): tf.Tensor2D[] => split(part, active, 0)) as [
    tf.Tensor2D[],
    tf.Tensor2D[],
    tf.Tensor2D[],
  ];
  const [, contexts, weights] = split(output, sizes);
  return { contexts, weights, errors: { hidden, contexts: context, weights: locations } };
}

/** Tensors by name that go into an operation with a written-out gradient. */
type Named = Record<string, tf.Tensor | undefined>;

/**
 * An operation with a written-out gradient of tensors that have names.
 * @param inputs those that are undefined do not take part
 * @param forward what it computes: one output, and lists of as many tensors as there are steps, for the way back
 * @param backward from what `forward` gave and the error of the output: the error of every input
 */
function withGradient<Inputs extends Named, Trace extends Record<string, tf.Tensor[]>>(
  inputs: Inputs,
  forward: (given: Inputs) => { output: tf.Tensor2D; trace: Trace },
  backward: (given: Inputs, output: tf.Tensor2D, trace: Trace, error: tf.Tensor2D) => Inputs,
): tf.Tensor2D {
  const names = Object.keys(inputs).filter((name) => inputs[name] !== undefined);
  const named = (tensors: readonly tf.Tensor[]): Inputs =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as Inputs;
  const op = tf.customGrad((...all) => {
    const save = all.pop() as unknown as tf.GradSaveFunc;
    const given = all as tf.Tensor[];
    const { output, trace } = forward(named(given));
    const lists = Object.entries(trace);
    save([...given, output, ...lists.flatMap(([, list]) => list)]);
    const lengths = lists.map(([name, list]) => [name, list.length] as const);
    return {
      value: output,
      gradFunc: (error: tf.Tensor, saved: tf.Tensor[]) => {
        let place = names.length + 1;
        const found = lengths.map(([name, length]) => [name, saved.slice(place, (place += length))] as const);
        const gradients = backward(
          named(saved),
          saved[names.length] as tf.Tensor2D,
          Object.fromEntries(found) as unknown as Trace,
          error as tf.Tensor2D,
        );
        return names.map((name) => gradients[name] as tf.Tensor);
      },
    };
  });
  return op(...names.map((name) => inputs[name] as tf.Tensor));
}
