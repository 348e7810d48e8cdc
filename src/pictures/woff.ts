import { inflateSync } from 'node:zlib';

/** One glyph: how far it moves the pen, and its outline as SVG path commands, in font units with y upwards. */
export interface Glyph {
  readonly advance: number;
  /** Quadratic outlines, drawn by calling back with points in font units. */
  readonly contours: readonly (readonly OutlinePoint[])[];
}

export interface OutlinePoint {
  readonly x: number;
  readonly y: number;
  /** On the curve, or a control point of a quadratic Bézier. */
  readonly onCurve: boolean;
}

/**
 * Reads glyph outlines from a WOFF 1.0 file with TrueType outlines (W3C WOFF; OpenType tables head, hhea, hmtx,
 * maxp, cmap format 4, loca and glyf). No kerning, no hinting, no substitutions: enough for labels.
 *
 * @throws Error if the bytes are not such a font.
 */
export class WoffFont {
  readonly unitsPerEm: number;
  readonly #glyf: DataView;
  readonly #loca: DataView;
  readonly #hmtx: DataView;
  readonly #cmap: DataView;
  readonly #longOffsets: boolean;
  readonly #horizontalMetrics: number;
  readonly #glyphs = new Map<number, Glyph>();

  constructor(bytes: Uint8Array) {
    const table = readTables(bytes);
    const head = table('head');
    this.unitsPerEm = head.getUint16(18);
    this.#longOffsets = head.getInt16(50) === 1;
    this.#horizontalMetrics = table('hhea').getUint16(34);
    this.#hmtx = table('hmtx');
    this.#loca = table('loca');
    this.#glyf = table('glyf');
    this.#cmap = unicodeMapping(table('cmap'));
  }

  /** The glyph of a character, or undefined if the font has none. */
  glyph(codePoint: number): Glyph | undefined {
    const index = this.#indexOf(codePoint);
    return index === 0 ? undefined : this.#glyphAt(index);
  }

  #glyphAt(index: number): Glyph {
    let glyph = this.#glyphs.get(index);
    if (!glyph) {
      const metric = Math.min(index, this.#horizontalMetrics - 1);
      glyph = { advance: this.#hmtx.getUint16(metric * 4), contours: this.#contours(index) };
      this.#glyphs.set(index, glyph);
    }
    return glyph;
  }

  /** cmap format 4: segments of consecutive characters. */
  #indexOf(codePoint: number): number {
    const map = this.#cmap;
    const doubled = map.getUint16(6);
    for (let segment = 0; segment < doubled; segment += 2) {
      if (map.getUint16(14 + segment) < codePoint) continue;
      const start = map.getUint16(16 + doubled + segment);
      if (start > codePoint) return 0;
      const delta = map.getUint16(16 + 2 * doubled + segment);
      const rangeAt = 16 + 3 * doubled + segment;
      const range = map.getUint16(rangeAt);
      if (range === 0) return (codePoint + delta) & 0xffff;
      const index = map.getUint16(rangeAt + range + (codePoint - start) * 2);
      return index === 0 ? 0 : (index + delta) & 0xffff;
    }
    return 0;
  }

  #contours(index: number): OutlinePoint[][] {
    const offset = (at: number) =>
      this.#longOffsets ? this.#loca.getUint32(at * 4) : this.#loca.getUint16(at * 2) * 2;
    const start = offset(index);
    if (offset(index + 1) === start) return [];
    const contourCount = this.#glyf.getInt16(start);
    return contourCount >= 0 ? this.#simpleContours(start, contourCount) : this.#compositeContours(start);
  }

  #simpleContours(start: number, contourCount: number): OutlinePoint[][] {
    const glyf = this.#glyf;
    let at = start + 10;
    const ends: number[] = [];
    for (let contour = 0; contour < contourCount; contour++, at += 2) ends.push(glyf.getUint16(at));
    at += 2 + glyf.getUint16(at);

    const pointCount = (ends.at(-1) ?? -1) + 1;
    const flags: number[] = [];
    while (flags.length < pointCount) {
      const flag = glyf.getUint8(at++);
      flags.push(flag);
      if (flag & 8) for (let repeats = glyf.getUint8(at++); repeats > 0; repeats--) flags.push(flag);
    }
    const coordinates = (shortBit: number, sameBit: number) => {
      let value = 0;
      return flags.map((flag) => {
        if (flag & shortBit) value += flag & sameBit ? glyf.getUint8(at++) : -glyf.getUint8(at++);
        else if (!(flag & sameBit)) {
          value += glyf.getInt16(at);
          at += 2;
        }
        return value;
      });
    };
    const xs = coordinates(2, 16);
    const ys = coordinates(4, 32);
    const points = flags.map((flag, point) => ({ x: xs[point] ?? 0, y: ys[point] ?? 0, onCurve: (flag & 1) === 1 }));
    return ends.map((end, contour) => points.slice(contour === 0 ? 0 : (ends[contour - 1] ?? 0) + 1, end + 1));
  }

  /** A glyph put together from others, such as a letter and its accent. */
  #compositeContours(start: number): OutlinePoint[][] {
    const glyf = this.#glyf;
    const contours: OutlinePoint[][] = [];
    let at = start + 10;
    let flags: number;
    do {
      flags = glyf.getUint16(at);
      const part = this.#glyphAt(glyf.getUint16(at + 2));
      at += 4;
      const words = (flags & 1) !== 0;
      const offsets = (flags & 2) !== 0;
      const dx = !offsets ? 0 : words ? glyf.getInt16(at) : glyf.getInt8(at);
      const dy = !offsets ? 0 : words ? glyf.getInt16(at + 2) : glyf.getInt8(at + 1);
      at += words ? 4 : 2;
      const fraction = () => {
        at += 2;
        return glyf.getInt16(at - 2) / 16384;
      };
      let [xx, xy, yx, yy] = [1, 0, 0, 1];
      if (flags & 8) xx = yy = fraction();
      else if (flags & 64) [xx, yy] = [fraction(), fraction()];
      else if (flags & 128) [xx, xy, yx, yy] = [fraction(), fraction(), fraction(), fraction()];
      for (const contour of part.contours) {
        contours.push(
          contour.map(({ x, y, onCurve }) => ({ x: xx * x + yx * y + dx, y: xy * x + yy * y + dy, onCurve })),
        );
      }
    } while (flags & 32);
    return contours;
  }
}

/** A glyph's outline as SVG path data, at `scale` with its origin at (x, y) and y downwards. */
export function outlineToPath(glyph: Glyph, x: number, y: number, scale: number): string {
  const place = (point: { x: number; y: number }) =>
    `${Number((x + point.x * scale).toFixed(2))} ${Number((y - point.y * scale).toFixed(2))}`;
  const middle = (a: OutlinePoint, b: OutlinePoint) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  let path = '';
  for (const contour of glyph.contours) {
    const first = contour[0];
    const last = contour.at(-1);
    if (!first || !last) continue;
    // A contour may begin with a control point; between two control points lies an implied point on the curve.
    path += `M${place(first.onCurve ? first : last.onCurve ? last : middle(first, last))}`;
    for (let index = first.onCurve ? 1 : 0; index < contour.length; index++) {
      const point = contour[index] as OutlinePoint;
      const next = contour[index + 1] ?? first;
      if (point.onCurve) path += `L${place(point)}`;
      else if (next.onCurve) {
        path += `Q${place(point)} ${place(next)}`;
        index++;
      } else path += `Q${place(point)} ${place(middle(point, next))}`;
    }
    path += 'Z';
  }
  return path;
}

function readTables(bytes: Uint8Array): (tag: string) => DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 44 || view.getUint32(0) !== 0x774f4646) throw new Error('not a WOFF 1.0 font');
  const entries = new Map<string, [offset: number, packed: number, length: number]>();
  for (let index = 0, at = 44; index < view.getUint16(12); index++, at += 20) {
    const tag = String.fromCharCode(...bytes.subarray(at, at + 4));
    entries.set(tag, [view.getUint32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12)]);
  }
  return (tag) => {
    const entry = entries.get(tag);
    if (!entry) throw new Error(`the font has no ${tag} table`);
    const [offset, packed, length] = entry;
    const raw = bytes.subarray(offset, offset + packed);
    const table = packed < length ? inflateSync(raw) : raw;
    return new DataView(table.buffer, table.byteOffset, table.byteLength);
  };
}

function unicodeMapping(cmap: DataView): DataView {
  for (let index = 0; index < cmap.getUint16(2); index++) {
    const platform = cmap.getUint16(4 + index * 8);
    const offset = cmap.getUint32(8 + index * 8);
    if ((platform === 0 || platform === 3) && cmap.getUint16(offset) === 4) {
      return new DataView(cmap.buffer, cmap.byteOffset + offset, cmap.byteLength - offset);
    }
  }
  throw new Error('the font has no format 4 character map');
}
