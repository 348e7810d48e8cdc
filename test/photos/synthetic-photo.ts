import sharp, { type Sharp } from 'sharp';

/** Raw 8-bit RGB pixels. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

export type Colour = readonly [number, number, number];

/** A raster whose every pixel is chosen by its column and row. */
export function raster(width: number, height: number, colour: (x: number, y: number) => Colour): Raster {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  return { width, height, data };
}

export function toSharp({ data, width, height }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A dark photo, white in one cell of a grid laid over it. */
export function brightCell(width: number, height: number, grid: readonly [number, number], row: number, col: number) {
  return raster(width, height, (x, y) =>
    Math.floor((y / height) * grid[0]) === row && Math.floor((x / width) * grid[1]) === col
      ? [255, 255, 255]
      : [40, 40, 40],
  );
}

/**
 * The photo as a camera stores it under an EXIF orientation, after the standard's own words (CIPA DC-008, tag 274):
 * where the stored first row and first column lie in the upright picture.
 */
export function storedAs(orientation: number, upright: Raster): Raster {
  const { width, height, data } = upright;
  const right = width - 1;
  const bottom = height - 1;
  const seenAt: Record<number, (row: number, col: number) => [x: number, y: number]> = {
    1: (row, col) => [col, row], // first row: top, first column: left
    2: (row, col) => [right - col, row], // top, right
    3: (row, col) => [right - col, bottom - row], // bottom, right
    4: (row, col) => [col, bottom - row], // bottom, left
    5: (row, col) => [row, col], // left, top
    6: (row, col) => [right - row, col], // right, top
    7: (row, col) => [right - row, bottom - col], // right, bottom
    8: (row, col) => [row, bottom - col], // left, bottom
  };
  const turned = orientation >= 5;
  return raster(turned ? height : width, turned ? width : height, (col, row) => {
    const [x, y] = seenAt[orientation]!(row, col);
    const at = (y * width + x) * 3;
    return [data[at]!, data[at + 1]!, data[at + 2]!];
  });
}

/** Mean brightness of each cell of a grid over RGB pixels. */
export function cellMeans(pixels: Uint8Array, width: number, height: number, [rows, cols]: readonly [number, number]) {
  const sums = new Float64Array(rows * cols);
  const counts = new Float64Array(rows * cols);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y / height) * rows) * cols + Math.floor((x / width) * cols);
      sums[cell]! += pixels[(y * width + x) * 3]!;
      counts[cell]!++;
    }
  }
  return sums.map((sum, cell) => sum / counts[cell]!);
}

export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}
