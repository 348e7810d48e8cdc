import { MARK, MARK_STYLE, type Label } from './doubt.ts';
import { fitText, measureText, wrapText, type TextStyle } from './typeface.ts';

/** The caption over the tiles, a tile's word, and small print. */
export const TITLE: TextStyle = { size: 32, weight: 600, fill: '#111111' };
export const LABEL: TextStyle = { size: 20, weight: 600, fill: '#111111' };
export const SMALL: TextStyle = { size: 15, weight: 400, fill: '#6b6b6b' };

const MARGIN = 44;
const TILE_AREA = 84_000;
const COLUMN_GAP = 22;
const ROW_GAP = 26;
const LABEL_HEIGHT = 32;
const TITLE_LINE = 42;
const TITLE_GAP = 18;
const MARK_LINE = 28;
const MARK_GAP = 16;
const FOOT_HEIGHT = 42;
/** The shape that a sheet comes as near to as its tiles allow. */
const SHEET_ASPECT = 1.5;
const MOST_COLUMNS = 8;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly text: string;
  readonly x: number;
  readonly baseline: number;
}

interface Tile {
  /** Where the photo goes, in whole pixels; very long or tall photos do not fill their tile. */
  readonly box: Box;
  /** The word, cut to fit; none over the plain photo. */
  readonly label: Line | undefined;
  /** The small print at the tile's right edge; `x` is where the text ends. */
  readonly note: Line | undefined;
  /** Whether the model is not sure of the word. */
  readonly unsure: boolean;
}

export interface SheetLayout {
  readonly width: number;
  readonly height: number;
  readonly title: readonly Line[];
  /** Says after the title that the model is not sure of it. */
  readonly mark: Line | undefined;
  /** The plain photo first, then one tile a word. */
  readonly tiles: readonly Tile[];
  /** Room for the colour key. */
  readonly key: Box;
}

/** Places a sheet's title, tiles and labels, in pixels. */
export function layoutSheet(
  photo: { width: number; height: number },
  caption: string,
  labels: readonly Label[],
  notSure = false,
): SheetLayout {
  const aspect = Math.min(2.4, Math.max(0.45, photo.width / photo.height));
  const tileWidth = Math.round(Math.sqrt(TILE_AREA * aspect));
  const tileHeight = Math.round(tileWidth / aspect);
  const count = labels.length + 1;
  const columns = bestColumns(count, tileWidth + COLUMN_GAP, tileHeight + LABEL_HEIGHT + ROW_GAP);
  const width = 2 * MARGIN + columns * tileWidth + (columns - 1) * COLUMN_GAP;

  const lines = wrapText(caption, TITLE, width - 2 * MARGIN);
  const title = lines.map((text, line) => ({ text, x: MARGIN, baseline: MARGIN + 26 + line * TITLE_LINE }));
  const mark = notSure ? markAfter(title, width - MARGIN) : undefined;
  const below = mark?.x === MARGIN ? MARK_LINE : 0;
  const top =
    lines.length > 0 ? MARGIN + lines.length * TITLE_LINE + below + TITLE_GAP - 10 : MARGIN - LABEL_HEIGHT + 8;

  const fit = Math.min(tileWidth / photo.width, tileHeight / photo.height);
  const photoWidth = Math.max(1, Math.min(tileWidth, Math.round(photo.width * fit)));
  const photoHeight = Math.max(1, Math.min(tileHeight, Math.round(photo.height * fit)));

  const tiles = Array.from({ length: count }, (_, index): Tile => {
    const x = MARGIN + (index % columns) * (tileWidth + COLUMN_GAP);
    const y = top + Math.floor(index / columns) * (tileHeight + LABEL_HEIGHT + ROW_GAP);
    const box = {
      x: x + Math.floor((tileWidth - photoWidth) / 2),
      y: y + LABEL_HEIGHT + Math.floor((tileHeight - photoHeight) / 2),
      width: photoWidth,
      height: photoHeight,
    };
    const label = index === 0 ? undefined : labels[index - 1];
    if (!label) return { box, label: undefined, note: undefined, unsure: false };
    const baseline = y + LABEL_HEIGHT - 10;
    const room = tileWidth - measureText(label.note, SMALL) - 12;
    return {
      box,
      label: { text: fitText(label.text, LABEL, room), x, baseline },
      note: { text: label.note, x: x + tileWidth, baseline },
      unsure: label.unsure,
    };
  });

  const rows = Math.ceil(count / columns);
  const bottom = top + rows * (tileHeight + LABEL_HEIGHT + ROW_GAP) - ROW_GAP;
  const height = bottom + FOOT_HEIGHT + MARGIN - 18;
  const key = { x: width - MARGIN - 132, y: bottom + 26, width: 132, height: 8 };
  return { width, height, title, mark, tiles, key };
}

/** Where the mark of doubt stands: behind the last line of the title, or under it where that is full. */
function markAfter(title: readonly Line[], right: number): Line | undefined {
  const last = title.at(-1);
  if (!last) return undefined;
  const x = last.x + measureText(last.text, TITLE) + MARK_GAP;
  return x + measureText(MARK, MARK_STYLE) <= right
    ? { text: MARK, x, baseline: last.baseline }
    : { text: MARK, x: MARGIN, baseline: last.baseline + MARK_LINE };
}

/** The number of columns whose sheet is nearest to the wanted shape, with few places left empty; few tiles in one row. */
function bestColumns(count: number, stepX: number, stepY: number): number {
  if (count <= 3) return count;
  let best = 1;
  let least = Infinity;
  for (let columns = 1; columns <= Math.min(count, MOST_COLUMNS); columns++) {
    const rows = Math.ceil(count / columns);
    const empty = rows * columns - count;
    const cost = Math.abs(Math.log((columns * stepX) / (rows * stepY) / SHEET_ASPECT)) + (0.6 * empty) / count;
    if (cost < least) [best, least] = [columns, cost];
  }
  return best;
}
