import type { Rules } from './constraints.ts';
import type { Decoder } from './decoder.ts';
import type { Hypothesis, SearchControl } from './hypothesis.ts';
import { emptyPath, endPath, extendPath, toHypothesis, type Path } from './path.ts';
import { runSteps, type StepReading } from './step-loop.ts';

/** The next token of a path, with its log p. */
interface Picked {
  readonly token: number;
  readonly logProbability: number;
}

/** Picks the next token of one path, which is the row `row` of the reading, or undefined where no token is allowed. */
export type Pick = (path: Path, reading: StepReading, row: number) => Picked | undefined;

/**
 * Searches that never branch (greedy, sampling): every row is one path from start to end. A path
 * leaves the batch when it takes the end token, when it has `maxLength` tokens and takes another,
 * or when nothing is allowed; the last two are not `finished`.
 *
 * @param firstRows the source of each path
 * @param report what `control.onStep` is told, from the hypotheses of all paths
 * @returns one hypothesis a path, in the order of `firstRows`; the score is the log-probability
 */
export async function walk<State>(
  decoder: Decoder<State>,
  firstRows: Int32Array,
  rules: Rules,
  pick: Pick,
  control: SearchControl | undefined,
  report: (all: Hypothesis[]) => readonly Hypothesis[],
): Promise<Hypothesis[]> {
  const { endToken } = decoder;
  const paths: Path[] = Array.from(firstRows, () => emptyPath);
  const finished = paths.map(() => false);
  // The path of each row of the batch.
  let live = paths.map((_, i) => i);

  const hypotheses = (): Hypothesis[] =>
    paths.map((path, i) => toHypothesis(path, path.logProbability, finished[i] === true));

  await runSteps(
    decoder,
    firstRows,
    control,
    (reading) => {
      const stay: number[] = [];
      const rows: number[] = [];
      const tokens: number[] = [];
      live.forEach((index, row) => {
        const path = paths[index] as Path;
        const picked = pick(path, reading, row);
        if (picked === undefined) return;
        const { logProbability, token } = picked;
        if (token === endToken) {
          paths[index] = endPath(path, logProbability, reading.row(row));
          finished[index] = true;
        } else if (path.tokens.length < rules.maxLength) {
          paths[index] = extendPath(path, token, logProbability, reading.row(row));
          stay.push(index);
          rows.push(row);
          tokens.push(token);
        }
      });
      live = stay;
      return { rows: Int32Array.from(rows), tokens: Int32Array.from(tokens) };
    },
    () => control?.onStep?.(report(hypotheses())),
  );
  return hypotheses();
}
