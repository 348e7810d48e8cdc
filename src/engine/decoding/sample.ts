import { assertInteger, Rules } from './constraints.ts';
import type { Decoder } from './decoder.ts';
import type { Constraints, Hypothesis, SearchControl } from './hypothesis.ts';
import { walk, type Pick } from './walk.ts';

export interface SampleOptions extends Constraints {
  /** Above 0; below 1 sharpens the distribution, above 1 flattens it (default 1: as the model has it). */
  temperature?: number;
  /** Nucleus sampling (Holtzman et al. 2020): draw only from the likeliest tokens that together have this mass, (0, 1]; default 1: from all. */
  topP?: number;
  /** Source of uniform numbers on [0, 1); one is used a row a step, rows in order. */
  random: () => number;
  /** Independent samples of every source (default 1). */
  samplesPerSource?: number;
}

/**
 * Sampling: every next token is drawn from the model's distribution, limited to what the constraints
 * allow and renormalised; then temperature, then top-p.
 *
 * The log-probabilities in the result are the model's own (before constraints, temperature and
 * top-p), and the score is their sum.
 *
 * @returns [source][sample], in the order they were drawn
 * @throws RangeError on options out of range or contradictory; the signal's reason when aborted
 */
export async function sampleSearch<State>(
  decoder: Decoder<State>,
  options: SampleOptions,
  control?: SearchControl,
): Promise<Hypothesis[][]> {
  const { temperature = 1, topP = 1, random, samplesPerSource = 1 } = options;
  if (!(temperature > 0 && temperature < Infinity)) {
    throw new RangeError(`temperature must be above 0, not ${temperature}.`);
  }
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`topP must be above 0 and at most 1, not ${topP}.`);
  assertInteger('samplesPerSource', samplesPerSource, 1);

  const rules = new Rules(options, decoder);
  const rows = Int32Array.from({ length: decoder.sources * samplesPerSource }, (_, i) =>
    Math.floor(i / samplesPerSource),
  );
  const bySource = (all: Hypothesis[]): Hypothesis[][] =>
    Array.from({ length: decoder.sources }, (_, source) =>
      all.slice(source * samplesPerSource, (source + 1) * samplesPerSource),
    );
  const best = (all: Hypothesis[]): Hypothesis[] =>
    bySource(all).map((samples) => samples.reduce((a, b) => (b.score > a.score ? b : a)));

  const pick = drawn(rules, decoder.vocabularySize, temperature, topP, random);
  return bySource(await walk(decoder, rows, rules, pick, control, best));
}

function drawn(rules: Rules, vocabularySize: number, temperature: number, topP: number, random: () => number): Pick {
  // Unnormalised probabilities of one row at a time.
  const mass = new Float64Array(vocabularySize);

  return ({ tokens }, { logProbabilities }, row) => {
    const offset = row * vocabularySize;
    let highest = -Infinity;
    for (let token = 0; token < vocabularySize; token++) {
      const value = logProbabilities[offset + token] as number;
      const allowed = rules.allows(tokens, token) ? value : -Infinity;
      mass[token] = allowed;
      if (allowed > highest) highest = allowed;
    }
    if (highest === -Infinity) return undefined;

    let total = 0;
    for (let token = 0; token < vocabularySize; token++) {
      total += mass[token] = Math.exp(((mass[token] as number) - highest) / temperature);
    }
    const order = topP < 1 ? nucleus(mass, total, topP) : undefined;
    if (order) total = order.reduce((sum, token) => sum + (mass[token] as number), 0);

    let rest = random() * total;
    let last: number | undefined;
    const count = order ? order.length : vocabularySize;
    for (let i = 0; i < count; i++) {
      const token = order ? (order[i] as number) : i;
      if (mass[token] === 0) continue;
      last = token;
      rest -= mass[token] as number;
      if (rest < 0) break;
    }
    // Where rounding leaves a rest, the last token takes it.
    return last === undefined ? undefined : { token: last, logProbability: logProbabilities[offset + last] as number };
  };
}

/** The fewest likeliest tokens whose mass reaches `topP` of the total, likeliest first. */
function nucleus(mass: Float64Array, total: number, topP: number): number[] {
  // Tokens below this, all together, have less than 1 − topP: none is in the nucleus, and only the few above need sorting.
  const least = ((1 - topP) * total) / mass.length;
  const candidates: number[] = [];
  mass.forEach((value, token) => {
    if (value >= least && value > 0) candidates.push(token);
  });
  candidates.sort((a, b) => (mass[b] as number) - (mass[a] as number) || a - b);
  let sum = 0;
  let size = 0;
  while (size < candidates.length && (size === 0 || sum < topP * total))
    sum += mass[candidates[size++] as number] as number;
  return candidates.slice(0, size);
}
