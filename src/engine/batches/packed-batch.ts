/**
 * Captions (or sentences) of different lengths as one batch without padding.
 *
 * Rows are sorted by length, longest first, and the tokens are laid out step after step: the tokens
 * of step t are those of the first `active[t]` rows. So a finished row costs nothing.
 */
export interface PackedBatch {
  /** For each row, which source of the batch (a photo, a sentence) it belongs to. */
  source: Int32Array;
  /** Rows still running at each step; never rises. */
  active: number[];
  /** The token fed at each packed place: the start token, then the words. */
  inputs: Int32Array;
  /** The token to predict at each packed place: the words, then the end token. */
  targets: Int32Array;
  /** The row of each packed place. */
  row: Int32Array;
  /** For each row, its place in the list that the batch was packed from. */
  order: Int32Array;
}

/**
 * @param sequences the words of each row, without start and end token
 * @param source for each row, which source of the batch it belongs to
 */
export function packBatch(
  sequences: readonly (readonly number[])[],
  source: readonly number[],
  startToken: number,
  endToken: number,
): PackedBatch {
  const order = Int32Array.from(sequences.keys());
  const lengthOf = (row: number): number => (sequences[row] as readonly number[]).length;
  order.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
  const active: number[] = [];
  const inputs: number[] = [];
  const targets: number[] = [];
  const row: number[] = [];
  const steps = order.length > 0 ? lengthOf(order[0] as number) + 1 : 0;
  for (let step = 0; step < steps; step++) {
    let rows = 0;
    for (const [index, original] of order.entries()) {
      const words = sequences[original] as readonly number[];
      if (words.length < step) break;
      inputs.push(step === 0 ? startToken : (words[step - 1] as number));
      targets.push(words[step] ?? endToken);
      row.push(index);
      rows++;
    }
    active.push(rows);
  }
  return {
    source: Int32Array.from(order, (original) => source[original] as number),
    active,
    inputs: Int32Array.from(inputs),
    targets: Int32Array.from(targets),
    row: Int32Array.from(row),
    order,
  };
}

/**
 * A packed batch as a rectangle.
 * @returns `tokens` fed to each row, row after row, padded at the end; `places` of the packed tokens in it
 */
export function unpack({ active, inputs, row }: PackedBatch): { tokens: Int32Array; places: Int32Array } {
  const length = active.length;
  const tokens = new Int32Array((active[0] ?? 0) * length);
  const places = new Int32Array(inputs.length);
  let packed = 0;
  for (const [step, rows] of active.entries()) {
    for (let i = 0; i < rows; i++, packed++) {
      const place = (row[packed] as number) * length + step;
      places[packed] = place;
      tokens[place] = inputs[packed] as number;
    }
  }
  return { tokens, places };
}
