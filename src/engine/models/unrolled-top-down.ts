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
export type TopDownInputs = {
  /** a_i, [photos, L, D]. */
  annotations: tf.Tensor3D;
  /** W_a a_i + b, [photos, L, A]. */
  keys: tf.Tensor3D;
  /** The share of word and mean annotation in the gates of the LSTM that looks, with its bias, in packed order: [tokens, 4 H]. */
  wordGates: tf.Tensor2D;
  /** The other rows of its kernel, those of h² and of h¹: [2 H, 4 H]. */
  kernel: tf.Tensor2D;
  /** W_h, [H, A]. */
  query: tf.Tensor2D;
  /** v, [A, 1]. */
  v: tf.Tensor2D;
  /** The LSTM that writes: the rows of ẑ, of h¹ and of h², [D + 2 H, 4 H]; its bias, [4 H]. */
  writerKernel: tf.Tensor2D;
  writerBias: tf.Tensor1D;
};

/** What the forward pass leaves to the backward pass; every list has an entry a step. */
type Trace = {
  /** tanh(W_a a_i + W_h h¹_t + b), [rows, L, A]. */
  scored: tf.Tensor3D[];
  /** h¹_t, h¹_{t−1} and h²_{t−1}, [rows, H]. */
  looking: tf.Tensor2D[];
  h1: tf.Tensor2D[];
  h2: tf.Tensor2D[];
} & Prefixed<'look', LstmTrace> &
  Prefixed<'write', LstmTrace>;

type Prefixed<Name extends string, T> = { [key in keyof T & string as `${Name}/${key}`]: T[key] };

/**
 * Teacher forcing through the pair of LSTMs of Anderson et al. 2018 (arXiv 1707.07998, section 3.2), all steps as one
 * operation with its gradient written out (see `unrollAttentionLstm`). For every step t, both states beginning with 0:
 *
 *     h¹ = LSTM¹(words + [h²_{t−1}; h¹_{t−1}] W)
 *     T = tanh(W_a a_i + b + W_h h¹)   α = softmax(T v)   ẑ = Σ_i α_i a_i
 *     h² = LSTM²([ẑ; h¹; h²_{t−1}] U + b)
 */
export function unrollTopDown(inputs: TopDownInputs, rows: Rows): Unrolled {
  const [, locations, size] = inputs.annotations.shape;
  return unroll(
    inputs,
    [inputs.query.shape[0], size, locations],
    (given) => forward(given, rows),
    (given, found, trace: Trace, error) => backward(given, rows, found, trace, error),
  );
}

/** @returns [h²_t, ẑ_t, α_t] of all tokens, [tokens, H + D + L], and the trace */
function forward(inputs: TopDownInputs, { source, active }: Rows): { output: tf.Tensor2D; trace: Trace } {
  const { annotations, keys, wordGates, kernel, query, v, writerKernel, writerBias } = inputs;
  const hiddenSize = query.shape[0];
  return tf.tidy(() => {
    const trace: Record<string, tf.Tensor[]> = {};
    const index = tf.tensor1d(source, 'int32');
    const rowAnnotations = tf.gather(annotations, index);
    const rowKeys = tf.gather(keys, index);
    const words = split(wordGates, active, 0);
    const hidden: tf.Tensor2D[] = [];
    const contexts: tf.Tensor2D[] = [];
    const weights: tf.Tensor2D[] = [];
    const zeros = tf.zeros<tf.Rank.R2>([source.length, hiddenSize]);
    let state = { h1: zeros, c1: zeros, h2: zeros, c2: zeros };
    for (const [step, rows] of active.entries()) {
      const before = {
        h1: firstRows(state.h1, rows),
        c1: firstRows(state.c1, rows),
        h2: firstRows(state.h2, rows),
        c2: firstRows(state.c2, rows),
      };
      const now = tf.tidy(() => {
        const states = tf.matMul<tf.Tensor2D>(tf.concat([before.h2, before.h1], 1), kernel);
        const looking = lstmForward(tf.add<tf.Tensor2D>(words[step] as tf.Tensor2D, states), before.c1);
        const look = lookForward(
          firstRows(rowAnnotations, rows),
          firstRows(rowKeys, rows),
          tf.matMul<tf.Tensor2D>(looking.h, query),
          v,
        );
        const read = tf.concat([look.expected, looking.h, before.h2], 1);
        const writing = lstmForward(tf.add<tf.Tensor2D>(tf.matMul(read, writerKernel), writerBias), before.c2);
        return {
          state: { h1: looking.h, c1: looking.c, h2: writing.h, c2: writing.c },
          alpha: look.alpha,
          context: look.expected,
          traced: {
            scored: look.scored,
            looking: looking.h,
            h1: before.h1,
            h2: before.h2,
            ...prefixed('look', looking.traced),
            ...prefixed('write', writing.traced),
          },
        };
      });
      state = now.state;
      hidden.push(state.h2);
      contexts.push(now.context);
      weights.push(now.alpha);
      for (const [name, tensor] of Object.entries(now.traced)) (trace[name] ??= []).push(tensor);
    }
    const output = tf.concat([tf.concat(hidden, 0), tf.concat(contexts, 0), tf.concat(weights, 0)], 1);
    return { output, trace: trace as unknown as Trace };
  });
}

/** @param error of `output`, [tokens, H + D + L] @returns the error of every input */
function backward(
  inputs: TopDownInputs,
  { source, active }: Rows,
  output: tf.Tensor2D,
  trace: Trace,
  error: tf.Tensor2D,
): TopDownInputs {
  const { annotations, kernel, query, v, writerKernel } = inputs;
  const [photos, locations, size] = annotations.shape;
  const [hiddenSize, attentionSize] = query.shape;
  return tf.tidy(() => {
    const rowAnnotations = tf.gather(annotations, tf.tensor1d(source, 'int32'));
    const photoOfRow = oneHotRows(source, photos);
    const found = outputsAndErrors(output, error, [hiddenSize, size, locations], active);
    const { contexts, errors } = found;
    const weights = split(found.weights, active, 0);
    const lookSlopes = lstmSlopes(traceOf(trace, 'look'), active);
    const writeSlopes = lstmSlopes(traceOf(trace, 'write'), active);

    const lookSums: tf.Tensor2D[] = [];
    const writeSums: tf.Tensor2D[] = [];
    const queryErrors: tf.Tensor2D[] = [];
    const expectedErrors: tf.Tensor2D[] = [];
    const energyErrors: tf.Tensor2D[] = [];
    const vErrors: tf.Tensor2D[] = [];
    const zeros = tf.zeros<tf.Rank.R2>([active[active.length - 1] as number, hiddenSize]);
    let carried = { h1: zeros, c1: tf.clone(zeros), h2: tf.clone(zeros), c2: tf.clone(zeros) };
    let squares = tf.zeros<tf.Rank.R2>([photos, locations * attentionSize]);
    for (let step = active.length - 1; step >= 0; step--) {
      const rows = active[step] as number;
      const now = tf.tidy(() => {
        const dh2 = tf.add<tf.Tensor2D>(errors.hidden[step] as tf.Tensor2D, withRows(carried.h2, rows));
        const write = lstmBackward(writeSlopes, step, dh2, withRows(carried.c2, rows));
        const read = tf.matMul<tf.Tensor2D>(write.sums, writerKernel, false, true);
        const [fromContext, toLooking, toWritten] = split(read, [size, hiddenSize, hiddenSize]);

        const expected = tf.add<tf.Tensor2D>(errors.contexts[step] as tf.Tensor2D, fromContext);
        const along = alongContext(firstRows(rowAnnotations, rows), expected);
        const look = lookBackward(
          trace.scored[step] as tf.Tensor3D,
          weights[step] as tf.Tensor2D,
          tf.add<tf.Tensor2D>(along, errors.weights[step] as tf.Tensor2D),
          v,
          firstRows(photoOfRow, rows),
        );

        const asked = tf.matMul<tf.Tensor2D>(look.query, query, false, true);
        const dh1 = tf.addN([toLooking, asked, withRows(carried.h1, rows)]);
        const looking = lstmBackward(lookSlopes, step, dh1, withRows(carried.c1, rows));
        const states = tf.matMul<tf.Tensor2D>(looking.sums, kernel, false, true);
        const [h2, h1] = split(states, [hiddenSize, hiddenSize]);
        return {
          carried: { h1, c1: looking.c, h2: tf.add<tf.Tensor2D>(h2, toWritten), c2: write.c },
          squares: tf.add<tf.Tensor2D>(squares, look.squares),
          lookSums: looking.sums,
          writeSums: write.sums,
          query: look.query,
          expected,
          energies: look.energies,
          v: look.v,
        };
      });
      tf.dispose([carried, squares]);
      ({ carried, squares } = now);
      lookSums.unshift(now.lookSums);
      writeSums.unshift(now.writeSums);
      queryErrors.unshift(now.query);
      expectedErrors.unshift(now.expected);
      energyErrors.unshift(now.energies);
      vErrors.push(now.v);
    }

    const wordGates = tf.concat(lookSums, 0);
    const written = tf.concat(writeSums, 0);
    const looking = tf.concat(trace.looking, 0);
    const h2 = tf.concat(trace.h2, 0);
    const tokens = tokensByPhoto({ source, active }, photos);
    return {
      annotations: tf.matMul<tf.Tensor3D>(tokens(found.weights), tokens(tf.concat(expectedErrors, 0)), true),
      keys: keysError(tokens(tf.concat(energyErrors, 0)), squares, v),
      wordGates,
      kernel: tf.matMul<tf.Tensor2D>(tf.concat([h2, tf.concat(trace.h1, 0)], 1), wordGates, true),
      query: tf.matMul<tf.Tensor2D>(looking, tf.concat(queryErrors, 0), true),
      v: tf.reshape<tf.Rank.R2>(tf.addN(vErrors), [attentionSize, 1]),
      writerKernel: tf.matMul<tf.Tensor2D>(tf.concat([contexts, looking, h2], 1), written, true),
      writerBias: tf.sum<tf.Tensor1D>(written, 0),
    };
  });
}

function prefixed<Name extends string, T extends Record<string, tf.Tensor>>(name: Name, traced: T): Prefixed<Name, T> {
  return Object.fromEntries(Object.entries(traced).map(([key, tensor]) => [`${name}/${key}`, tensor])) as Prefixed<
    Name,
    T
  >;
}

function traceOf(trace: Trace, name: 'look' | 'write'): LstmTrace {
  return {
    sigmoids: trace[`${name}/sigmoids`],
    candidate: trace[`${name}/candidate`],
    memory: trace[`${name}/memory`],
    c: trace[`${name}/c`],
  };
}
