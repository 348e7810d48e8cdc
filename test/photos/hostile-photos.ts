/** Drawings of a few kilobytes that would keep a decoder busy for hours, in 400 x 300. */
export const ENDLESS_DRAWINGS = {
  'nested masks': nested(
    20,
    // What is in all of them takes its time at any size, on any machine.
    `<mask id="n0"><path d="${zigzag()}" fill="white" stroke="white" stroke-dasharray="0.01"/></mask>`,
    (i) =>
      `<mask id="n${i}"><g mask="url(#n${i - 1})"><rect width="400" height="300" mask="url(#n${i - 1})"/></g></mask>`,
    '<rect width="400" height="300" mask="url(#n19)"/>',
  ),
  'nested uses': nested(
    30,
    '<g id="n0"><rect width="9" height="9"/></g>',
    (i) => `<g id="n${i}"><use href="#n${i - 1}"/><use href="#n${i - 1}"/></g>`,
    '<use href="#n29"/>',
  ),
  'a bomb of markers': nested(
    8,
    '<marker id="n0" markerWidth="10" markerHeight="10"><path d="M0 0L5 5"/></marker>',
    (i) =>
      `<marker id="n${i}" markerWidth="10" markerHeight="10"><path d="${zigzag()}" marker-mid="url(#n${i - 1})"/></marker>`,
    `<path d="${zigzag()}" marker-mid="url(#n7)"/>`,
  ),
};

/** A megabyte of text in one line, in letters that run in two directions. */
export const LONG_TEXT = drawing(`<text y="50">${'lorem ipsum מה '.repeat(70_000)}</text>`);

function zigzag(): string {
  return `M0 0${'L5 5L9 1'.repeat(40)}`;
}

function nested(depth: number, first: string, next: (i: number) => string, shown: string): string {
  const parts = Array.from({ length: depth }, (_, i) => (i === 0 ? first : next(i)));
  return drawing(`<defs>${parts.join('')}</defs>${shown}`);
}

function drawing(body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">${body}</svg>`;
}

/** A WebP of 38 bytes that promises a canvas of so many pixels. */
export function hugeWebp(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(38);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(30, 4);
  bytes.write('WEBPVP8L', 8);
  bytes.writeUInt32LE(18, 16);
  bytes[20] = 0x2f;
  bytes.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 21);
  bytes.set([0x88, 0x88, 8], 25);
  return bytes;
}

/** A GIF of 35 bytes that promises one. */
export function hugeGif(width: number, height: number): Buffer {
  const screen = Buffer.alloc(13);
  screen.write('GIF89a');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  screen[10] = 0x80;
  const frame = Buffer.alloc(10);
  frame[0] = 0x2c;
  frame.writeUInt16LE(width, 5);
  frame.writeUInt16LE(height, 7);
  return Buffer.concat([screen, Buffer.from([0, 0, 0, 255, 255, 255]), frame, Buffer.from([2, 2, 0x4c, 1, 0, 0x3b])]);
}
