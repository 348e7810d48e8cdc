import * as tf from '@tensorflow/tfjs-core';
import { follow } from './faithfulness/follow.ts';
import { blank } from './occlusion.ts';
import type { CaptionerModel } from './ready-captioner.ts';
import { encodeImages } from './search.ts';

/** Photos with a blank that are looked at together. */
const BATCH = 7;
/** How far around a cell the photo is blank: the cell and its neighbours, since things are larger than a cell. */
const REACH = 1;

export interface MatteredOptions {
  /** Cells on each side that are blank as well (default 1; 0: the cell alone). */
  reach?: number;
  signal?: AbortSignal | undefined;
  /** Told how many cells are done. */
  onCells?: (done: number, total: number) => void;
}

/**
 * How much each token of some captions of a photo falls where the photo is blank: occlusion (Zeiler and Fergus 2014), by
 * one look at each blanked photo, with a blank around each cell of the grid in turn.
 *
 * @param pixels 8-bit RGB of the encoder's size
 * @param captions word ids, without start and end
 * @returns log p with the whole photo less log p without the cell, in nats: [caption][token, the end last][cells]
 * @throws the signal's reason when aborted
 */
export async function fallsByCell(
  model: CaptionerModel,
  pixels: Uint8Array,
  captions: readonly (readonly number[])[],
  { onCells, reach = REACH, signal }: MatteredOptions = {},
): Promise<number[][][]> {
  const { grid } = model;
  const blanks = Array.from({ length: grid[0] * grid[1] }, (_, cell) => around(cell, grid, reach));
  return fallsByRegion(model, pixels, captions, blanks, { signal, onRegions: onCells });
}

/**
 * The same with any regions of the photo blanked in turn.
 * @param regions the cells of each
 * @returns [caption][token, the end last][regions]
 */
export async function fallsByRegion(
  model: CaptionerModel,
  pixels: Uint8Array,
  captions: readonly (readonly number[])[],
  regions: readonly (readonly number[])[],
  { onRegions, signal }: { onRegions?: MatteredOptions['onCells']; signal?: AbortSignal | undefined } = {},
): Promise<number[][][]> {
  const { encoder, grid } = model;
  const whole = followAll(model, [pixels], captions).map(([one]) => one as number[]);
  const falls = whole.map((tokens) => tokens.map(() => new Array<number>(regions.length).fill(0)));
  for (let from = 0; from < regions.length; from += BATCH) {
    signal?.throwIfAborted();
    const some = regions.slice(from, from + BATCH);
    const images = some.map((cells) => blank(pixels, encoder.inputSize, grid, cells));
    for (const [caption, rows] of followAll(model, images, captions).entries()) {
      for (const i of some.keys()) {
        for (const [token, own] of (falls[caption] as number[][]).entries()) {
          own[from + i] = (whole[caption]?.[token] as number) - (rows[i]?.[token] as number);
        }
      }
    }
    onRegions?.(from + some.length, regions.length);
    // Lets an abort arrive.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return falls;
}

/**
 * Maps of what mattered for each word of some captions: how far its log p falls without each cell, as parts of 1. What
 * rises does not count; where nothing falls, all cells are alike.
 * @param captions the tokens of each
 * @returns [captions][words][cells]
 */
export async function matteredMaps(
  model: CaptionerModel,
  pixels: Uint8Array,
  captions: readonly (readonly number[])[],
  options: MatteredOptions = {},
): Promise<number[][][]> {
  const falls = await fallsByCell(model, pixels, captions, options);
  return captions.map((tokens, i) => {
    const own = falls[i] ?? [];
    return model.vocabulary.group(tokens).map(({ count, first }) => {
      const pieces = own.slice(first, first + count);
      return asMap((own[0] ?? []).map((_, cell) => pieces.reduce((sum, piece) => sum + (piece[cell] as number), 0)));
    });
  });
}

/** Falls as a map that sums to 1. */
export function asMap(falls: readonly number[]): number[] {
  const positive = falls.map((fall) => Math.max(0, fall));
  const sum = positive.reduce((a, b) => a + b, 0);
  return positive.map((fall) => (sum > 0 ? fall / sum : 1 / falls.length));
}

/** log p of the tokens of each caption on each photo, [captions][photos][tokens and the end]. */
function followAll(
  model: CaptionerModel,
  images: readonly Uint8Array[],
  captions: readonly (readonly number[])[],
): number[][][] {
  const grids = encodeImages(model, images, false);
  try {
    return captions.map((ids) =>
      follow(
        model.decoder(grids[0] as tf.Tensor3D),
        images.map(() => ids),
      ).map(({ logProbabilities }) => logProbabilities),
    );
  } finally {
    tf.dispose(grids);
  }
}

/** A cell and those that are so near, as far as the grid goes. */
function around(cell: number, [rows, columns]: readonly [number, number], reach: number): number[] {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  return Array.from({ length: rows * columns }, (_, other) => other).filter(
    (other) => Math.abs(Math.floor(other / columns) - row) <= reach && Math.abs((other % columns) - column) <= reach,
  );
}
