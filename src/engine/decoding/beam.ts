import { BeamTree, type BeamFate } from './beam-tree.ts';
import { assertInteger, Rules } from './constraints.ts';
import type { Decoder, SearchPlan } from './decoder.ts';
import type { Constraints, Hypothesis, SearchControl } from './hypothesis.ts';
import { emptyPath, endPath, extendPath, toHypothesis, type Path } from './path.ts';
import { runSteps, type StepReading } from './step-loop.ts';

export interface BeamOptions extends Constraints {
  /** How many hypotheses of a source are followed at once. */
  width: number;
  /**
   * α ≥ 0 in score = log p / length^α, where the length counts the tokens and the end token (so it is
   * the number of probabilities in the product, and never 0). 0: the likeliest sentence wins; 1: the
   * one with the highest mean log-probability a token.
   */
  lengthNormalisation: number;
  /** How many hypotheses of each source are wanted (default 1). */
  nBest?: number;
  /** How many more are kept where the search comes by them; it goes on for none of them (default 0). */
  spare?: number;
  /**
   * Whether other continuations take the places of those that ended (default false), as in the search that published
   * models were tried with (Hugging Face's `transformers`, early_stopping false): of 2 `width` candidates those that end
   * and are among the first `width` are finished, and the first `width` that go on are the next beams. A source is done
   * once its likeliest beam, were it to end as it stands, would not be among its best `width`: that is a guess, which
   * may miss a better hypothesis. Those that reach the longest length count as finished there, without an end. A search of
   * width 1 is greedy there, and so it is here.
   */
  refill?: boolean;
  /** Whether a hypothesis of the longest length ends there, whatever the model says, instead of being cut off (default false). */
  forceEnd?: boolean;
}

/**
 * Beam search, all beams of all sources as one batch.
 *
 * At each step the `width` likeliest continuations of a source's beams are taken; those with the end
 * token are finished, the others are the next beams. A source leaves the batch when it has no beams
 * left or none of them can still enter its n-best: log p only falls and the length is at most
 * `maxLength` + 1 with the end token, so no continuation of a beam scores above
 * log p / (`maxLength` + 1)^α. The bound is admissible: stopping by it never changes the result.
 *
 * A beam with `maxLength` tokens either ends with its next token or is cut off. Hypotheses that were
 * cut off stand behind all finished ones, and only where there are fewer than `nBest` of those.
 *
 * @returns [source][n-best], best first; at least one and at most `nBest` + `spare` a source
 * @throws RangeError on options out of range or contradictory; the signal's reason when aborted
 */
export async function beamSearch<State>(
  decoder: Decoder<State>,
  options: BeamOptions,
  control?: SearchControl,
): Promise<Hypothesis[][]> {
  const { width, lengthNormalisation, nBest = 1, spare = 0 } = options;
  assertInteger('width', width, 1);
  assertInteger('nBest', nBest, 1);
  assertInteger('spare', spare, 0);
  if (!(lengthNormalisation >= 0 && lengthNormalisation < Infinity)) {
    throw new RangeError(`lengthNormalisation must be at least 0, not ${lengthNormalisation}.`);
  }
  const rules = new Rules(options, decoder);
  const beams = Array.from(
    { length: decoder.sources },
    () => new SourceBeams(rules, decoder, { ...options, nBest, spare }, control?.onTree && new BeamTree()),
  );

  const plan = control?.onTree ? null : planOf(options);
  if (plan) decoder.foresee?.(plan);
  await runSteps(
    decoder,
    Int32Array.from(beams, (_, source) => source),
    control,
    (reading) => {
      const rows: number[] = [];
      const tokens: number[] = [];
      let firstRow = 0;
      for (const source of beams) {
        const height = source.live.length;
        source.advance(reading, firstRow);
        for (const { row, path } of source.live) {
          rows.push(row);
          tokens.push(path.tokens.at(-1) as number);
        }
        firstRow += height;
      }
      return { rows: Int32Array.from(rows), tokens: Int32Array.from(tokens) };
    },
    () => control?.onStep?.(beams.map((source) => source.bestSoFar())),
  );
  control?.onTree?.(beams.map((source) => source.tree?.nodes ?? []));
  return beams.map((source) => source.results());
}

/** What can be told of a search beforehand; nothing of one with a beginning, or as published models have it. */
function planOf(options: BeamOptions): SearchPlan | null {
  const { forceEnd, maxLength, prefix = [], refill, width } = options;
  if (forceEnd || refill || prefix.length > 0) return null;
  const { forbidden = [], lengthNormalisation, minLength = 1, nBest = 1 } = options;
  const { neverLast = [], noRepeat = 0, repeatable = null } = options;
  const lengths = { lengthNormalisation, maxLength, minLength };
  return { width, nBest, ...lengths, noRepeat, forbidden, neverLast, repeatable };
}

/** A path that goes on, and the row of the last batch that it goes on from. */
interface Beam {
  readonly row: number;
  readonly path: Path;
  /** Its number in the tree, where one is kept. */
  readonly node: number | null;
}

/** A continuation that a step may take. */
interface Candidate {
  /** Of the token by itself. */
  readonly own: number;
  /** Of the whole path. */
  readonly logProbability: number;
  readonly beam: number;
  readonly token: number;
}

/** The beams of one source, likeliest first, and what has ended. */
class SourceBeams {
  live: Beam[] = [{ row: 0, path: emptyPath, node: null }];
  readonly tree: BeamTree | undefined;
  /** Best first, at most `#kept`. */
  readonly #finished: Hypothesis[] = [];
  /** Best first, at most as many. */
  readonly #cutOff: Hypothesis[] = [];
  readonly #rules: Rules;
  readonly #vocabularySize: number;
  readonly #endToken: number;
  readonly #width: number;
  readonly #alpha: number;
  readonly #nBest: number;
  /** With the spare ones. */
  readonly #wanted: number;
  /** As many as the stopping rule needs. */
  readonly #kept: number;
  readonly #refill: boolean;
  readonly #forceEnd: boolean;

  constructor(
    rules: Rules,
    decoder: { vocabularySize: number; endToken: number },
    options: Omit<BeamOptions, keyof Constraints> & { nBest: number; spare: number },
    tree: BeamTree | undefined,
  ) {
    this.tree = tree;
    const { width, lengthNormalisation, nBest, spare, refill = false, forceEnd = false } = options;
    this.#rules = rules;
    this.#vocabularySize = decoder.vocabularySize;
    this.#endToken = decoder.endToken;
    this.#width = width;
    this.#alpha = lengthNormalisation;
    const refills = refill && width > 1;
    this.#nBest = refills ? Math.max(nBest, width) : nBest;
    this.#wanted = nBest + spare;
    this.#kept = Math.max(this.#wanted, this.#nBest);
    this.#refill = refills;
    this.#forceEnd = forceEnd;
  }

  /** Takes one step; this source's beams are the rows from `firstRow` on. */
  advance(reading: StepReading, firstRow: number): void {
    const next: Beam[] = [];
    const went = new Set<number>();
    for (const [rank, { beam, own, token }] of this.#candidates(reading, firstRow).entries()) {
      const { path, node } = this.live[beam] as Beam;
      const row = firstRow + beam;
      const isOver = next.length === this.#width || rank >= this.#limit;
      if (isOver && !this.tree) break;
      const isEnd = token === this.#endToken;
      const extended = isEnd ? endPath(path, own, reading.row(row)) : extendPath(path, token, own, reading.row(row));
      let fate: BeamFate = 'pruned';
      if (isEnd) {
        // Of the candidates beyond the width only those count that go on.
        if (!isOver && rank < this.#width) {
          this.#keep(this.#finished, extended, true);
          went.add(beam);
          fate = 'finished';
        }
      } else if (!isOver && path.tokens.length < this.#rules.maxLength) {
        const isLongest = this.#refill && !this.#forceEnd && extended.tokens.length === this.#rules.maxLength;
        if (!isLongest) fate = 'kept';
        else if (rank < this.#width) {
          this.#keep(this.#finished, extended, false);
          fate = 'finished';
        }
      }
      const { logProbability } = extended;
      const told = { parent: node, token, own, logProbability, fate };
      const number = this.tree?.add({ ...told, score: this.#score(extended) }) ?? null;
      if (fate === 'kept') next.push({ row, path: extended, node: number });
    }
    if (next.length === 0 && !(this.#refill && this.#finished.length > 0)) {
      // The last beams: those that did not end here were cut off by the length limit or had no way on.
      this.live.forEach(({ node, path }, beam) => {
        if (went.has(beam)) return;
        this.#keep(this.#cutOff, path, false);
        this.tree?.end(node, 'cut-off');
      });
    }
    this.live = this.#canStillWin(next) ? next : [];
    if (this.live.length === 0) for (const { node } of next) this.tree?.end(node, 'outrun');
    this.tree?.nextStep();
  }

  /** How many candidates of a step count. */
  get #limit(): number {
    return this.#refill ? 2 * this.#width : this.#width;
  }

  bestSoFar(): Hypothesis {
    const best = this.#finished[0];
    const live = this.live[0]?.path;
    if (live && !(best && best.score >= this.#score(live))) return toHypothesis(live, this.#score(live), false);
    return best ?? (this.#cutOff[0] as Hypothesis);
  }

  results(): Hypothesis[] {
    return [...this.#finished, ...this.#cutOff].slice(0, this.#wanted);
  }

  /** What a step may take, likeliest first. */
  #candidates(reading: StepReading, firstRow: number): Candidate[] {
    const isLast = (this.live[0]?.path.tokens.length ?? 0) >= this.#rules.maxLength;
    if (!this.#forceEnd || !isLast) return this.#likeliest(reading, firstRow);
    return this.live.map(({ path }, beam) => ({
      own: 0,
      logProbability: path.logProbability,
      beam,
      token: this.#endToken,
    }));
  }

  /** The likeliest allowed continuations, likeliest first; of equals, the lower beam and token. */
  #likeliest(reading: StepReading, firstRow: number): Candidate[] {
    let best: Candidate[] = [];
    this.live.forEach((_, beam) => {
      const listed = reading.likeliest(firstRow + beam);
      if (listed) {
        const before = best.slice();
        if (this.#consider(best, beam, listed.logProbabilities, 0, listed.tokens)) return;
        // A token beyond the list might be good enough: of this beam, all are looked at instead.
        best = before;
      }
      this.#consider(best, beam, reading.logProbabilities, (firstRow + beam) * this.#vocabularySize);
    });
    return best;
  }

  /**
   * Puts the continuations of a beam among the best so far.
   * @param logProbabilities from `offset` on, those of `tokens`, or of all
   * @param tokens likeliest first; left out: all
   * @returns whether no other token than these could be among the best
   */
  #consider(
    best: Candidate[],
    beam: number,
    logProbabilities: ArrayLike<number>,
    offset: number,
    tokens?: ArrayLike<number>,
  ): boolean {
    const { path } = this.live[beam] as Beam;
    const limit = this.tree ? 2 * this.#width : this.#limit;
    const worst = (): number => (best.length < limit ? -Infinity : (best.at(-1) as Candidate).logProbability);
    let threshold = worst();
    const count = tokens ? tokens.length : this.#vocabularySize;
    for (let i = 0; i < count; i++) {
      const own = logProbabilities[offset + i] as number;
      const logProbability = path.logProbability + own;
      if (!(logProbability > threshold)) {
        if (tokens) return true;
        continue;
      }
      // The rules are asked last: few tokens are above the threshold.
      const token = tokens ? (tokens[i] as number) : i;
      if (!this.#rules.allows(path.tokens, token)) continue;
      insert(best, { logProbability, own, beam, token }, limit, (candidate) => candidate.logProbability);
      threshold = worst();
    }
    // Those beyond a list are at most as likely as its last.
    const last = logProbabilities[offset + count - 1] as number;
    return count === this.#vocabularySize || !(path.logProbability + last > threshold);
  }

  #canStillWin(beams: readonly Beam[]): boolean {
    const worst = this.#finished[this.#nBest - 1];
    const likeliest = beams[0];
    if (!worst || !likeliest) return true;
    if (this.#refill) return this.#score(likeliest.path) > worst.score;
    return likeliest.path.logProbability / (this.#rules.maxLength + 1) ** this.#alpha > worst.score;
  }

  #keep(list: Hypothesis[], path: Path, finished: boolean): void {
    insert(list, toHypothesis(path, this.#score(path), finished), this.#kept, (hypothesis) => hypothesis.score);
  }

  #score(path: Path): number {
    const { logProbabilities, logProbability } = path;
    // There, what was given has no part in it.
    const given = this.#refill ? this.#rules.given : 0;
    const chosen = logProbabilities.slice(0, given).reduce((rest, one) => rest - one, logProbability);
    return chosen / Math.max(1, logProbabilities.length - given) ** this.#alpha;
  }
}

/** Puts `item` in its place of a list that falls by `value`, behind its equals, and drops what is beyond `limit`. */
function insert<T>(list: T[], item: T, limit: number, value: (item: T) => number): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value(list[middle] as T) >= value(item)) low = middle + 1;
    else high = middle;
  }
  if (low >= limit) return;
  list.splice(low, 0, item);
  if (list.length > limit) list.pop();
}
