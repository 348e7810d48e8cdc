/**
 * Regions for "does it matter?": a word's region, and others of the same shape to compare it with.
 * Cells are numbered row by row from the top left.
 */

/** The fewest cells that together hold at least `share` of the attention, in the order of their numbers. */
export function mainRegion(weights: ArrayLike<number>, share: number): number[] {
  const order = Array.from(weights, (_, cell) => cell).sort(
    (a, b) => (weights[b] as number) - (weights[a] as number) || a - b,
  );
  const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  const region: number[] = [];
  let held = 0;
  for (const cell of order) {
    if (held >= share * total) break;
    region.push(cell);
    held += weights[cell] as number;
  }
  return region.sort((a, b) => a - b);
}

/**
 * Regions of the same size that share no cell with the region itself, spread over the photo: the same shape moved
 * where that fits (what leaves on one side comes back on the other), else compact ones around other cells.
 *
 * @returns at most `limit` regions; none where the rest of the photo is smaller than the region
 */
export function elsewhere(
  region: readonly number[],
  grid: readonly [rows: number, columns: number],
  limit: number,
): number[][] {
  const moved = movedRegions(region, grid);
  if (moved.length >= limit) return spread(moved, limit);
  const grown = grownRegions(region, grid).filter((one) => !moved.some((other) => other.join() === one.join()));
  return [...moved, ...spread(grown, limit - moved.length)];
}

/** The compact region of so many cells around the middle of the photo, where most photos have what they are of. */
export function centreRegion(count: number, [rows, columns]: readonly [rows: number, columns: number]): number[] {
  const distance = (cell: number): number =>
    Math.hypot(Math.floor(cell / columns) - (rows - 1) / 2, (cell % columns) - (columns - 1) / 2);
  return Array.from({ length: rows * columns }, (_, cell) => cell)
    .sort((a, b) => distance(a) - distance(b) || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** The `count` cells with the most attention, in the order of their numbers. */
export function mostAttended(weights: ArrayLike<number>, count: number): number[] {
  return Array.from(weights, (_, cell) => cell)
    .sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** Whether two regions of one size are different places: less than half of one lies in the other. */
export function isApart(region: readonly number[], other: readonly number[]): boolean {
  return other.filter((cell) => region.includes(cell)).length < region.length / 2;
}

/**
 * The word that looked at another place than `region`: of those apart from it the one whose region shares the fewest
 * cells with it, of equals the first.
 *
 * @param maps of the caption's words, one a word; empty ones are passed over
 * @param position of the word that `region` belongs to
 * @returns null where all words looked at much the same
 */
export function otherWordRegion(
  maps: readonly ArrayLike<number>[],
  position: number,
  region: readonly number[],
): { position: number; region: number[] } | null {
  let best: { position: number; region: number[]; shared: number } | null = null;
  for (const [index, map] of maps.entries()) {
    if (index === position || map.length === 0) continue;
    const other = mostAttended(map, region.length);
    const shared = other.filter((cell) => region.includes(cell)).length;
    if (isApart(region, other) && (best === null || shared < best.shared))
      best = { position: index, region: other, shared };
  }
  return best && { position: best.position, region: best.region };
}

function movedRegions(region: readonly number[], [rows, columns]: readonly [number, number]): number[][] {
  const places = new Map<string, number[]>();
  for (let down = 0; down < rows; down++) {
    for (let right = 0; right < columns; right++) {
      const moved = region
        .map((cell) => {
          const row = (Math.floor(cell / columns) + down) % rows;
          return row * columns + (((cell % columns) + right) % columns);
        })
        .sort((a, b) => a - b);
      if (!moved.some((cell) => region.includes(cell))) places.set(moved.join(), moved);
    }
  }
  return [...places.values()];
}

/** Around each cell outside the region, the nearest that are outside as well. */
function grownRegions(region: readonly number[], [rows, columns]: readonly [number, number]): number[][] {
  const free = Array.from({ length: rows * columns }, (_, cell) => cell).filter((cell) => !region.includes(cell));
  if (free.length < region.length) return [];
  const places = new Map<string, number[]>();
  for (const centre of free) {
    const distance = (cell: number): number =>
      Math.hypot(Math.floor(cell / columns) - Math.floor(centre / columns), (cell % columns) - (centre % columns));
    const nearest = [...free].sort((a, b) => distance(a) - distance(b) || a - b).slice(0, region.length);
    nearest.sort((a, b) => a - b);
    places.set(nearest.join(), nearest);
  }
  return [...places.values()];
}

/** `count` of a list, evenly over it, which goes evenly over the photo. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / count)] as T);
}

/**
 * The photo with some cells filled with its mean colour.
 * @param pixels 8-bit RGB, `size` x `size`; left as it is
 */
export function blank(
  pixels: Uint8Array,
  size: number,
  [rows, columns]: readonly [rows: number, columns: number],
  cells: readonly number[],
): Uint8Array {
  const mean = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) mean[i % 3] = (mean[i % 3] as number) + (pixels[i] as number);
  const colour = mean.map((sum) => Math.round((3 * sum) / pixels.length));
  // Photos come as Buffers, whose slice is the same memory.
  const blanked = Uint8Array.from(pixels);
  for (const cell of cells) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    const [top, bottom] = [Math.round((row * size) / rows), Math.round(((row + 1) * size) / rows)];
    const [left, right] = [Math.round((column * size) / columns), Math.round(((column + 1) * size) / columns)];
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) blanked.set(colour, (y * size + x) * 3);
    }
  }
  return blanked;
}
