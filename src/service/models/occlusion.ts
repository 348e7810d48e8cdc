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
 * The region moved elsewhere: same shape, no cell in common with the region itself, spread over the photo. Where
 * the shape does not fit it leaves on one side and comes back on the other, so that the size stays the same.
 *
 * @returns at most `limit` regions; none where every place overlaps
 */
export function elsewhere(
  region: readonly number[],
  [rows, columns]: readonly [rows: number, columns: number],
  limit: number,
): number[][] {
  const own = new Set(region);
  const places: number[][] = [];
  const seen = new Set<string>();
  for (let down = 0; down < rows; down++) {
    for (let right = 0; right < columns; right++) {
      const moved = region
        .map((cell) => {
          const row = (Math.floor(cell / columns) + down) % rows;
          return row * columns + (((cell % columns) + right) % columns);
        })
        .sort((a, b) => a - b);
      const key = moved.join();
      if (seen.has(key) || moved.some((cell) => own.has(cell))) continue;
      seen.add(key);
      places.push(moved);
    }
  }
  if (places.length <= limit) return places;
  // Evenly over the list goes evenly over the photo.
  return Array.from({ length: limit }, (_, i) => places[Math.floor(((i + 0.5) * places.length) / limit)] as number[]);
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
  const blanked = pixels.slice();
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
