import sharp from 'sharp';
import { Random } from '../../src/engine/random.ts';
import { ENDLESS_DRAWINGS, hugeGif, hugeWebp, LONG_TEXT } from '../photos/hostile-photos.ts';
import { raster, toSharp } from '../photos/synthetic-photo.ts';

/** A file that a photo reader is tried on. */
export interface FaultyFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'svg'] as const;

/** What is done to a sound file. */
const FAULTS: Record<string, (bytes: Buffer, random: Random) => Uint8Array> = {
  'flipped bits': (bytes, random) => edited(bytes, random, (byte) => byte ^ (1 << Math.floor(random.next() * 8))),
  'other bytes': (bytes, random) => edited(bytes, random, () => Math.floor(random.next() * 256)),
  'extreme bytes': (bytes, random) => edited(bytes, random, () => (random.next() < 0.5 ? 0 : 255)),
  'a cut end': (bytes, random) => bytes.subarray(0, Math.floor(random.next() * bytes.length)),
  'a lost part': (bytes, random) => {
    const [from, to] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  'a part twice': (bytes, random) => {
    const [from, to] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  'zeros within': (bytes, random) => {
    const [from, to] = span(bytes, random);
    return Buffer.from(bytes).fill(0, from, to);
  },
};

/** A few bytes of a file, more often near its beginning, where sizes and kinds stand. */
function edited(bytes: Buffer, random: Random, byte: (before: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + Math.floor(random.next() * 8); count > 0; count--) {
    const reach = random.next() < 0.5 ? Math.min(200, bytes.length) : bytes.length;
    const at = Math.floor(random.next() * reach);
    copy[at] = byte(copy[at] as number);
  }
  return copy;
}

function span(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = Math.floor(random.next() * bytes.length);
  return [from, Math.min(bytes.length, from + 1 + Math.floor(random.next() * 500))];
}

/** So many damaged photos of each format in turn, the same for the same seed. */
export async function mutatedPhotos(count: number, seed: number): Promise<FaultyFile[]> {
  const random = new Random(seed);
  const sound = await soundPhotos();
  const faults = Object.keys(FAULTS);
  return Array.from({ length: count }, (_, i) => {
    const format = FORMATS[i % FORMATS.length] as (typeof FORMATS)[number];
    const fault = faults[Math.floor(random.next() * faults.length)] as string;
    const bytes = FAULTS[fault]?.(sound[format], random) as Uint8Array;
    return { name: `${String(i).padStart(4, '0')} ${fault}.${format}`, bytes };
  });
}

/** Files that are made to keep a decoder busy for ever, or to take all memory. */
export function hostilePhotos(): FaultyFile[] {
  const drawings = Object.entries({ ...ENDLESS_DRAWINGS, 'a megabyte of text': LONG_TEXT });
  return [
    ...drawings.map(([name, text]) => ({ name: `hostile ${name}.svg`, bytes: Buffer.from(text) })),
    ...Array.from({ length: 16 }, (_, i) => ({ name: `hostile ${i}.webp`, bytes: hugeWebp(15_000, 15_000) })),
    ...Array.from({ length: 4 }, (_, i) => ({ name: `hostile ${i}.gif`, bytes: hugeGif(12_000, 12_000) })),
  ];
}

/** A small photo in each format. */
export async function soundPhotos(): Promise<Record<(typeof FORMATS)[number], Buffer>> {
  const photo = toSharp(raster(160, 120, (x, y) => [(x * 37 + y) % 256, (x + y * 91) % 256, (x * y) % 256]));
  const animated = raster(80, 120, (x, y) => [(x * 3) % 256, (y * 2) % 256, 90]);
  return {
    jpeg: await photo
      .clone()
      .withExif({ IFD0: { ImageDescription: 'a test' } })
      .jpeg()
      .toBuffer(),
    png: await photo.clone().png().toBuffer(),
    webp: await photo.clone().webp().toBuffer(),
    gif: await sharp(animated.data, { raw: { width: 80, height: 120, channels: 3, pageHeight: 60 } })
      .gif()
      .toBuffer(),
    tiff: await photo.clone().tiff({ compression: 'lzw' }).toBuffer(),
    avif: await photo.clone().avif({ effort: 2 }).toBuffer(),
    svg: Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120"><defs><pattern id="p" width="9" height="9" ' +
        'patternUnits="userSpaceOnUse"><circle cx="4" cy="4" r="3" fill="#a33"/></pattern></defs>' +
        '<rect width="160" height="120" fill="url(#p)"/><text x="9" y="60" font-size="20">a drawing</text></svg>',
    ),
  };
}
