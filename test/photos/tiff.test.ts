import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PhotoError } from '../../src/photos/photo-error.ts';
import { openPhoto } from '../../src/photos/open-photo.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';
import { raster, toSharp } from './synthetic-photo.ts';
import { tiffFile, type TiffEntry } from './tiff-file.ts';

const SIZE = { width: 24, height: 24 };
const PLAIN = raster(24, 24, (x, y) => [x * 10, y * 10, 120]);
let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function refusal(bytes: Uint8Array): Promise<PhotoError> {
  const error: unknown = await readPhoto(bytes, { name: 'scan.tif' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PhotoError);
  return error as PhotoError;
}

/** The pixels of a plain photo, each followed by more samples. */
function withSamples(pixels: Uint8Array, samples: number, ...more: readonly number[]): Uint8Array {
  const out = new Uint8Array((pixels.length / samples) * (samples + more.length));
  for (let pixel = 0; pixel < pixels.length / samples; pixel++) {
    out.set(pixels.subarray(pixel * samples, (pixel + 1) * samples), pixel * (samples + more.length));
    out.set(more, pixel * (samples + more.length) + samples);
  }
  return out;
}

function furthest(a: Uint8Array, b: Uint8Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] as number))), 0);
}

describe('a TIFF', () => {
  it('is read as it is where nothing is unusual about it', async () => {
    const { pixels } = await readPhoto(tiffFile(PLAIN.data, { ...SIZE, samples: 3 }), { size: [24, 24] });
    expect(furthest(pixels, PLAIN.data)).toBeLessThanOrEqual(1);
  });

  it.each<[name: string, entry: TiffEntry, reason: RegExp]>([
    ['LZMA', [259, 3, [34925]], /the compression LZMA is not supported/],
    ['Zstandard', [259, 3, [50000]], /the compression Zstandard is not supported/],
    ['JPEG XL', [259, 3, [50002]], /the compression JPEG XL is not supported/],
    ['JPEG 2000', [259, 3, [34712]], /the compression JPEG 2000 is not supported/],
    ['JBIG', [259, 3, [34661]], /the compression JBIG is not supported/],
    ['old-style JPEG', [259, 3, [6]], /the compression old-style JPEG is not supported/],
    ['LERC', [259, 3, [34887]], /the compression LERC is not supported/],
    ['an unknown number', [259, 3, [4711]], /the compression number 4711 is not supported/],
    ['CIELab', [262, 3, [8]], /the colour space CIELab is not supported/],
    ['floating point', [339, 3, [3, 3, 3]], /floating point .* not supported/],
    ['signs', [339, 3, [2, 2, 2]], /numbers with a sign are not supported/],
    ['32 bits', [258, 3, [32, 32, 32]], /32 bits for a colour are not supported/],
  ])('with %s is not supported, and not damaged', async (_, entry, reason) => {
    const error = await refusal(tiffFile(PLAIN.data, { ...SIZE, samples: 3 }, [entry]));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(reason);
    expect(error.message).not.toMatch(/damaged|cut short|download/);
  });

  it.each(['none', 'lzw', 'deflate', 'jpeg', 'packbits', 'webp'] as const)(
    'is read compressed with %s',
    async (compression) => {
      const bytes = await toSharp(PLAIN).tiff({ compression, quality: 95 }).toBuffer();
      const { pixels } = await readPhoto(bytes, { size: [24, 24] });
      expect(furthest(pixels, PLAIN.data)).toBeLessThan(25);
    },
  );

  it.each(['none', 'lzw', 'deflate'] as const)('that is cut short is no photo (%s)', async (compression) => {
    // As large programs write it: the directory in front of the pixels would not be missed.
    const front = moveDirectoryToFront(tiffFile(PLAIN.data, { ...SIZE, samples: 3 }));
    const bytes = compression === 'none' ? front : await toSharp(PLAIN).tiff({ compression }).toBuffer();
    for (const share of [0.3, 0.6, 0.9]) {
      expect(await refusal(bytes.subarray(0, bytes.length * share))).toMatchObject({
        code: 'truncated',
        message: 'cannot read scan.tif: the file is cut short. Copy or download it again.',
      });
    }
  });

  it('keeps its colours where a selection was saved with it', async () => {
    const selected = tiffFile(withSamples(PLAIN.data, 3, 0), { ...SIZE, samples: 4 }, [[338, 3, [0]]]);
    const { pixels } = await readPhoto(selected, { size: [24, 24] });
    expect(furthest(pixels, PLAIN.data)).toBeLessThanOrEqual(1);
    const two = tiffFile(withSamples(PLAIN.data, 3, 0, 200), { ...SIZE, samples: 5 }, [[338, 3, [0, 0]]]);
    expect(furthest((await readPhoto(two, { size: [24, 24] })).pixels, PLAIN.data)).toBeLessThanOrEqual(1);
  });

  it('keeps its colours in CMYK, too', async () => {
    const { data } = await toSharp(PLAIN).toColourspace('cmyk').raw().toBuffer({ resolveWithObject: true });
    const cmyk = await toSharp(PLAIN).toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer();
    const inks = cmyk.subarray(8, 8 + 24 * 24 * 4);
    expect(data.length).toBeGreaterThan(0);
    const plain = tiffFile(inks, { ...SIZE, samples: 4 }, [[262, 3, [5]]]);
    const selected = tiffFile(withSamples(inks, 4, 0), { ...SIZE, samples: 5 }, [
      [262, 3, [5]],
      [338, 3, [0]],
    ]);
    const [a, b] = await Promise.all([plain, selected].map((bytes) => readPhoto(bytes, { size: [24, 24] })));
    expect(furthest(a!.pixels, b!.pixels)).toBeLessThanOrEqual(8);
  });

  it.each([
    ['transparency', [2], [0]],
    ['transparency after a selection', [0, 2], [255, 0]],
  ] as const)('lies on white with %s', async (_, kinds, samples) => {
    const bytes = tiffFile(withSamples(PLAIN.data, 3, ...samples), { ...SIZE, samples: 3 + samples.length }, [
      [338, 3, kinds],
    ]);
    const { pixels } = await readPhoto(bytes, { size: [24, 24] });
    expect(pixels.every((value) => value === 255)).toBe(true);
  });

  it('of a camera is told as such, and its small picture is not taken for the photo', async () => {
    const asRaw = 'cannot read scan.tif: camera raw files are not supported. Export it as JPEG from your photo editor.';
    const size = { ...SIZE, samples: 3 };
    const preview = tiffFile(PLAIN.data, size, [
      [254, 4, [1]],
      [271, 2, [...Buffer.from('NIKON CORPORATION\0')]],
    ]);
    const dng = tiffFile(PLAIN.data, size, [[50706, 4, [1]]]);
    const mosaic = tiffFile(PLAIN.data, size, [[262, 3, [32803]]]);
    const canon = Buffer.from(preview);
    canon.write('CR\x02', 8, 'latin1');
    for (const bytes of [preview, dng, mosaic, canon]) expect((await refusal(bytes)).message).toBe(asRaw);
  });

  it.each(['IIU\0', 'IIRO', 'IIRS', 'FUJIFILMCCD-RAW ', '\0MRM', 'FOVb', 'II\x1a\0\0\0HEAPCCDR'])(
    'is no other raw file (%j)',
    async (start) => {
      const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(500)]);
      expect((await refusal(bytes)).message).toMatch(/camera raw files are not supported/);
    },
  );

  it('says at once what cannot be read, before its pixels are asked for', async () => {
    const path = join(folder.path, 'lzma.tif');
    await writeFile(path, tiffFile(PLAIN.data, { ...SIZE, samples: 3 }, [[259, 3, [34925]]]));
    await expect(openPhoto(path)).rejects.toThrow(/LZMA/);
  });
});

/** The same TIFF with its directory before its pixels. */
function moveDirectoryToFront(bytes: Buffer): Buffer {
  const start = bytes.readUInt32LE(4);
  const tail = Buffer.from(bytes.subarray(start));
  const pixels = bytes.subarray(8, start);
  const count = tail.readUInt16LE(0);
  for (let i = 0; i < count; i++) {
    const entry = 2 + i * 12;
    const tag = tail.readUInt16LE(entry);
    const size = { 2: 1, 3: 2, 4: 4 }[tail.readUInt16LE(entry + 2)] as number;
    if (tag === 273) tail.writeUInt32LE(8 + tail.length, entry + 8);
    else if (tail.readUInt32LE(entry + 4) * size > 4) {
      tail.writeUInt32LE(tail.readUInt32LE(entry + 8) - start + 8, entry + 8);
    }
  }
  const header = Buffer.from(bytes.subarray(0, 8));
  header.writeUInt32LE(8, 4);
  return Buffer.concat([header, tail, pixels]);
}

describe('another format', () => {
  it('that is cut short gets the same words each time, whatever is read beside it', async () => {
    const noise = raster(200, 150, (x, y) => [(x * 37 + y * 91) % 256, (x * y) % 256, (x * 13) % 256]);
    const cut: [string, Buffer][] = [];
    for (const format of ['jpeg', 'png', 'avif', 'tiff'] as const) {
      const bytes = await toSharp(noise).toFormat(format).toBuffer();
      for (const share of [0.3, 0.6, 0.9]) cut.push([`${format} ${share}`, bytes.subarray(0, bytes.length * share)]);
    }
    const read = () => Promise.all(cut.map(async ([, bytes]) => (await refusal(bytes)).message));
    const first = await read();
    for (const message of first) expect(message).not.toMatch(/\(\W*\)|corrupt header|tiff2vips/);
    for (let again = 1; again < 5; again++) expect(await read()).toEqual(first);
  });

  it('takes the first frame of an AVIF that begins with a sequence', async () => {
    const bytes = await toSharp(PLAIN).avif({ quality: 90 }).toBuffer();
    const { pixels } = await readPhoto(bytes, { size: [24, 24] });
    bytes.write('avis', 8, 'latin1');
    const sequence = await readPhoto(bytes, { size: [24, 24] });
    expect(sequence).toMatchObject({ width: 24, height: 24, format: 'avif' });
    expect(furthest(sequence.pixels, pixels)).toBe(0);
  });

  it('is not supported as JPEG with 12 bits, and not damaged', async () => {
    const bytes = await toSharp(PLAIN).jpeg().toBuffer();
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes[frame + 1] = 0xc1;
    bytes[frame + 4] = 12;
    expect(await refusal(bytes)).toMatchObject({ code: 'unsupported' });
  });

  it('draws no file that lies beside a drawing, by its path either', async () => {
    await writeFile(
      join(folder.path, 'secret.png'),
      await sharp({ create: { ...SIZE, channels: 3, background: '#000' } })
        .png()
        .toBuffer(),
    );
    const path = join(folder.path, 'drawing.svg');
    await writeFile(
      path,
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="24" height="24">' +
        '<rect width="24" height="24" fill="white"/><image width="24" height="24" xlink:href="secret.png"/></svg>',
    );
    await expect(readPhoto(path, { size: [24, 24] })).rejects.toThrow('lies outside of it (secret.png)');
  });
});
