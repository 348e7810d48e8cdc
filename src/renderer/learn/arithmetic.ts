import type { StepTrace } from '../../contract/data/traces.ts';

type Look = NonNullable<StepTrace['look']>;
type Vector = readonly number[];

/** What the page computes of a trace's numbers, as the engine does: attention by hand. */

/** a·b. */
export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** e_i: vᵀ tanh(k_i + q), k_iᵀ q, or k_i where nothing asks. */
export function scoreOf({ form, keys, query, v = [] }: Pick<Look, 'form' | 'keys' | 'query' | 'v'>, i: number): number {
  const key = keys[i] as Vector;
  if (form === 'fixed') return key[0] as number;
  if (form === 'product') return dot(key, query);
  return dot(
    key.map((k, d) => Math.tanh(k + (query[d] as number))),
    v,
  );
}

/** α_i = exp(e_i / τ) / Σ_j exp(e_j / τ). @param scores null where a location is hidden, which then has no weight */
export function softmax(scores: readonly (number | null)[], temperature = 1): number[] {
  const scaled = scores.map((score) => (score === null ? -Infinity : score / temperature));
  // Against overflow; it cancels.
  const largest = Math.max(...scaled);
  const exponentials = scaled.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((one) => one / sum);
}

/** Σ_i α_i v_i. */
export function weightedSum(weights: Vector, values: readonly Vector[]): number[] {
  const sum = new Array<number>(values[0]?.length ?? 0).fill(0);
  for (const [i, value] of values.entries()) {
    const weight = weights[i] as number;
    for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] as number) + weight * (value[d] as number);
  }
  return sum;
}

/** x·E_word + b_word. */
export function logitOf(
  output: Vector,
  { bias, vector }: Pick<StepTrace['likeliest'][number], 'bias' | 'vector'>,
): number {
  return dot(output, vector) + bias;
}
