import * as tf from '@tensorflow/tfjs-core';
import {
  alongContext,
  firstRows,
  keysError,
  lookBackward,
  lookForward,
  lstmBackward,
  lstmForward,
  lstmSlopes,
  oneHotRows,
  outputsAndErrors,
  split,
  tokensByPhoto,
  unroll,
  withRows,
  type LstmTrace,
  type Rows,
  type Unrolled,
} from './unrolled-parts.ts';

/** What the recurrence takes; every tensor of it gets a gradient. L locations, annotations of size D, attention of size A, hidden size H. */
export type UnrolledInputs = {
  /** a_i, [photos, L, D]. */
  annotations: tf.Tensor3D;
  /** W_a a_i + b, [photos, L, A]. */
  keys: tf.Tensor3D;
  /** h_0 and c_0, [photos, H]. */
  h: tf.Tensor2D;
  c: tf.Tensor2D;
  /** The words' share in the query, in packed order, [tokens, A]; left out where the query does not see them. */
  wordQueries?: tf.Tensor2D;
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

/** What the forward pass leaves to the backward pass; every list has an entry a step. */
type Trace = LstmTrace & {
  /** tanh(W_a a_i + W_h h_{t−1} + b), [rows, L, A]. */
  scored: tf.Tensor3D[];
  /** β_t, [rows, 1]. */
  beta: tf.Tensor2D[];
  /** h_{t−1}, [rows, H]. */
  h: tf.Tensor2D[];
};

/**
 * Teacher forcing through soft attention and an LSTM, all steps as one operation with its gradient
 * written out. For every step t, with h, c the state of the step before:
 *
 *     T = tanh(W_a a_i + b + W_h h + word)   α = softmax(T v)   ẑ = Σ_i α_i a_i   β = σ(f_β(h))
 *     i, f, o, g = σ, σ, σ, tanh(words + [β ẑ; h] W)     c' = f c + i g    h' = o tanh c'
 *
 * The same as tracing `attend` and `LstmCell.stepFrom` step by step (the tests compare the two), but
 * traced gradients make, pad and add up a gradient of every shared tensor at every step, some of them
 * [rows, L, D]. Back-propagation through time (Werbos 1990) only needs the small errors of each step one
 * after the other; the gradients of what the steps share are then single products over all tokens.
 */
export function unrollAttentionLstm(inputs: UnrolledInputs, rows: Rows): Unrolled {
  const [, locations, size] = inputs.annotations.shape;
  return unroll(
    inputs,
    [inputs.h.shape[1], size, locations],
    (given) => forward(given, rows),
    (given, found, trace: Trace, error) => backward(given, rows, found, trace, error),
  );
}

/** @returns [h_t, β_t ẑ_t, α_t] of all tokens, [tokens, H + D + L], and the trace */
function forward(inputs: UnrolledInputs, { source, active }: Rows): { output: tf.Tensor2D; trace: Trace } {
  const { annotations, keys, wordGates, wordQueries, v, gateBias } = inputs;
  const attentionSize = keys.shape[2];
  const hiddenSize = inputs.h.shape[1];
  return tf.tidy(() => {
    const trace: Trace = { scored: [], beta: [], sigmoids: [], candidate: [], memory: [], h: [], c: [] };
    const index = tf.tensor1d(source, 'int32');
    const rowAnnotations = tf.gather(annotations, index);
    const rowKeys = tf.gather(keys, index);
    const { fromContext, fromState } = kernels(inputs);
    const words = split(wordGates, active, 0);
    const queries = wordQueries && split(wordQueries, active, 0);
    const hidden: tf.Tensor2D[] = [];
    const contexts: tf.Tensor2D[] = [];
    const weights: tf.Tensor2D[] = [];
    let state = { h: tf.gather(inputs.h, index), c: tf.gather(inputs.c, index) };
    for (const [step, rows] of active.entries()) {
      const h = firstRows(state.h, rows);
      const c = firstRows(state.c, rows);
      const now = tf.tidy(() => {
        const [fromH, gate, stateGates] = split(tf.matMul<tf.Tensor2D>(h, fromState), [
          attentionSize,
          1,
          4 * hiddenSize,
        ]);
        const query = queries ? tf.add<tf.Tensor2D>(fromH, queries[step] as tf.Tensor2D) : fromH;
        const look = lookForward(firstRows(rowAnnotations, rows), firstRows(rowKeys, rows), query, v);
        const beta = tf.sigmoid(tf.add<tf.Tensor2D>(gate, gateBias));
        const context = tf.mul<tf.Tensor2D>(look.expected, beta);
        const contextGates = tf.matMul<tf.Tensor2D>(context, fromContext);
        const next = lstmForward(tf.addN([words[step] as tf.Tensor2D, stateGates, contextGates]), c);
        const { traced, ...after } = next;
        return { after, alpha: look.alpha, context, traced: { ...traced, scored: look.scored, beta } };
      });
      state = now.after;
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
  { source, active }: Rows,
  output: tf.Tensor2D,
  trace: Trace,
  error: tf.Tensor2D,
): UnrolledInputs {
  const { annotations, v } = inputs;
  const [photos, locations, size] = annotations.shape;
  const attentionSize = inputs.keys.shape[2];
  const hiddenSize = inputs.h.shape[1];
  return tf.tidy(() => {
    const rowAnnotations = tf.gather(annotations, tf.tensor1d(source, 'int32'));
    // Sums rows by photo as a matrix product; [rows, photos].
    const photoOfRow = oneHotRows(source, photos);
    const { fromContext, fromState } = kernels(inputs);

    const found = outputsAndErrors(output, error, [hiddenSize, size, locations], active);
    const { contexts, errors } = found;
    const weights = split(found.weights, active, 0);
    const slopes = lstmSlopes(trace, active);

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
        const dh = tf.add<tf.Tensor2D>(errors.hidden[step] as tf.Tensor2D, withRows(carried.h, rows));
        const { sums: dGates, c } = lstmBackward(slopes, step, dh, withRows(carried.c, rows));
        // The error of β ẑ, and its product with every a_i: what β and α need of it.
        const dGated = tf.add<tf.Tensor2D>(
          errors.contexts[step] as tf.Tensor2D,
          tf.matMul(dGates, fromContext, false, true),
        );
        const along = alongContext(firstRows(rowAnnotations, rows), dGated);
        const alpha = weights[step] as tf.Tensor2D;
        const beta = trace.beta[step] as tf.Tensor2D;
        const dGate = tf.mul<tf.Tensor2D>(tf.sum(tf.mul(alpha, along), 1, true), tf.mul(beta, tf.sub(1, beta)));
        const dAlpha = tf.add<tf.Tensor2D>(tf.mul(along, beta), errors.weights[step] as tf.Tensor2D);
        const look = lookBackward(trace.scored[step] as tf.Tensor3D, alpha, dAlpha, v, firstRows(photoOfRow, rows));
        const dState = tf.concat([look.query, dGate, dGates], 1);
        const h = tf.matMul<tf.Tensor2D>(dState, fromState, false, true);
        const gated = tf.mul<tf.Tensor2D>(dGated, beta);
        return {
          carried: { h, c },
          squares: tf.add<tf.Tensor2D>(squares, look.squares),
          dState,
          gated,
          energies: look.energies,
          v: look.v,
        };
      });
      tf.dispose([carried, squares]);
      ({ carried, squares } = now);
      stateErrors.unshift(now.dState);
      gatedErrors.unshift(now.gated);
      energyErrors.unshift(now.energies);
      vErrors.push(now.v);
    }

    const dState = tf.concat(stateErrors, 0);
    const [wordQueries, dGate, wordGates] = split(dState, [attentionSize, 1, 4 * hiddenSize]);
    const fromStateError = tf.matMul<tf.Tensor2D>(tf.concat(trace.h, 0), dState, true);
    const [query, gateKernel, stateKernel] = split(fromStateError, [attentionSize, 1, 4 * hiddenSize]);
    const contextKernel = tf.matMul<tf.Tensor2D>(contexts, wordGates, true);

    // Everything by photo: its annotations' error is one product over all tokens of all its captions.
    const tokens = tokensByPhoto({ source, active }, photos);
    return {
      annotations: tf.matMul<tf.Tensor3D>(tokens(found.weights), tokens(tf.concat(gatedErrors, 0)), true),
      keys: keysError(tokens(tf.concat(energyErrors, 0)), squares, v),
      h: tf.matMul(photoOfRow, withRows(carried.h, source.length), true),
      c: tf.matMul(photoOfRow, withRows(carried.c, source.length), true),
      ...(inputs.wordQueries && { wordQueries }),
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
