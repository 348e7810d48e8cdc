/** An entry of a directory: its tag, its type (3: 16 bits, 4: 32 bits, 2: text) and its numbers. */
export type TiffEntry = readonly [tag: number, type: 2 | 3 | 4, values: readonly number[]];

/** Pixels as a TIFF of one uncompressed strip, little-endian; `entries` are added, or replace those of the same tag. */
export function tiffFile(
  pixels: Uint8Array,
  { width, height, samples }: { width: number; height: number; samples: number },
  entries: readonly TiffEntry[] = [],
): Buffer {
  const own: TiffEntry[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array.from({ length: samples }, () => 8)],
    [259, 3, [1]],
    [262, 3, [samples < 3 ? 1 : 2]],
    [273, 4, [8]],
    [277, 3, [samples]],
    [278, 4, [height]],
    [279, 4, [pixels.length]],
    [284, 3, [1]],
  ];
  const replaced = new Set(entries.map(([tag]) => tag));
  const all = [...own.filter(([tag]) => !replaced.has(tag)), ...entries].sort(([a], [b]) => a - b);
  const bytesOf = { 2: 1, 3: 2, 4: 4 };
  const start = 8 + pixels.length + (pixels.length % 2);
  const directory = Buffer.alloc(2 + all.length * 12 + 4);
  directory.writeUInt16LE(all.length, 0);
  const beside: Buffer[] = [];
  let free = start + directory.length;
  all.forEach(([tag, type, values], i) => {
    const data = Buffer.alloc(Math.max(4, values.length * bytesOf[type] + ((values.length * bytesOf[type]) % 2)));
    values.forEach((value, at) => data.writeUIntLE(value, at * bytesOf[type], bytesOf[type]));
    const entry = 2 + i * 12;
    directory.writeUInt16LE(tag, entry);
    directory.writeUInt16LE(type, entry + 2);
    directory.writeUInt32LE(values.length, entry + 4);
    if (values.length * bytesOf[type] <= 4) data.copy(directory, entry + 8, 0, 4);
    else {
      directory.writeUInt32LE(free, entry + 8);
      beside.push(data);
      free += data.length;
    }
  });
  const header = Buffer.alloc(8);
  header.write('II*\0', 'latin1');
  header.writeUInt32LE(start, 4);
  return Buffer.concat([header, pixels, Buffer.alloc(pixels.length % 2), directory, ...beside]);
}
