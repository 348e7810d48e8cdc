/** What a logistic regression has learnt: p(yes | x) = σ(intercept + Σ slopes_i x_i). */
export interface Logistic {
  readonly intercept: number;
  readonly slopes: readonly number[];
}

/** σ(x) = 1 / (1 + e^−x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** p(yes | x). */
export function logistic({ intercept, slopes }: Logistic, features: readonly number[]): number {
  return sigmoid(slopes.reduce((sum, slope, i) => sum + slope * features[i]!, intercept));
}

const STEPS = 50;
const ENOUGH = 1e-10;

/**
 * Fits a logistic regression by Newton's method (iteratively reweighted least squares): the maximum of the likelihood less
 * `ridge` / 2 · Σ slopes², which keeps slopes finite where the answers could be told without a fault.
 *
 * @param features of each example, all of the same length
 * @param ridge at least 0; on slopes alone
 * @throws RangeError where there is no example, or all have the same answer and nothing can be learnt
 */
export function fitLogistic(
  features: readonly (readonly number[])[],
  answers: readonly boolean[],
  ridge = 1e-3,
): Logistic {
  const size = (features[0]?.length ?? 0) + 1;
  if (features.length === 0 || features.length !== answers.length)
    throw new RangeError('There is nothing to learn from.');
  if (answers.every((answer) => answer === answers[0])) throw new RangeError('All examples have the same answer.');
  const rows = features.map((row) => [1, ...row]);
  const weights = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((weight, i) => (i === 0 ? 0 : ridge * weight));
    const hessian = weights.map((_, i) => weights.map((__, j) => (i === j ? (i === 0 ? 1e-12 : ridge + 1e-12) : 0)));
    for (const [n, row] of rows.entries()) {
      const p = sigmoid(row.reduce((sum, value, i) => sum + value * weights[i]!, 0));
      const residual = p - Number(answers[n]);
      for (let i = 0; i < size; i++) {
        gradient[i]! += residual * row[i]!;
        for (let j = 0; j < size; j++) hessian[i]![j]! += p * (1 - p) * row[i]! * row[j]!;
      }
    }
    const change = solve(hessian, gradient);
    // A step that is too long would leave the region where the quadratic is near the likelihood.
    const longest = Math.max(...change.map(Math.abs));
    const scale = Math.min(1, 5 / longest);
    for (let i = 0; i < size; i++) weights[i]! -= scale * change[i]!;
    if (longest < ENOUGH) break;
  }
  const [intercept = 0, ...slopes] = weights;
  return { intercept, slopes };
}

/** x of A x = b, by Gaussian elimination with pivots; A and b are used up. */
function solve(matrix: number[][], vector: number[]): number[] {
  const size = vector.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    [vector[column], vector[pivot]] = [vector[pivot]!, vector[column]!];
    for (let row = column + 1; row < size; row++) {
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      for (let k = column; k < size; k++) matrix[row]![k]! -= factor * matrix[column]![k]!;
      vector[row]! -= factor * vector[column]!;
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = vector[row]!;
    for (let k = row + 1; k < size; k++) rest -= matrix[row]![k]! * solution[k]!;
    solution[row] = rest / matrix[row]![row]!;
  }
  return solution;
}
