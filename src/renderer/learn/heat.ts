/** Blue below 0, orange above, the ground at 0. */
const NEGATIVE = [33, 102, 172] as const;
const POSITIVE = [202, 86, 8] as const;

/** The ground that numbers near 0 fade into, in light and dark. */
const GROUND = { light: [247, 247, 245], dark: [38, 40, 43] } as const;
/** On dark ground the colours themselves are lighter. */
const LIFT = { light: 0, dark: 60 } as const;

export type Theme = keyof typeof GROUND;

/** Of what a mask hides. */
const HIDDEN = { light: [150, 150, 150], dark: [92, 94, 98] } as const;

/** The colour of a number on ±most; null: hidden. */
export function heatColour(value: number | null, most: number, theme: Theme): readonly [number, number, number] {
  if (value === null) return HIDDEN[theme];
  const share = most > 0 ? Math.sqrt(Math.min(1, Math.abs(value) / most)) : 0;
  const end = value < 0 ? NEGATIVE : POSITIVE;
  const mix = (channel: 0 | 1 | 2): number => {
    const from = GROUND[theme][channel];
    return Math.round(from + (Math.min(255, end[channel] + LIFT[theme]) - from) * share);
  };
  return [mix(0), mix(1), mix(2)];
}

/** The largest distance from 0. */
export function largestOf(rows: readonly (readonly (number | null)[])[]): number {
  let most = 0;
  for (const row of rows) for (const value of row) most = Math.max(most, Math.abs(value ?? 0));
  return most;
}

/** Vectors as a picture, a pixel a number and a row a vector; '' where nothing can be drawn. */
export function heatPicture(rows: readonly (readonly (number | null)[])[], theme: Theme): string {
  const most = largestOf(rows);
  return pixelPicture(rows, (value) => heatColour(value, most, theme));
}

/** Rows of numbers as a picture, a pixel each; '' where nothing can be drawn. */
export function pixelPicture<Value extends number | null>(
  rows: readonly (readonly Value[])[],
  colourOf: (value: Value) => readonly [number, number, number],
): string {
  const width = rows[0]?.length ?? 0;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = rows.length;
  const context = width === 0 ? null : canvas.getContext('2d');
  if (!context) return '';
  const image = context.createImageData(width, rows.length);
  for (const [y, row] of rows.entries()) {
    for (const [x, value] of row.entries()) image.data.set([...colourOf(value), 255], 4 * (y * width + x));
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
