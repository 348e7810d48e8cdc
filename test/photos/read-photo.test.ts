import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PhotoError } from '../../src/photos/photo-error.ts';
import { openPhoto } from '../../src/photos/open-photo.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { brightCell, cellMeans, indexOfLargest, raster, storedAs, toSharp, type Colour } from './synthetic-photo.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-read-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a reader throws, which must be a PhotoError. */
async function refusal(reading: Promise<unknown>): Promise<PhotoError> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PhotoError);
  return error as PhotoError;
}

// Top left, top right, bottom left, bottom right: muted colours that every colour space here can hold.
const QUARTERS: readonly Colour[] = [
  [180, 90, 80],
  [90, 150, 90],
  [80, 100, 160],
  [200, 190, 120],
];
const quarters = raster(96, 64, (x, y) => QUARTERS[(y < 32 ? 0 : 2) + (x < 48 ? 0 : 1)]!);

/** The colour in the middle of each quarter of a 64 x 64 picture. */
function quarterColours(pixels: Uint8Array): number[][] {
  return [
    [16, 16],
    [48, 16],
    [16, 48],
    [48, 48],
  ].map(([x, y]) => [...pixels.subarray((y! * 64 + x!) * 3, (y! * 64 + x!) * 3 + 3)]);
}

function expectColours(actual: number[][], expected: readonly Colour[], tolerance: number) {
  for (const [quarter, colour] of expected.entries()) {
    for (const [channel, value] of colour.entries()) {
      expect(
        Math.abs(actual[quarter]![channel]! - value),
        `quarter ${quarter}: ${actual[quarter]}`,
      ).toBeLessThanOrEqual(tolerance);
    }
  }
}

describe('formats', () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64">' +
    QUARTERS.map(
      (colour, index) =>
        `<rect x="${(index % 2) * 48}" y="${index < 2 ? 0 : 32}" width="48" height="32" fill="rgb(${colour})"/>`,
    ).join('') +
    '</svg>';

  it.each<[name: string, make: () => Promise<Buffer>, format: string, tolerance: number]>([
    ['JPEG', () => toSharp(quarters).jpeg({ quality: 95 }).toBuffer(), 'jpeg', 4],
    ['progressive JPEG', () => toSharp(quarters).jpeg({ quality: 95, progressive: true }).toBuffer(), 'jpeg', 4],
    ['CMYK JPEG', () => toSharp(quarters).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), 'jpeg', 12],
    ['PNG', () => toSharp(quarters).png().toBuffer(), 'png', 1],
    ['16-bit PNG', () => toSharp(quarters).toColourspace('rgb16').png().toBuffer(), 'png', 1],
    ['palette PNG', () => toSharp(quarters).png({ palette: true, colours: 8 }).toBuffer(), 'png', 3],
    ['lossless WebP', () => toSharp(quarters).webp({ lossless: true }).toBuffer(), 'webp', 1],
    ['GIF', () => toSharp(quarters).gif().toBuffer(), 'gif', 6],
    ['TIFF', () => toSharp(quarters).tiff({ compression: 'lzw' }).toBuffer(), 'tiff', 1],
    ['AVIF', () => toSharp(quarters).avif({ quality: 90, effort: 1 }).toBuffer(), 'avif', 5],
    ['SVG', () => Promise.resolve(Buffer.from(svg)), 'svg', 1],
    ['Display P3 JPEG', () => toSharp(quarters).withIccProfile('p3').jpeg({ quality: 97 }).toBuffer(), 'jpeg', 5],
    ['Display P3 PNG', () => toSharp(quarters).withIccProfile('p3').png().toBuffer(), 'png', 2],
  ])('reads %s in its true colours', async (_, make, format, tolerance) => {
    const bytes = await make();
    const photo = await readPhoto(bytes, { size: [64, 64] });
    expect(photo).toMatchObject({ width: 96, height: 64, format });
    expect(photo.pixels).toHaveLength(64 * 64 * 3);
    expectColours(quarterColours(photo.pixels), QUARTERS, tolerance);
  });

  it('makes its test photos in the encodings it claims', async () => {
    const header = async (bytes: Promise<Buffer>) => sharp(await bytes).metadata();
    expect(await header(toSharp(quarters).toColourspace('cmyk').jpeg().toBuffer())).toMatchObject({ space: 'cmyk' });
    expect(await header(toSharp(quarters).toColourspace('rgb16').png().toBuffer())).toMatchObject({ depth: 'ushort' });
    expect(await header(toSharp(quarters).png({ palette: true }).toBuffer())).toMatchObject({ isPalette: true });
    expect(await header(toSharp(quarters).jpeg({ progressive: true }).toBuffer())).toMatchObject({
      isProgressive: true,
    });
    // A P3 file holds other numbers than an sRGB file of the same colours: reading them back needs the profile.
    const p3 = await sharp(await toSharp(quarters).withIccProfile('p3').png().toBuffer(), { ignoreIcc: true })
      .raw()
      .toBuffer();
    expect(Math.abs(p3[0]! - QUARTERS[0]![0])).toBeGreaterThan(5);
  });

  it.each<[name: string, make: () => Promise<Buffer>]>([
    [
      '8-bit',
      () =>
        toSharp(raster(20, 10, () => [120, 120, 120]))
          .toColourspace('b-w')
          .png()
          .toBuffer(),
    ],
    [
      '16-bit',
      () =>
        toSharp(raster(20, 10, () => [120, 120, 120]))
          .toColourspace('grey16')
          .png()
          .toBuffer(),
    ],
    [
      'JPEG',
      () =>
        toSharp(raster(20, 10, () => [120, 120, 120]))
          .toColourspace('b-w')
          .jpeg()
          .toBuffer(),
    ],
  ])('reads a grey %s photo as three equal channels', async (_, make) => {
    const bytes = await make();
    expect((await sharp(bytes).metadata()).channels).toBe(1);
    const { pixels } = await readPhoto(bytes, { size: [4, 4] });
    expect(pixels).toHaveLength(48);
    for (const value of pixels) expect(Math.abs(value - 120)).toBeLessThanOrEqual(1);
  });

  it.each(['png', 'webp', 'gif'] as const)('lays a transparent %s on white', async (format) => {
    const half = Buffer.alloc(40 * 40 * 4);
    for (let pixel = 0; pixel < 1600; pixel++) half.set([200, 0, 0, pixel % 40 < 20 ? 255 : 0], pixel * 4);
    const bytes = await sharp(half, { raw: { width: 40, height: 40, channels: 4 } })
      .toFormat(format)
      .toBuffer();
    const { pixels } = await readPhoto(bytes, { size: [40, 40] });
    expect(pixels[(20 * 40 + 5) * 3]).toBeGreaterThan(190);
    expect(pixels[(20 * 40 + 5) * 3 + 1]).toBeLessThan(15);
    expect([...pixels.subarray((20 * 40 + 34) * 3, (20 * 40 + 34) * 3 + 3)]).toEqual([255, 255, 255]);
  });

  it('blends half-transparent pixels with white', async () => {
    const bytes = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    const { pixels } = await readPhoto(bytes, { size: [8, 8] });
    expect(Math.abs(pixels[0]! - 127)).toBeLessThanOrEqual(2);
  });

  it.each(['webp', 'gif'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = [0, 1, 2].map((frame) => raster(30, 20, () => [frame === 0 ? 220 : 10, 30, frame * 90]).data);
    const bytes = await sharp(Buffer.concat(frames), {
      raw: { width: 30, height: 60, channels: 3, pageHeight: 20 },
    })
      .toFormat(format, { lossless: true })
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(3);
    const photo = await readPhoto(bytes, { size: [10, 10] });
    expect(photo).toMatchObject({ width: 30, height: 20 });
    expect(photo.pixels.filter((_, index) => index % 3 === 0).every((red) => red > 200)).toBe(true);
  });

  it('draws a small SVG at full sharpness', async () => {
    const icon =
      '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10" fill="#fff"/>' +
      '<rect width="5" height="10"/></svg>';
    const { pixels } = await readPhoto(Buffer.from(icon), { size: [200, 200] });
    const row = pixels.subarray(100 * 600, 101 * 600);
    expect(row[95 * 3]).toBeLessThan(10);
    expect(row[104 * 3]).toBeGreaterThan(245);
  });
});

describe('geometry', () => {
  const grid = [7, 7] as const;
  const orientations = [1, 2, 3, 4, 5, 6, 7, 8];
  const shapes = [
    ['wide', 210, 84],
    ['tall', 84, 210],
  ] as const;

  it.each(shapes.flatMap(([shape, width, height]) => orientations.map((o) => [shape, o, width, height] as const)))(
    'shows a %s photo of orientation %i upright and squashed whole',
    async (_, orientation, width, height) => {
      const upright = brightCell(width, height, grid, 1, 4);
      const bytes = await toSharp(storedAs(orientation, upright))
        .withMetadata({ orientation })
        .jpeg({ quality: 95 })
        .toBuffer();
      expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
      const photo = await readPhoto(bytes);
      expect([photo.width, photo.height]).toEqual([width, height]);
      const means = cellMeans(photo.pixels, 224, 224, grid);
      expect(indexOfLargest(means)).toBe(1 * 7 + 4);
      // The cell is full and its neighbours are empty: nothing was cropped or shifted.
      expect(means[1 * 7 + 4]).toBeGreaterThan(235);
      expect([...means].filter((mean) => mean > 60)).toHaveLength(1);
    },
  );

  // Made 10 x 10. A JPEG's decoder shrinks them by 1, 2 and 8.
  it.each([
    ['png', 56, 33, 0],
    ['webp', 24, 8, 0],
    ['jpeg', 48, 32, 1],
    ['jpeg', 80, 64, 1],
    ['jpeg', 208, 176, 1],
  ] as const)('has the same pixels however a %s photo of %i x %i is stored', async (format, width, height, most) => {
    // Edges beyond which the filter would overshoot, which is cut off at black and white between its two directions.
    const upright = raster(width, height, (x, y) => {
      const light = ((x / width) * 5 + (y / height) * 3) % 2 < 1 ? 255 : 0;
      return [light, Math.round((y / height) * 255), x * y * 2 < width * height ? light : 128];
    });
    const read = async (orientation: number): Promise<Uint8Array> => {
      const stored = toSharp(storedAs(orientation, upright)).withMetadata({ orientation });
      const options = format === 'jpeg' ? { quality: 100, chromaSubsampling: '4:4:4' } : { lossless: true };
      const bytes = await stored.toFormat(format, options).toBuffer();
      const path = join(folder, `[page=1]'s stored ${orientation}.${format}`);
      await writeFile(path, bytes);
      return (await readPhoto(orientation % 2 === 0 ? path : bytes, { size: [10, 10] })).pixels;
    };
    const expected = await read(1);
    for (const orientation of orientations.slice(1)) {
      const pixels = await read(orientation);
      const furthest = pixels.reduce((far, value, i) => Math.max(far, Math.abs(value - expected[i]!)), 0);
      expect([orientation, furthest <= most || furthest]).toEqual([orientation, true]);
    }
  });

  it('obeys the orientation in WebP, PNG and TIFF as well', async () => {
    const stored = toSharp(storedAs(6, brightCell(70, 140, grid, 6, 0))).withMetadata({ orientation: 6 });
    for (const format of ['webp', 'png', 'tiff'] as const) {
      const photo = await readPhoto(await stored.clone().toFormat(format).toBuffer());
      expect([format, photo.width, photo.height]).toEqual([format, 70, 140]);
      expect(indexOfLargest(cellMeans(photo.pixels, 224, 224, grid))).toBe(6 * 7);
    }
  });

  it('takes the size as height and width', async () => {
    const { pixels } = await readPhoto(
      await toSharp(brightCell(70, 70, [2, 1], 0, 0))
        .png()
        .toBuffer(),
      {
        size: [20, 10],
      },
    );
    expect(pixels).toHaveLength(600);
    expect(pixels[5 * 30]).toBeGreaterThan(250);
    expect(pixels[15 * 30]).toBeLessThan(45);
  });

  it.each([
    [1, 1],
    [1, 4000],
    [4000, 1],
  ])('reads %i x %i', async (width, height) => {
    const bytes = await toSharp(raster(width, height, () => [10, 200, 90]))
      .png()
      .toBuffer();
    const photo = await readPhoto(bytes);
    expect(photo).toMatchObject({ width, height });
    expect([...photo.pixels.subarray(0, 3)]).toEqual([10, 200, 90]);
    expect([...photo.pixels.subarray(-3)]).toEqual([10, 200, 90]);
  });

  it('reads 12,000 x 9,000', async () => {
    const bytes = await toSharp(brightCell(12, 9, [3, 3], 2, 1))
      .resize(12_000, 9_000, { kernel: 'nearest' })
      .jpeg({ quality: 50 })
      .toBuffer();
    const photo = await readPhoto(bytes);
    expect([photo.width, photo.height]).toEqual([12_000, 9_000]);
    expect(indexOfLargest(cellMeans(photo.pixels, 224, 224, [3, 3]))).toBe(7);
  }, 60_000);

  it.each(['jpeg', 'png', 'webp'] as const)(
    'averages fine detail of a large %s instead of sampling it',
    async (format) => {
      // One-pixel stripes: any point sampling would come out black or white in places.
      const stripes = raster(1792, 896, (x) => (x % 2 === 0 ? [255, 255, 255] : [0, 0, 0]));
      const { pixels } = await readPhoto(await toSharp(stripes).toFormat(format, { quality: 100 }).toBuffer());
      const inner = pixels.filter((_, index) => index % 672 > 30 && index % 672 < 640);
      const spread = inner.reduce((most, value) => Math.max(most, Math.abs(value - inner[0]!)), 0);
      expect(spread).toBeLessThan(12);
    },
  );
});

describe('photos that cannot be read', () => {
  it('says that there is no such file', async () => {
    const path = join(folder, 'missing.jpg');
    const error = await refusal(readPhoto(path));
    expect(error.code).toBe('not-found');
    expect(error.message).toBe(`cannot read ${path}: there is no such file. Check the spelling of its path.`);
  });

  it('says that a folder is not a photo', async () => {
    const path = join(folder, 'album.jpg');
    await mkdir(path);
    expect(await refusal(readPhoto(path))).toMatchObject({ code: 'is-directory' });
  });

  it.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)('says that permission is denied', async () => {
    const path = join(folder, 'secret.jpg');
    await writeFile(path, 'x', { mode: 0o000 });
    expect(await refusal(readPhoto(path))).toMatchObject({ code: 'not-permitted' });
  });

  it('says that a file is empty', async () => {
    const path = join(folder, 'empty.png');
    await writeFile(path, '');
    expect(await refusal(readPhoto(path))).toMatchObject({ code: 'empty' });
  });

  const box = (brand: string, ...compatible: string[]) => {
    const size = 16 + compatible.length * 4;
    return Buffer.concat([
      Buffer.from([0, 0, 0, size]),
      Buffer.from(`ftyp${brand}\0\0\0\0${compatible.join('')}`),
      Buffer.alloc(64),
    ]);
  };

  it.each([
    ['heic', box('heic', 'mif1', 'heic')],
    ['mif1', box('mif1', 'mif1', 'heic')],
    ['heix', box('heix', 'mif1')],
  ])('tells how to convert HEIC (brand %s)', async (_, bytes) => {
    const error = await refusal(readPhoto(bytes, { name: 'IMG_1.HEIC' }));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(
      /^cannot read IMG_1\.HEIC: HEIC photos are not supported\. Convert it to JPEG: .*Export/,
    );
  });

  it.each([
    ['a PDF', Buffer.from('%PDF-1.7\n'), /PDF files are not supported/],
    ['a BMP', Buffer.from('BM\x46\0\0\0\0\0'), /BMP files are not supported/],
    ['a video', box('isom', 'mp42'), /it is a video/],
    ['a camera raw', box('crx ', 'isom'), /camera raw/],
    ['JPEG XL', Buffer.from([0xff, 0x0a, 1, 2, 3]), /JPEG XL/],
    ['text', Buffer.from('dear diary'), /it is not a JPEG, PNG, WebP, GIF, TIFF, AVIF or SVG file/],
  ])('refuses %s and says what to do', async (_, bytes, reason) => {
    const error = await refusal(readPhoto(bytes, { name: 'file' }));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(/^cannot read file: /);
    expect(error.message).toMatch(reason);
  });

  it('goes by the content, not by the name', async () => {
    const path = join(folder, 'really-a-png.jpg');
    await writeFile(path, await toSharp(quarters).png().toBuffer());
    expect(await readPhoto(path)).toMatchObject({ format: 'png' });
  });

  it('reads a path with brackets and other letters', async () => {
    const path = join(folder, 'é 日本 [page=1].png');
    await writeFile(path, await toSharp(quarters).png().toBuffer());
    expect(await readPhoto(path)).toMatchObject({ width: 96 });
  });

  const noise = raster(200, 200, (x, y) => [(x * 37 + y * 91) % 256, (x * y) % 256, (x * 13) % 256]);
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('refuses half a %s file', async (format) => {
    const bytes = await toSharp(noise).toFormat(format).toBuffer();
    const error = await refusal(readPhoto(bytes.subarray(0, bytes.length / 2), { name: 'half' }));
    expect(['truncated', 'unreadable']).toContain(error.code);
    expect(error.message).toMatch(/^cannot read half: the file is (cut short|damaged)/);
    expect(error.message).not.toMatch(/\n/);
  });

  it('forgives stray bytes after the picture', async () => {
    const bytes = Buffer.concat([await toSharp(quarters).jpeg().toBuffer(), Buffer.from('trailing junk')]);
    expect(await readPhoto(bytes)).toMatchObject({ width: 96 });
  });

  it('keeps to the pixel limit and names it', async () => {
    const bytes = await toSharp(raster(300, 200, () => [0, 0, 0]))
      .png()
      .toBuffer();
    expect(await readPhoto(bytes, { pixelLimit: 60_000 })).toMatchObject({ width: 300 });
    const error = await refusal(readPhoto(bytes, { pixelLimit: 59_999, name: 'big.png' }));
    expect(error.code).toBe('too-large');
    expect(error.message).toBe(
      'cannot read big.png: it has 300 x 200 pixels, more than the limit of 0.06 million. Save a smaller copy of it.',
    );
  });

  it('refuses a file of several gigabytes, by its path and by its bytes, before it reads any of it', async () => {
    const path = join(folder, 'huge.jpg');
    // No more than its size: it takes no room on the disk.
    await writeFile(path, '');
    await truncate(path, 3_210_000_000);
    const said = 'the file has 3.2 GB, and at most 800 MB are read. Save a smaller copy of it.';
    expect(await refusal(readPhoto(path))).toMatchObject({
      code: 'too-large',
      message: `cannot read ${path}: ${said}`,
    });
    await truncate(path, 800_000_001);
    expect(await refusal(openPhoto(path))).toMatchObject({ code: 'too-large' });
    // Memory that is never written to is not taken.
    const bytes = new Uint8Array(800_000_001);
    expect((await refusal(readPhoto(bytes, { name: 'sent.jpg' }))).message).toBe(
      'cannot read sent.jpg: the file has 800 MB, and at most 800 MB are read. Save a smaller copy of it.',
    );
  });

  it('refuses a header that promises more pixels than the limit, before decoding', async () => {
    const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>');
    expect(await refusal(readPhoto(bytes))).toMatchObject({ code: 'too-large' });
  });
});

describe('a drawing', () => {
  const drawing = (body: string, width = 400, height = 300): Buffer =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`);
  const chain = (depth: number, first: string, next: (i: number) => string): string =>
    `<defs>${Array.from({ length: depth }, (_, i) => (i === 0 ? first : next(i))).join('')}</defs>`;
  const mean = async (bytes: Buffer, size: number): Promise<number> => {
    const { pixels } = await readPhoto(bytes, { size: [size, size] });
    return pixels.reduce((sum, one) => sum + one, 0) / pixels.length;
  };

  it('is not white where what it shows is finer than a pixel of the size wanted', async () => {
    const tile = 'width="10" height="10" patternUnits="userSpaceOnUse"';
    const patterns = chain(
      4,
      `<pattern id="n0" ${tile}><rect width="10" height="10"/></pattern>`,
      (i) => `<pattern id="n${i}" ${tile}><rect width="10" height="10" fill="url(#n${i - 1})"/></pattern>`,
    );
    const shown = drawing(`${patterns}<rect width="400" height="300" fill="url(#n3)"/>`);
    for (const size of [8, 32, 224]) expect(await mean(shown, size)).toBeLessThan(30);
  });

  it('is the same in essence at every size', async () => {
    const halves = drawing(
      '<rect width="4000" height="3000" fill="white"/><rect width="2000" height="3000"/>',
      4000,
      3000,
    );
    for (const size of [8, 224, 1200]) expect(await mean(halves, size)).toBeCloseTo(127.5, -1);
  });

  it.each([
    ['is empty', drawing('')],
    [
      'hides all that it has behind nested masks',
      drawing(
        `${chain(
          6,
          '<mask id="n0"><rect width="400" height="300"/></mask>',
          (i) =>
            `<mask id="n${i}"><g mask="url(#n${i - 1})"><rect width="400" height="300" mask="url(#n${i - 1})"/></g></mask>`,
        )}<rect width="400" height="300" mask="url(#n5)"/>`,
      ),
    ],
    [
      'uses itself',
      drawing(
        '<pattern id="a" width="1" height="1"><rect fill="url(#a)" width="9" height="9"/></pattern><rect fill="url(#a)" width="9" height="9"/>',
      ),
    ],
  ])('that %s is refused: no pixel came', async (_, bytes) => {
    for (const size of [8, 224]) {
      await expect(readPhoto(bytes, { size: [size, size] })).rejects.toThrow('nothing of the drawing can be drawn');
    }
  });

  it('that goes deeper than the decoder is refused as such, and not as damaged', async () => {
    const masks = chain(
      300,
      '<mask id="n0"><rect width="40" height="30" fill="white"/></mask>',
      (i) => `<mask id="n${i}"><rect width="40" height="30" fill="white" mask="url(#n${i - 1})"/></mask>`,
    );
    const deep = [
      drawing(`${masks}<rect width="40" height="30" mask="url(#n299)"/>`, 40, 30),
      drawing(`${'<g>'.repeat(400)}<rect width="9" height="9"/>${'</g>'.repeat(400)}`),
    ];
    for (const bytes of deep) {
      await expect(readPhoto(bytes, { size: [8, 8] })).rejects.toThrow('asks for more than the decoder can do');
    }
  });

  it('of one colour is a drawing all the same', async () => {
    expect(await mean(drawing('<rect width="400" height="300" fill="white"/>'), 224)).toBe(255);
  });
});
