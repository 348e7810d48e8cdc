import type { ColourMapName } from '../../contract/constants/map-styles.ts';
import { colourAt, hexColour } from '../../maps/colour-map.ts';
import { csvLine } from '../../files/csv.ts';
import { escapeXml } from '../../files/xml.ts';

/** An alignment as it is drawn and saved. */
export interface Matrix {
  /** What the model wrote; one a row. */
  readonly rows: readonly string[];
  /** What it looked at; one a column. */
  readonly columns: readonly string[];
  /** Rows that sum to 1. */
  readonly weights: readonly (readonly number[])[];
}

const CELL = 32;
const FONT = 14;

/** A picture of the matrix with its labels, by itself. */
export function matrixSvg({ rows, columns, weights }: Matrix, colourMap: ColourMapName): string {
  const width = (labels: readonly string[]): number =>
    Math.max(...labels.map((label) => label.length), 1) * FONT * 0.62;
  const left = Math.ceil(width(rows)) + 24;
  const top = Math.ceil(width(columns)) + 24;
  const w = left + columns.length * CELL + 16;
  const h = top + rows.length * CELL + 16;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="system-ui, sans-serif" font-size="${FONT}">`,
    `<rect width="${w}" height="${h}" fill="#ffffff"/>`,
  ];
  for (const [row, line] of weights.entries()) {
    for (const [column, weight] of line.entries()) {
      const fill = hexColour(colourAt(colourMap, weight));
      parts.push(
        `<rect x="${left + column * CELL}" y="${top + row * CELL}" width="${CELL}" height="${CELL}" fill="${fill}"/>`,
      );
    }
  }
  for (const [row, label] of rows.entries()) {
    const y = top + row * CELL + CELL / 2 + FONT * 0.35;
    parts.push(`<text x="${left - 8}" y="${y}" text-anchor="end">${escapeXml(label)}</text>`);
  }
  for (const [column, label] of columns.entries()) {
    const x = left + column * CELL + CELL / 2 + FONT * 0.35;
    parts.push(`<text transform="translate(${x} ${top - 8}) rotate(-90)">${escapeXml(label)}</text>`);
  }
  return `${parts.join('')}</svg>`;
}

/** The matrix as a table: RFC 4180 with its own line ends, the columns' tokens first. */
export function matrixCsv({ rows, columns, weights }: Matrix): string {
  const line = (fields: readonly (string | number)[]): string => csvLine(fields).replace(/\n$/, '\r\n');
  return [line(['', ...columns]), ...weights.map((row, i) => line([rows[i] ?? '', ...row]))].join('');
}

/** An SVG drawn to a PNG at twice its size. */
export async function svgToPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be drawn.'))), 'image/png'),
  );
}

/** Lets the user have a file that the page made. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
