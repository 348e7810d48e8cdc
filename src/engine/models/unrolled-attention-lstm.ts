import * as tf from '@tensorflow/tfjs-core';

/** What the recurrence takes; every tensor of it gets a gradient. L locations, annotations of size D, attention of size A, hidden size H. */
export type UnrolledInputs = {
  /** a_i, [photos, L, D]. */
  annotations: tf.Tensor3D;
  /** W_a a_i + b, [photos, L, A]. */
  keys: tf.Tensor3D;
  /** h_0 and c_0, [photos, H]. */
  h: tf.Tensor2D;
  c: tf.Tensor2D;
  /** The words' share in the gates of the LSTM, with its bias, in packed order: [tokens, 4 H]. */
  wordGates: tf.Tensor2D;
  /** The other rows of the LSTM's kernel, [D + H, 4 H]. */
  kernel: tf.Tensor2D;
  /** W_h, [H, A]. */
  query: tf.Tensor2D;
  /** v, [A, 1]. */
  v: tf.Tensor2D;
  /** f_β, [H, 1] and [1]. */
  gateKernel: tf.Tensor2D;
  gateBias: tf.Tensor1D;
};

/** What it gives, in packed order (see `PackedBatch`). */
export type Unrolled = {
  /** h_t, [tokens, H]. */
  hidden: tf.Tensor2D;
  /** β_t ẑ_t, [tokens, D]. */
  contexts: tf.Tensor2D;
  /** α_t, [tokens, L]. */
  weights: tf.Tensor2D;
};

/** Which rows run when; the part of a `PackedBatch` that the recurrence needs. */
interface Rows {
  /** For each row, its photo. */
  photo: Int32Array;
  /** Rows still running at each step; never rises. */
  active: readonly number[];
}

/** What the forward pass leaves to the backward pass; every list has an entry a step. */
type Trace = {
  /** tanh(W_a a_i + W_h h_{t−1} + b), [rows, L, A]. */
  scored: tf.Tensor3D[];
  /** β_t, [rows, 1]. */
  beta: tf.Tensor2D[];
  /** σ(i, f, o), [rows, 3 H]. */
  sigmoids: tf.Tensor2D[];
  /** g, [rows, H]. */
  candidate: tf.Tensor2D[];
  /** tanh c_t, [rows, H]. */
  memory: tf.Tensor2D[];
  /** h_{t−1} and c_{t−1}, [rows, H]. */
  h: tf.Tensor2D[];
  c: tf.Tensor2D[];
};

const INPUT_NAMES = [
  'annotations',
  'keys',
  'h',
  'c',
  'wordGates',
  'kernel',
  'query',
  'v',
  'gateKernel',
  'gateBias',
] as const;

/**
 * Teacher forcing through soft attention and an LSTM, all steps as one operation with its gradient
 * written out. For every step t, with h, c the state of the step before:
 *
 *     T = tanh(W_a a_i + b + W_h h)   α = softmax(T v)   ẑ = Σ_i α_i a_i   β = σ(f_β(h))
 *     i, f, o, g = σ, σ, σ, tanh(words + [β ẑ; h] W)     c' = f c + i g    h' = o tanh c'
 *
 * The same as tracing `attend` and `LstmCell.stepFrom` step by step (the tests compare the two), but
 * traced gradients make, pad and add up a gradient of every shared tensor at every step, some of them
 * [rows, L, D]. Back-propagation through time (Werbos 1990) only needs the small errors of each step one
 * after the other; the gradients of what the steps share are then single products over all tokens.
 */
export function unrollAttentionLstm(inputs: UnrolledInputs, rows: Rows): Unrolled {
  const [, locations, size] = inputs.annotations.shape;
  const hiddenSize = inputs.h.shape[1];
  const op = tf.customGrad((...all) => {
    const save = all.pop() as unknown as tf.GradSaveFunc;
    const given = named(all as tf.Tensor[]);
    const { output, trace } = forward(given, rows);
    const kept = Object.values(trace) as tf.Tensor[][];
    save([...(all as tf.Tensor[]), output, ...kept.flat()]);
    return {
      value: output,
      gradFunc: (error: tf.Tensor, saved: tf.Tensor[]) => {
        const steps = rows.active.length;
        const first = INPUT_NAMES.length + 1;
        const list = (i: number): tf.Tensor[] => saved.slice(first + i * steps, first + (i + 1) * steps);
        const found = Object.fromEntries(Object.keys(trace).map((name, i) => [name, list(i)])) as unknown as Trace;
        const gradients = backward(named(saved), rows, saved[first - 1] as tf.Tensor2D, found, error as tf.Tensor2D);
        return INPUT_NAMES.map((name) => gradients[name]);
      },
    };
  });
  return tf.tidy(() => {
    const output = op(...INPUT_NAMES.map((name) => inputs[name]));
    const [hidden, contexts, weights] = split(output, [hiddenSize, size, locations]);
    return { hidden, contexts, weights };
  });
}

function named(tensors: tf.Tensor[]): UnrolledInputs {
  return Object.fromEntries(INPUT_NAMES.map((name, i) => [name, tensors[i]])) as unknown as UnrolledInputs;
}

/** @returns [h_t, β_t ẑ_t, α_t] of all tokens, [tokens, H + D + L], and the trace */
function forward(inputs: UnrolledInputs, { photo, active }: Rows): { output: tf.Tensor2D; trace: Trace } {
  const { annotations, keys, wordGates, v, gateBias } = inputs;
  const [, locations, size] = annotations.shape;
  const attentionSize = keys.shape[2];
  const hiddenSize = inputs.h.shape[1];
  return tf.tidy(() => {
    const trace: Trace = { scored: [], beta: [], sigmoids: [], candidate: [], memory: [], h: [], c: [] };
    const index = tf.tensor1d(photo, 'int32');
    const rowAnnotations = tf.gather(annotations, index);
    const rowKeys = tf.gather(keys, index);
    const { fromContext, fromState } = kernels(inputs);
    const words = split(wordGates, active, 0);
    const hidden: tf.Tensor2D[] = [];
    const contexts: tf.Tensor2D[] = [];
    const weights: tf.Tensor2D[] = [];
    let state = { h: tf.gather(inputs.h, index), c: tf.gather(inputs.c, index) };
    for (const [step, rows] of active.entries()) {
      const h = firstRows(state.h, rows);
      const c = firstRows(state.c, rows);
      const now = tf.tidy(() => {
        const [projected, gate, stateGates] = split(tf.matMul<tf.Tensor2D>(h, fromState), [
          attentionSize,
          1,
          4 * hiddenSize,
        ]);
        const scored = tf.tanh(
          tf.add<tf.Tensor3D>(firstRows(rowKeys, rows), tf.reshape(projected, [rows, 1, attentionSize])),
        );
        const flat = tf.reshape<tf.Rank.R2>(scored, [rows * locations, attentionSize]);
        const energies = tf.matMul(flat, v);
        const alpha: tf.Tensor2D = tf.softmax(tf.reshape(energies, [rows, locations]));
        const weightsOfRow = tf.reshape<tf.Rank.R3>(alpha, [rows, 1, locations]);
        const expected = tf.matMul(weightsOfRow, firstRows(rowAnnotations, rows));
        const beta = tf.sigmoid(tf.add<tf.Tensor2D>(gate, gateBias));
        const context = tf.mul<tf.Tensor2D>(tf.reshape(expected, [rows, size]), beta);

        const contextGates = tf.matMul<tf.Tensor2D>(context, fromContext);
        const sums = tf.addN([words[step] as tf.Tensor2D, stateGates, contextGates]);
        const [three, last] = split(sums, [3 * hiddenSize, hiddenSize]);
        const sigmoids = tf.sigmoid(three);
        const [i, f, o] = split(sigmoids, [hiddenSize, hiddenSize, hiddenSize]);
        const candidate = tf.tanh(last);
        const nextC = tf.add<tf.Tensor2D>(tf.mul(f, c), tf.mul(i, candidate));
        const memory = tf.tanh(nextC);
        const next = { h: tf.mul<tf.Tensor2D>(o, memory), c: nextC };
        return { next, alpha, context, traced: { scored, beta, sigmoids, candidate, memory } };
      });
      state = now.next;
      hidden.push(state.h);
      contexts.push(now.context);
      weights.push(now.alpha);
      for (const [name, tensor] of Object.entries({ ...now.traced, h, c })) {
        (trace[name as keyof Trace] as tf.Tensor[]).push(tensor);
      }
    }
    const output = tf.concat([tf.concat(hidden, 0), tf.concat(contexts, 0), tf.concat(weights, 0)], 1);
    return { output, trace };
  });
}

/** @param error of `output`, [tokens, H + D + L] @returns the error of every input */
function backward(
  inputs: UnrolledInputs,
  { photo, active }: Rows,
  output: tf.Tensor2D,
  trace: Trace,
  error: tf.Tensor2D,
): UnrolledInputs {
  const { annotations, v } = inputs;
  const [photos, locations, size] = annotations.shape;
  const attentionSize = inputs.keys.shape[2];
  const hiddenSize = inputs.h.shape[1];
  return tf.tidy(() => {
    const index = tf.tensor1d(photo, 'int32');
    const rowAnnotations = tf.gather(annotations, index);
    // Sums rows by photo as a matrix product; [rows, photos].
    const photoOfRow = oneHotRows(photo, photos);
    const { fromContext, fromState } = kernels(inputs);
    const minusV = tf.neg(tf.reshape(v, [1, attentionSize]));

    const parts = [hiddenSize, size, locations];
    const [hiddenErrors, contextErrors, weightErrors] = split(error, parts).map((part): tf.Tensor2D[] =>
      split(part, active, 0),
    ) as Lists;
    const [, contexts, allWeights] = split(output, parts);
    const weights = split(allWeights, active, 0);
    const { factors, toMemory, forget } = gateSlopes(trace, active, hiddenSize);

    const stateErrors: tf.Tensor2D[] = [];
    const gatedErrors: tf.Tensor2D[] = [];
    const energyErrors: tf.Tensor2D[] = [];
    const vErrors: tf.Tensor2D[] = [];
    const last = active[active.length - 1] as number;
    let carried = { h: tf.zeros<tf.Rank.R2>([last, hiddenSize]), c: tf.zeros<tf.Rank.R2>([last, hiddenSize]) };
    let squares = tf.zeros<tf.Rank.R2>([photos, locations * attentionSize]);
    for (let step = active.length - 1; step >= 0; step--) {
      const rows = active[step] as number;
      const now = tf.tidy(() => {
        const dh = tf.add<tf.Tensor2D>(hiddenErrors[step] as tf.Tensor2D, withRows(carried.h, rows));
        const dc = tf.add<tf.Tensor2D>(tf.mul(dh, toMemory[step] as tf.Tensor2D), withRows(carried.c, rows));
        const dGates = tf.mul<tf.Tensor2D>(tf.concat([dc, dc, dh, dc], 1), factors[step] as tf.Tensor2D);
        // The error of β ẑ, and its product with every a_i: what β and α need of it.
        const dGated = tf.add<tf.Tensor2D>(
          contextErrors[step] as tf.Tensor2D,
          tf.matMul(dGates, fromContext, false, true),
        );
        const products = tf.matMul(firstRows(rowAnnotations, rows), tf.expandDims(dGated, 2));
        const along = tf.reshape<tf.Rank.R2>(products, [rows, locations]);
        const alpha = weights[step] as tf.Tensor2D;
        const beta = trace.beta[step] as tf.Tensor2D;
        const dGate = tf.mul<tf.Tensor2D>(tf.sum(tf.mul(alpha, along), 1, true), tf.mul(beta, tf.sub(1, beta)));
        const dAlpha = tf.add(tf.mul(along, beta), weightErrors[step] as tf.Tensor2D);
        const dEnergies = tf.mul<tf.Tensor2D>(alpha, tf.sub(dAlpha, tf.sum(tf.mul(alpha, dAlpha), 1, true)));
        // tanh' = 1 − T². Σ_i of the energies' error is 0 (softmax), so only the T² counts for the query.
        const scored = trace.scored[step] as tf.Tensor3D;
        const weighted = tf.mul(tf.square(scored), tf.expandDims(dEnergies, 2));
        const dQuery = tf.mul<tf.Tensor2D>(tf.sum(weighted, 1), minusV);
        const byPhoto = tf.matMul(firstRows(photoOfRow, rows), tf.reshape<tf.Rank.R2>(weighted, [rows, -1]), true);
        const flat = tf.reshape<tf.Rank.R2>(scored, [rows * locations, attentionSize]);
        const dV = tf.matMul<tf.Tensor2D>(tf.reshape<tf.Rank.R2>(dEnergies, [1, rows * locations]), flat);

        const dState = tf.concat([dQuery, dGate, dGates], 1);
        const h = tf.matMul<tf.Tensor2D>(dState, fromState, false, true);
        const c = tf.mul<tf.Tensor2D>(dc, forget[step] as tf.Tensor2D);
        const gated = tf.mul<tf.Tensor2D>(dGated, beta);
        return { carried: { h, c }, squares: tf.add<tf.Tensor2D>(squares, byPhoto), dState, gated, dEnergies, dV };
      });
      tf.dispose([carried, squares]);
      ({ carried, squares } = now);
      stateErrors.unshift(now.dState);
      gatedErrors.unshift(now.gated);
      energyErrors.unshift(now.dEnergies);
      vErrors.push(now.dV);
    }

    const dState = tf.concat(stateErrors, 0);
    const [, dGate, wordGates] = split(dState, [attentionSize, 1, 4 * hiddenSize]);
    const fromStateError = tf.matMul<tf.Tensor2D>(tf.concat(trace.h, 0), dState, true);
    const [query, gateKernel, stateKernel] = split(fromStateError, [attentionSize, 1, 4 * hiddenSize]);
    const contextKernel = tf.matMul<tf.Tensor2D>(contexts, wordGates, true);

    // Everything by photo: its annotations' error is one product over all tokens of all its captions.
    const tokens = tokensByPhoto({ photo, active }, photos);
    const energies = tokens(tf.concat(energyErrors, 0));
    const dAnnotations = tf.matMul<tf.Tensor3D>(tokens(allWeights), tokens(tf.concat(gatedErrors, 0)), true);
    const slopes = tf.sub(
      tf.expandDims(tf.sum(energies, 1), 2),
      tf.reshape(squares, [photos, locations, attentionSize]),
    );
    return {
      annotations: dAnnotations,
      keys: tf.mul<tf.Tensor3D>(slopes, tf.reshape(v, [1, 1, attentionSize])),
      h: tf.matMul(photoOfRow, withRows(carried.h, photo.length), true),
      c: tf.matMul(photoOfRow, withRows(carried.c, photo.length), true),
      wordGates,
      kernel: tf.concat<tf.Tensor2D>([contextKernel, stateKernel], 0),
      query,
      v: tf.reshape<tf.Rank.R2>(tf.addN(vErrors), [attentionSize, 1]),
      gateKernel,
      gateBias: tf.sum(dGate, 0),
    };
  });
}

/** W in two: what multiplies the context, [D, 4 H], and all that multiplies the state side by side, [W_h | f_β | W], [H, A + 1 + 4 H]. */
function kernels({ annotations, kernel, query, gateKernel }: UnrolledInputs): {
  fromContext: tf.Tensor2D;
  fromState: tf.Tensor2D;
} {
  const [fromContext, rest] = split(kernel, [annotations.shape[2], query.shape[0]], 0);
  return { fromContext, fromState: tf.concat([query, gateKernel, rest], 1) };
}

/**
 * What turns the errors of c' and h' into those of the sums before the gates, for every step: the errors of
 * i, f, o, g are those of (c', c', h', c') times `factors` [rows, 4 H]; h' reaches c' by `toMemory`, c' reaches
 * c by `forget`, both [rows, H]. It does not depend on any error, so all steps are done at once.
 */
function gateSlopes(trace: Trace, active: readonly number[], hiddenSize: number) {
  return tf.tidy(() => {
    const [i, f, o] = split(tf.concat(trace.sigmoids, 0), [hiddenSize, hiddenSize, hiddenSize]);
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

/** @returns a function that sorts packed rows by photo: [tokens, size] → [photos, most tokens of a photo, size], the rest 0 */
function tokensByPhoto({ photo, active }: Rows, photos: number): (packed: tf.Tensor2D) => tf.Tensor3D {
  const places: number[][] = Array.from({ length: photos }, () => []);
  let place = 0;
  for (const rows of active) for (let row = 0; row < rows; row++) places[photo[row] as number]?.push(place++);
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
function oneHotRows(photo: Int32Array, photos: number): tf.Tensor2D {
  const values = new Float32Array(photo.length * photos);
  for (const [row, index] of photo.entries()) values[row * photos + index] = 1;
  return tf.tensor2d(values, [photo.length, photos]);
}

type Three = [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
type Lists = [tf.Tensor2D[], tf.Tensor2D[], tf.Tensor2D[]];

function split(x: tf.Tensor2D, sizes: readonly number[], axis = 1): Three {
  return tf.split(x, [...sizes], axis) as Three;
}

function firstRows<T extends tf.Tensor>(x: T, rows: number): T {
  return rows === x.shape[0] ? x : tf.slice(x, 0, rows);
}

/** With rows of zeros below, up to `rows`. */
function withRows(x: tf.Tensor2D, rows: number): tf.Tensor2D {
  return rows === x.shape[0]
    ? x
    : tf.pad2d(x, [
        [0, rows - x.shape[0]],
        [0, 0],
      ]);
}
