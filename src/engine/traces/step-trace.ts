/** A look at some locations, taken apart. One row (a photo, a sentence), so a vector is a list of its numbers. */
export interface LookTrace {
  /** How scores come of keys and query: see `Score.form`. */
  form: 'tanh' | 'product' | 'fixed';
  /** What asks, as the decoder has it (h_{t−1}, s_t, or a Transformer's x), [query size]. */
  asking: Float32Array;
  /** q, what of it meets the keys, [key size]; empty where nothing asks. */
  query: Float32Array;
  /** k_i, [locations][key size]. */
  keys: Float32Array[];
  /** v of a `tanh`, [key size]. */
  v?: Float32Array;
  /** What is averaged (a_i, or a map of it), [locations][value size]. */
  values: Float32Array[];
  /** e_i as the model has them, [locations]. */
  scores: Float32Array;
  /** What the softmax was given: the same, or what a change made of them; −∞ where a location is hidden. */
  seen: Float32Array;
  /** α_i = softmax(seen)_i, [locations]. */
  weights: Float32Array;
  /** Σ_i α_i v_i, [value size]. */
  context: Float32Array;
}

/** A word that may come next. */
export interface NextToken {
  token: number;
  /** x·E_token + b_token. */
  logit: number;
  probability: number;
  /** E_token, the word's row of the output layer, [output size]. */
  vector: Float32Array;
  bias: number;
}

/** One step of a decoder, taken apart. */
export interface StepTrace {
  /** Null without attention. */
  look: LookTrace | null;
  /** E y_{t−1}, the word before; of a Transformer times √d. */
  word: Float32Array;
  /** β_t, and β_t ẑ_t, of a captioner with a gate. */
  gate?: number;
  gated?: Float32Array;
  /** h_t, or s_t, of a recurrent decoder. */
  state?: Float32Array;
  /** What the output layer multiplies with each word's row: the deep output, h̃_t, or the last layer's x, [output size]. */
  output: Float32Array;
  /** log Σ exp of the logits of all tokens: p = exp(logit − logSum). */
  logSum: number;
  /** The likeliest first. */
  likeliest: NextToken[];
}

/** What somebody changes of a look before its softmax. */
export interface ScoreChange {
  /** In place of the model's, one a location; null hides a location. Left out: the model's own. */
  scores?: readonly (number | null)[] | undefined;
  /** τ > 0: the softmax is of the scores over τ (default 1). */
  temperature?: number | undefined;
}

/** @throws RangeError where a change does not fit so many locations, or hides them all */
export function assertChange({ scores, temperature = 1 }: ScoreChange, locations: number): void {
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new RangeError(`The temperature must be above 0, not ${temperature}.`);
  }
  if (!scores) return;
  if (scores.length !== locations) {
    throw new RangeError(`There are ${locations} locations, and ${scores.length} scores for them.`);
  }
  if (scores.every((score) => score === null)) throw new RangeError('One location at least must be seen.');
}

/** What a softmax is given for some scores: what `change` makes of them. @param scores [locations] */
export function changedScores(scores: Float32Array, change: ScoreChange): Float32Array {
  assertChange(change, scores.length);
  const { temperature = 1 } = change;
  return scores.map((own, i) => {
    const wanted = change.scores ? change.scores[i] : own;
    return wanted === null || wanted === undefined ? -Infinity : wanted / temperature;
  });
}
