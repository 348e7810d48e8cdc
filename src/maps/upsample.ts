/** How a coarse grid of weights becomes a map: smooth, or (`cells`) as the grid that it is. */
export type UpsampleMethod = 'gaussian' | 'cells';

export interface UpsampleOptions {
  /** Default 'gaussian', as in the figures of Xu et al. 2015. */
  method?: UpsampleMethod;
  /**
   * Standard deviation of the Gaussian as a fraction of the photo's side. Default 20/224: the paper's authors
   * enlarge the 14 x 14 weights to 224 x 224 and filter with a Gaussian of 20 pixels, to stand for the encoder's
   * receptive field; that does not shrink or grow with the grid.
   */
  sigma?: number;
}

/**
 * Stretches attention weights over a photo (Xu et al. 2015, section 5.4: upsampling, then a Gaussian
 * filter). Mass is kept: the map sums to what the weights sum to; no value is negative. At the edges the
 * kernels are mirrored, so that even weights give an even map.
 *
 * Pure arithmetic: runs in Node and in a browser.
 *
 * @param weights rows * cols non-negative numbers, row by row.
 * @param grid [rows, cols].
 * @param size [height, width] of the map in pixels.
 * @returns height * width numbers, row by row.
 * @throws RangeError if the weights do not fit the grid, or one is negative or not finite.
 */
export function upsample(
  weights: ArrayLike<number>,
  grid: readonly [rows: number, cols: number],
  size: readonly [height: number, width: number],
  options: UpsampleOptions = {},
): Float32Array {
  const [rows, cols] = grid;
  const [height, width] = size;
  const total = checkedSum(weights, rows, cols);
  const method = options.method ?? 'gaussian';
  const sigma = options.sigma ?? 20 / 224;
  if (!(sigma > 0)) throw new RangeError(`the Gaussian's sigma must be positive, not ${sigma}`);
  const kernel = (cells: number): Kernel => (method === 'cells' ? box : gaussianKernel(sigma * cells));
  const vertical = axisWeights(rows, height, kernel(rows));
  const horizontal = axisWeights(cols, width, kernel(cols));

  // map = vertical · weights · horizontalᵀ, the narrow product first.
  const map = new Float32Array(height * width);
  const line = new Float64Array(cols);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let row = 0; row < rows; row++) {
      const share = at(vertical, y * rows + row);
      for (let col = 0; col < cols; col++) line[col] = at(line, col) + share * at(weights, row * cols + col);
    }
    for (let x = 0; x < width; x++) {
      let value = 0;
      for (let col = 0; col < cols; col++) value += at(horizontal, x * cols + col) * at(line, col);
      map[y * width + x] = value;
    }
  }
  return scaleToSum(map, total);
}

/** The density that one cell (spanning 0 to 1) spreads at a position, in cells. */
type Kernel = (position: number) => number;

/** [pixels * cells]: the share of each cell's mass that each pixel gets. Every cell's shares sum to one. */
function axisWeights(cells: number, pixels: number, kernel: Kernel): Float64Array {
  const shares = new Float64Array(pixels * cells);
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let pixel = 0; pixel < pixels; pixel++) {
      const position = ((pixel + 0.5) / pixels) * cells;
      // The mirrors at 0 and at `cells`; one each suffices for any sigma below half the side.
      const share = kernel(position - cell) + kernel(-position - cell) + kernel(2 * cells - position - cell);
      shares[pixel * cells + cell] = share;
      sum += share;
    }
    // A map coarser than the grid can miss a narrow kernel altogether: its mass goes to the pixel it lies in.
    if (sum < 1e-9) {
      shares[Math.min(pixels - 1, Math.floor(((cell + 0.5) / cells) * pixels)) * cells + cell] = 1;
      continue;
    }
    for (let pixel = 0; pixel < pixels; pixel++) {
      shares[pixel * cells + cell] = at(shares, pixel * cells + cell) / sum;
    }
  }
  return shares;
}

/** The cell itself. */
function box(position: number): number {
  return position >= 0 && position < 1 ? 1 : 0;
}

/** A cell's box, convolved with a Gaussian. */
function gaussianKernel(sigmaInCells: number): Kernel {
  return (position) =>
    Math.max(0, normalDistribution(position / sigmaInCells) - normalDistribution((position - 1) / sigmaInCells));
}

/** The normal distribution function, by Abramowitz & Stegun 26.2.17; error below 7.5e-8. */
function normalDistribution(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return x >= 0 ? 1 - tail : tail;
}

function scaleToSum(map: Float32Array, total: number): Float32Array {
  let sum = 0;
  for (const value of map) sum += value;
  if (sum > 0) {
    const factor = total / sum;
    for (let index = 0; index < map.length; index++) map[index] = at(map, index) * factor;
  }
  return map;
}

function checkedSum(weights: ArrayLike<number>, rows: number, cols: number): number {
  if (weights.length !== rows * cols) {
    throw new RangeError(`a ${rows} x ${cols} grid needs ${rows * cols} weights, not ${weights.length}`);
  }
  let sum = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = at(weights, index);
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`weight ${index} is ${weight}; weights must be finite and not negative`);
    }
    sum += weight;
  }
  return sum;
}

/** An element that the loop's bounds guarantee. */
function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}
