import { disposeResults, type Decoder, type DecoderStep } from './decoder.ts';
import type { SearchControl } from './hypothesis.ts';

/** What one step said, read from the device. To be used at once: it ends with the step. */
export interface StepReading {
  /** How many rows were in the batch. */
  readonly rows: number;
  /** log p, row after row, [rows × vocabulary]. Read only; where the step says what is likeliest, read when it is asked for. */
  readonly logProbabilities: ArrayLike<number>;
  /** The likeliest tokens of a row, likeliest first (of equals, the lower number first); null where the decoder does not say. */
  likeliest(row: number): LikeliestTokens | null;
  /** What a path keeps of its row. The same arrays at every call. */
  row(row: number): RowReading;
}

/** What a path keeps of the row that it goes on from; this outlives the step. */
export interface RowReading {
  /** Where the row looked, [locations]; null where the model has no attention. */
  readonly weights: Float32Array | null;
  /** log p of every token, [vocabulary]; null where nobody asked to keep them. */
  readonly distribution: Float32Array | null;
}

/** Some tokens and their log p. Read only. */
interface LikeliestTokens {
  readonly tokens: ArrayLike<number>;
  readonly logProbabilities: ArrayLike<number>;
}

/** What to feed next: row i of the next batch goes on from row `rows[i]` of this one with `tokens[i]`. Empty: done. */
export interface NextStep {
  readonly rows: Int32Array;
  readonly tokens: Int32Array;
}

/** The event loop gets a turn this often, in milliseconds, so that an abort from outside can arrive. */
const TURN = 25;

/**
 * Runs a decoder step by step and owns every tensor while it does: whatever happens (the end, an
 * abort, an error anywhere), all states and step tensors are freed.
 *
 * @param firstRows the source of each row of the first batch
 * @param choose decides from each step's reading what to feed next
 * @param afterStep called after each step
 */
export async function runSteps<State>(
  decoder: Decoder<State>,
  firstRows: Int32Array,
  control: SearchControl | undefined,
  choose: (reading: StepReading) => NextStep,
  afterStep: () => void,
): Promise<void> {
  control?.signal?.throwIfAborted();
  if (firstRows.length === 0) return;

  let state = decoder.start();
  let next: NextStep = { rows: firstRows, tokens: new Int32Array(firstRows.length).fill(decoder.startToken) };
  let size = decoder.sources;
  let lastTurn = performance.now();

  const replaceState = (replacement: State): void => {
    const old = state;
    state = replacement;
    decoder.dispose(old);
  };

  try {
    while (next.rows.length > 0) {
      if (!isIdentity(next.rows, size)) replaceState(decoder.reorder(state, next.rows));
      size = next.rows.length;

      const step = decoder.step(state, next.tokens);
      replaceState(step.state);
      try {
        next = choose(await read(step, size, decoder.vocabularySize, control?.keepDistributions === true));
      } finally {
        disposeResults(step);
      }
      afterStep();

      if (control?.signal && performance.now() - lastTurn > TURN) {
        await new Promise((resolve) => setTimeout(resolve));
        lastTurn = performance.now();
      }
      control?.signal?.throwIfAborted();
    }
  } finally {
    decoder.dispose(state);
  }
}

function isIdentity(rows: Int32Array, size: number): boolean {
  return rows.length === size && rows.every((row, i) => row === i);
}

/** Reads a step's tensors in one go each. */
async function read(
  step: DecoderStep<unknown>,
  rows: number,
  vocabularySize: number,
  keepDistributions: boolean,
): Promise<StepReading> {
  const { likeliest, weights } = step;
  const width = vocabularySize;
  // Where the likeliest are told, the others may not be computed yet.
  const [height, count] = (likeliest?.tokens ?? step.logProbabilities).shape;
  if (height !== rows || (!likeliest && count !== width)) {
    throw new Error(`The decoder gave log-probabilities [${height}, ${count}] for [${rows}, ${width}].`);
  }
  const listed = likeliest && {
    tokens: await likeliest.tokens.data<'int32'>(),
    logProbabilities: await likeliest.logProbabilities.data<'float32'>(),
    count: likeliest.tokens.shape[1],
  };
  let all = listed ? undefined : await step.logProbabilities.data<'float32'>();
  // A softmax over one NaN is NaN throughout, so one number a row tells.
  for (let row = 0; row < rows; row++) {
    if (Number.isNaN(listed ? listed.logProbabilities[row * listed.count] : all?.[row * width])) {
      throw new Error('The model gave no probabilities (NaN): its weights or its input are damaged.');
    }
  }
  const looked = weights ? await weights.data() : null;
  const locations = weights ? weights.shape[1] : 0;
  const read: (RowReading | undefined)[] = [];
  const everything = (): Float32Array => (all ??= step.logProbabilities.dataSync<'float32'>());
  return {
    rows,
    get logProbabilities() {
      return everything();
    },
    likeliest(row) {
      if (!listed) return null;
      const [from, to] = [row * listed.count, (row + 1) * listed.count];
      return {
        tokens: listed.tokens.subarray(from, to),
        logProbabilities: listed.logProbabilities.subarray(from, to),
      };
    },
    row: (row) =>
      (read[row] ??= {
        // The few weights are a copy, since they are kept for long; of a distribution, which is not, a view is enough.
        weights: looked && Float32Array.from(looked.subarray(row * locations, (row + 1) * locations)),
        distribution: keepDistributions ? everything().subarray(row * width, (row + 1) * width) : null,
      }),
  };
}
