import { escapeXml } from '../../files/xml.ts';

/** A cell of a table; with a share, of a bar behind it as well. */
export interface TableCell {
  readonly text: string;
  /** 0 to 1. */
  readonly share?: number | undefined;
  readonly struck?: boolean;
}

const FONT = 14;
const LETTER = FONT * 0.56;
const LINE = 26;
const GAP = 20;

/**
 * A table as a picture by itself, on white: the first column on the left, the others on the right of their places.
 * @param below lines of text below it
 */
export function tableSvg(
  head: readonly string[],
  rows: readonly (readonly TableCell[])[],
  below: readonly string[] = [],
): string {
  const widths = head.map((name, column) => {
    const texts = [name, ...rows.map((row) => row[column]?.text ?? '')];
    return Math.ceil(Math.max(...texts.map(({ length }) => length), 4) * LETTER) + GAP;
  });
  const lefts = widths.map((_, column) => widths.slice(0, column).reduce((sum, width) => sum + width, 0));
  const widest = below.reduce((most, { length }) => Math.max(most, length), 0);
  const width = Math.ceil(
    Math.max(
      widths.reduce((sum, one) => sum + one, 0),
      widest * LETTER + GAP,
    ),
  );
  const height = LINE * (1 + rows.length + below.length) + (below.length > 0 ? LINE / 2 : 0);
  const place = (column: number): string =>
    column === 0 ? `x="0"` : `x="${(lefts[column] as number) + (widths[column] as number) - 6}" text-anchor="end"`;
  const lines = [head.map((text) => ({ text })), ...rows].flatMap((cells: readonly TableCell[], line) => {
    const y = line * LINE;
    return cells.flatMap(({ share, struck = false, text }, column) => [
      ...(share === undefined
        ? []
        : [
            `<rect x="${(lefts[column] as number) + GAP / 2}" y="${y + 3}" width="${(((widths[column] as number) - GAP / 2) * share).toFixed(1)}" height="${LINE - 6}" fill="#d5e1fb"/>`,
          ]),
      `<text ${place(column)} y="${y + 18}"${line === 0 ? ' fill="#59636e"' : ''}${struck ? ' text-decoration="line-through" fill="#59636e"' : ''}>${escapeXml(text)}</text>`,
    ]);
  });
  const rules = rows.map((_, row) => `<path d="M0 ${(row + 1) * LINE}H${width}" stroke="#d8dde3"/>`);
  const notes = below.map(
    (text, i) => `<text x="0" y="${LINE * (1.5 + rows.length + i) + 18}">${escapeXml(text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="${FONT}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...rules,
    ...lines,
    ...notes,
    '</svg>',
  ].join('');
}
