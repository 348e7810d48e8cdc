/** [rows, columns]. */
type Grid = readonly [rows: number, columns: number];

/** Width of the kernel in cells: wider is smoother on the way and quicker to settle. */
const SIGMA = 0.9;
const ITERATIONS = 24;
const FLOOR = 1e-7;

/**
 * What lies between two attention maps when one flows into the other: the Wasserstein barycentre, in which mass moves
 * from place to place rather than fading out here and in there. Entropic, by convolutions (Solomon et al. 2015,
 * "Convolutional Wasserstein Distances", algorithm 2); the ends are exact.
 *
 * @param from weights of the grid, row by row, that sum to about 1
 * @param to likewise
 * @returns the map at a time: 0 gives `from`, 1 gives `to`
 */
export function flowBetween(from: ArrayLike<number>, to: ArrayLike<number>, grid: Grid): (t: number) => Float32Array {
  // What the kernel makes of the ends is the same for every time between them.
  let ends: readonly [start: Float32Array, end: Float32Array] | undefined;
  return (t) => {
    if (t <= 0) return Float32Array.from(from);
    if (t >= 1) return Float32Array.from(to);
    const [start, end] = (ends ??= [barycentre(from, to, grid, 0), barycentre(from, to, grid, 1)]);
    // The kernel blurs: what it does to either end is taken back as that end comes near.
    const [first, last] = [(1 - t) ** 4, t ** 4];
    const sharp = barycentre(from, to, grid, t).map((value, cell) =>
      Math.max(0, value + first * (at(from, cell) - at(start, cell)) + last * (at(to, cell) - at(end, cell))),
    );
    return scaled(sharp, (1 - t) * sum(from) + t * sum(to));
  };
}

function barycentre(from: ArrayLike<number>, to: ArrayLike<number>, grid: Grid, t: number): Float32Array {
  const cells = grid[0] * grid[1];
  const measures = [from, to] as const;
  const shares = [1 - t, t] as const;
  const scalings = [new Float64Array(cells).fill(1), new Float64Array(cells).fill(1)] as const;
  const reached = [new Float64Array(cells), new Float64Array(cells)] as const;
  const mean = new Float64Array(cells);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    mean.fill(0);
    for (const end of [0, 1] as const) {
      const spread = blur(scalings[end], grid);
      for (let cell = 0; cell < cells; cell++) {
        spread[cell] = (at(measures[end], cell) + FLOOR) / Math.max(FLOOR, at(spread, cell));
      }
      const back = blur(spread, grid);
      for (let cell = 0; cell < cells; cell++) {
        const mass = Math.max(1e-30, at(scalings[end], cell) * at(back, cell));
        reached[end][cell] = mass;
        mean[cell] = at(mean, cell) + shares[end] * Math.log(mass);
      }
    }
    for (const end of [0, 1] as const) {
      for (let cell = 0; cell < cells; cell++) {
        scalings[end][cell] = (at(scalings[end], cell) * Math.exp(at(mean, cell))) / at(reached[end], cell);
      }
    }
  }
  // A geometric mean of what lies apart has less mass than either; none gets lost on the way.
  return scaled(Float32Array.from(mean, Math.exp), (1 - t) * sum(from) + t * sum(to));
}

function scaled(values: Float32Array, mass: number): Float32Array {
  const scale = mass / Math.max(1e-30, sum(values));
  return values.map((value) => value * scale);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < values.length; index++) total += at(values, index);
  return total;
}

/** A Gaussian along the rows, then along the columns. */
function blur(values: Float64Array, [rows, columns]: Grid): Float64Array {
  const across = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let other = 0; other < columns; other++) sum += at(values, row * columns + other) * kernel(column - other);
      across[row * columns + column] = sum;
    }
  }
  const blurred = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let other = 0; other < rows; other++) sum += at(across, other * columns + column) * kernel(row - other);
      blurred[row * columns + column] = sum;
    }
  }
  return blurred;
}

const KERNEL = Float64Array.from({ length: 64 }, (_, distance) => Math.exp(-(distance ** 2) / (2 * SIGMA ** 2)));
const kernel = (distance: number): number => KERNEL[Math.abs(distance)] ?? 0;

/** An element that the loop's bounds guarantee. */
function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}
