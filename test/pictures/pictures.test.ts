import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderAnimation } from '../../src/pictures/animation.ts';
import { renderContactSheet } from '../../src/pictures/contact-sheet.ts';
import { labelOf } from '../../src/pictures/doubt.ts';
import { percent, type Explanation } from '../../src/pictures/explanation.ts';
import { renderOverlays } from '../../src/pictures/overlay.ts';
import { renderPage } from '../../src/pictures/page.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { layoutSheet } from '../../src/pictures/sheet-layout.ts';
import { renderSvg } from '../../src/pictures/svg.ts';
import { measureText } from '../../src/pictures/typeface.ts';
import { brightCell, cellMeans, indexOfLargest, raster, storedAs, toSharp } from '../photos/synthetic-photo.ts';

const GRID = [7, 7] as const;

function oneHot(cell: number): number[] {
  const weights = new Array(49).fill(0);
  weights[cell] = 1;
  return weights;
}

async function explain(caption: string, width = 210, height = 140): Promise<Explanation> {
  const photo = await toSharp(raster(width, height, (x, y) => [120 + (x % 50), 90, 60 + (y % 40)]))
    .jpeg()
    .toBuffer();
  const words = caption.split(' ').filter(Boolean);
  return {
    photo,
    caption,
    grid: GRID,
    words: words.map((word, index) => ({ word, probability: 0.87, weights: oneHot((index * 9) % 49) })),
  };
}

async function first<T>(items: AsyncIterable<T>): Promise<T> {
  for await (const item of items) return item;
  throw new Error('nothing came');
}

async function decodeRgb(bytes: Buffer) {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { pixels: new Uint8Array(data), width: info.width, height: info.height };
}

describe('where a map lands', () => {
  const shapes = [
    ['wide', 630, 252],
    ['tall', 252, 630],
  ] as const;
  const orientations = [1, 2, 3, 4, 5, 6, 7, 8];

  it.each(shapes.flatMap(([shape, width, height]) => orientations.map((o) => [shape, o, width, height] as const)))(
    'is on the bright cell of a %s photo of orientation %i',
    async (_, orientation, width, height) => {
      const [row, col] = [5, 2];
      const stored = storedAs(orientation, brightCell(width, height, GRID, row, col));
      const photo = await toSharp(stored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      // Attention goes where the encoder's input is bright …
      const seen = await readPhoto(photo);
      const weights = oneHot(indexOfLargest(cellMeans(seen.pixels, 224, 224, GRID)));
      // … and a picture that shows nothing but what is attended to shows the bright cell, in the upright photo.
      const explanation = { photo, caption: 'it', grid: GRID, words: [{ word: 'it', probability: 1, weights }] };
      const overlay = await decodeRgb(await first(renderOverlays(explanation, { mode: 'dim', strength: 1 })));
      expect(overlay.width).toBe(width);
      const means = cellMeans(overlay.pixels.subarray(0, width * height * 3), width, height, GRID);
      expect(indexOfLargest(means)).toBe(row * 7 + col);
      expect(means[row * 7 + col]).toBeGreaterThan(120);
      expect([...means].filter((mean) => mean > 30)).toHaveLength(1);
    },
  );
});

describe('overlays', () => {
  it('are one PNG a word, in the order of the caption', async () => {
    const explanation = await explain('a dog runs');
    const pictures = [];
    for await (const picture of renderOverlays(explanation)) pictures.push(picture);
    expect(pictures).toHaveLength(3);
    for (const picture of pictures)
      expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', channels: 3 });
    expect(pictures[0]!.equals(pictures[1]!)).toBe(false);
  });

  it.each([
    [4000, 2000, 1600, 800],
    [2000, 4000, 800, 1600],
    [600, 300, 600, 300],
    [100, 50, 480, 240],
  ])('draw a photo of %i x %i at %i x %i', async (width, height, drawnWidth, drawnHeight) => {
    const explanation = await explain('dog', width, height);
    const { width: pictureWidth, height: pictureHeight } = await sharp(
      await first(renderOverlays(explanation)),
    ).metadata();
    expect(pictureWidth).toBe(drawnWidth);
    expect(pictureHeight).toBeGreaterThan(drawnHeight);
    expect(pictureHeight).toBeLessThan(drawnHeight + 140);
  });

  it('obey the limit on the long side', async () => {
    const { width } = await sharp(
      await first(renderOverlays(await explain('dog', 900, 300), { longSide: 300 })),
    ).metadata();
    expect(width).toBe(300);
  });

  it('print the word beneath the photo', async () => {
    const { pixels, width, height } = await decodeRgb(await first(renderOverlays(await explain('dog', 600, 300))));
    const label = pixels.subarray(300 * width * 3);
    expect(height).toBeGreaterThan(320);
    expect(label.some((value) => value < 40)).toBe(true);
    expect(label[0]).toBe(255);
  });
});

describe('the contact sheet', () => {
  it('shows the photo first, then a tile a word', async () => {
    const explanation = await explain('a dog runs through grass');
    const sheet = await decodeRgb(await renderContactSheet(explanation, { mode: 'dim', strength: 1 }));
    const labels = explanation.words.map(labelOf);
    const layout = layoutSheet({ width: 210, height: 140 }, explanation.caption, labels);
    expect([sheet.width, sheet.height]).toEqual([layout.width, layout.height]);
    expect(layout.tiles).toHaveLength(6);
    const cut = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }) => {
      const rows = Array.from({ length: height }, (_, row) => {
        const start = ((y + row) * sheet.width + x) * 3;
        return sheet.pixels.subarray(start, start + width * 3);
      });
      return cellMeans(new Uint8Array(Buffer.concat(rows)), width, height, GRID);
    };
    const plain = cut(layout.tiles[0]!.box);
    expect(Math.min(...plain.subarray(8, 41))).toBeGreaterThan(100);
    for (const [index, word] of explanation.words.entries()) {
      const means = cut(layout.tiles[index + 1]!.box);
      // Corner cells hold some white of the rounding.
      expect(indexOfLargest(means)).toBe(indexOfLargest(word.weights));
    }
  });

  it('grows with its scale', async () => {
    const explanation = await explain('a dog');
    const single = await sharp(await renderContactSheet(explanation)).metadata();
    const double = await sharp(await renderContactSheet(explanation, { scale: 2 })).metadata();
    expect(double.width).toBe(single.width * 2);
  });

  it.each([
    ['one word', 'dog', 300, 200],
    ['no words', '', 300, 200],
    ['a long caption', 'word '.repeat(45).trim(), 300, 200],
    ['a word longer than a tile', 'a '.repeat(3) + 'w'.repeat(80), 300, 200],
    ['a photo of one pixel', 'a dog', 1, 1],
    ['a very tall photo', 'a dog', 1, 4000],
    ['a very wide photo', 'a dog', 4000, 1],
  ])('holds %s', async (_, caption, width, height) => {
    const explanation = await explain(caption, width, height);
    expect((await sharp(await renderContactSheet(explanation)).metadata()).format).toBe('png');
  });

  it.each([1, 2, 3, 5, 8, 12, 20, 45])('places the tiles of %i words side by side, inside the sheet', (count) => {
    for (const photo of [
      { width: 400, height: 300 },
      { width: 300, height: 400 },
      { width: 1, height: 4000 },
    ]) {
      const labels = new Array(count).fill({ text: 'somebody', note: '87%' });
      const layout = layoutSheet(photo, 'somebody '.repeat(count), labels);
      expect(layout.tiles).toHaveLength(count + 1);
      for (const [index, { box }] of layout.tiles.entries()) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(layout.width);
        expect(box.y + box.height).toBeLessThanOrEqual(layout.key.y);
        for (const { box: other } of layout.tiles.slice(index + 1)) {
          const apart = box.x + box.width <= other.x || other.x + other.width <= box.x;
          expect(apart || box.y + box.height <= other.y).toBe(true);
        }
      }
      const lastTitle = layout.title.at(-1)!;
      expect(lastTitle.baseline).toBeLessThan(layout.tiles[0]!.box.y);
    }
  });

  it('refuses weights that do not fit the grid', async () => {
    const explanation = { ...(await explain('dog')), grid: [5, 5] as const };
    await expect(renderContactSheet(explanation)).rejects.toThrow(/5 x 5 grid needs 25 weights, not 49/);
    await expect(renderSvg(explanation)).rejects.toThrow(/5 x 5 grid needs 25 weights, not 49/);
  });
});

describe('the SVG', () => {
  it('embeds the photo once and draws every cell of every word', async () => {
    const svg = await renderSvg(await explain('a dog runs'));
    expect(svg.match(/data:image\/jpeg;base64,/g)).toHaveLength(1);
    expect(svg.match(/<use /g)).toHaveLength(4);
    expect(svg.match(/<rect [^>]*fill-opacity=/g)).toHaveLength(3 * 49);
    expect(svg).toContain('>dog</text>');
  });

  it('says what its colours are', async () => {
    const explanation = await explain('a dog');
    const words = explanation.words.map((word) => ({ ...word, weights: [0.5, 0.5, ...oneHot(0).slice(2)] }));
    const told = { looked: 'more attention', mattered: 'mattered more', posterior: 'seen here, given the word' };
    for (const [maps, text] of Object.entries(told)) {
      const svg = await renderSvg({ ...explanation, words, maps: maps as keyof typeof told });
      const [, end] = new RegExp(`<text x="([\\d.]+)"[^>]*>${text}</text>`).exec(svg) ?? [];
      const [, left, width] = /<rect x="([\d.]+)" y="[\d.]+" width="(\d+)"[^>]*url\(#key\)/.exec(svg) ?? [];
      // The words begin right of the strip of colours.
      expect(Number(end) - measureText(text, { size: 13, weight: 400, fill: '' })).toBeGreaterThan(
        Number(left) + Number(width),
      );
    }
  });

  it('says of hard attention that it looked at one place', async () => {
    const svg = await renderSvg(await explain('a dog'));
    expect(svg).toContain('>the place that it looked at</text>');
    expect(svg).not.toContain('more attention');
  });

  it('escapes what the caption says', async () => {
    const explanation = await explain('cats & <dogs> "here" \u0007');
    const svg = await renderSvg(explanation);
    expect(svg).toContain('<title>cats &amp; &lt;dogs&gt; &quot;here&quot; \ufffd</title>');
    expect(svg).not.toContain('<dogs>');
    // It is well-formed: the renderer parses it.
    expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
  });

  it.each(['heat', 'tint', 'dim'] as const)('puts the map on the right cells under %s', async (mode) => {
    const explanation = await explain('dog', 420, 280);
    const weights = oneHot(2 * 7 + 5);
    const svg = await renderSvg(
      { ...explanation, words: [{ word: 'dog', probability: 0.5, weights }] },
      { mode, strength: 1 },
    );
    const { pixels, width } = await decodeRgb(
      await sharp(Buffer.from(svg)).flatten({ background: '#fff' }).png().toBuffer(),
    );
    const { box } = layoutSheet({ width: 420, height: 280 }, explanation.caption, [
      { text: 'dog', note: '50%', unsure: false },
    ]).tiles[1]!;
    const at = (row: number, col: number) => {
      const x = Math.floor(box.x + ((col + 0.5) * box.width) / 7);
      const y = Math.floor(box.y + ((row + 0.5) * box.height) / 7);
      return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    };
    if (mode === 'dim') {
      expect(Math.max(...at(2, 4))).toBeLessThan(3);
      expect(at(2, 5)[0]).toBeGreaterThan(100);
    } else {
      expect(at(2, 5)).toEqual([0xfe, 0xe8, 0x38]);
      expect(at(2, 4)).not.toEqual(at(2, 5));
    }
  });
});

describe('the animation', () => {
  it.each(['webp', 'gif'] as const)('has one frame a word as %s, repeats, and rests on the last', async (format) => {
    const bytes = await renderAnimation(await explain('a dog runs'), { format, hold: 700, longSide: 320 });
    const metadata = await sharp(bytes).metadata();
    expect(metadata).toMatchObject({ format, pages: 3, loop: 0, delay: [700, 700, 1400] });
  });

  it('cross-fades on request', async () => {
    const bytes = await renderAnimation(await explain('a dog runs'), { fadeFrames: 2, longSide: 320 });
    const metadata = await sharp(bytes).metadata();
    expect(metadata.pages).toBe(9);
    expect(metadata.delay).toEqual([900, 50, 50, 900, 50, 50, 1800, 50, 50]);
  });

  it('shows a lone word', async () => {
    const bytes = await renderAnimation(await explain('dog', 1, 400), { fadeFrames: 3 });
    expect((await sharp(bytes).metadata()).format).toBe('webp');
  });

  it('moves the map from word to word', async () => {
    const bytes = await renderAnimation(await explain('a dog runs', 350, 210), {
      mode: 'dim',
      strength: 1,
      longSide: 350,
    });
    for (const [page, cell] of [0, 9, 18].entries()) {
      const { data } = await sharp(bytes, { page }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const photo = data.subarray(0, 350 * 210 * 3);
      expect(indexOfLargest(cellMeans(photo, 350, 210, GRID))).toBe(cell);
    }
  });

  it('refuses a caption without words', async () => {
    await expect(renderAnimation(await explain(''))).rejects.toThrow('without words');
  });
});

describe('doubt', () => {
  const isRed = (pixels: Uint8Array, at: number): boolean =>
    pixels[at]! > Math.max(pixels[at + 1]!, pixels[at + 2]!) + 60;
  /** How many pixels of a picture have the colour of doubt. */
  const redOf = async (bytes: Buffer, page = 0): Promise<number> => {
    const { data } = await sharp(bytes, { page }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    return Array.from({ length: data.length / 3 }, (_, i) => isRed(data, 3 * i)).filter(Boolean).length;
  };
  /** A caption on a blue photo whose second word is below the threshold, or just at it. */
  const doubtful = async (confidence: number, notSure: boolean): Promise<Explanation> => {
    const explanation = await explain('a dog runs', 400, 300);
    const photo = await toSharp(raster(400, 300, () => [20, 20, 200]))
      .png()
      .toBuffer();
    const words = explanation.words.map((word, i) => ({ ...word, confidence: i === 1 ? confidence : undefined }));
    return { ...explanation, photo, notSure, words };
  };
  const SURE = 1 / 3;
  const UNSURE = 0.33;

  it('underlines a word that the model is not sure of, on its own picture and on no other', async () => {
    const red: number[] = [];
    for await (const picture of renderOverlays(await doubtful(UNSURE, true))) red.push(await redOf(picture));
    expect(red.map((count) => count > 20)).toEqual([false, true, false]);
    for await (const picture of renderOverlays(await doubtful(SURE, false))) expect(await redOf(picture)).toBe(0);
  });

  it('is on the sheet: the word’s line, and a mark behind the caption', async () => {
    const red = async (confidence: number, notSure: boolean): Promise<number> =>
      redOf(await renderContactSheet(await doubtful(confidence, notSure)));
    expect(await red(SURE, false)).toBe(0);
    expect(await red(UNSURE, false)).toBeGreaterThan(20);
    expect(await red(SURE, true)).toBeGreaterThan(20);
  });

  it('moves the tiles down only where the mark finds no room behind the caption', () => {
    const labels = [{ text: 'dog', note: '50%', unsure: false }];
    const layouts = (caption: string) =>
      [false, true].map((notSure) => layoutSheet({ width: 300, height: 300 }, caption, labels, notSure));
    const [short, shortMarked] = layouts('A dog.');
    expect(shortMarked!.height).toBe(short!.height);
    expect(shortMarked!.mark!.baseline).toBe(short!.title[0]!.baseline);
    const [full, fullMarked] = layouts('A brown dog and a white dog run on');
    expect(fullMarked!.height).toBeGreaterThan(full!.height);
    expect(fullMarked!.mark!.baseline).toBeGreaterThan(full!.title.at(-1)!.baseline);
  });

  it('is in the SVG as a line that programs draw, in words, and as a mark', async () => {
    const svg = await renderSvg(await doubtful(UNSURE, true));
    expect(svg.match(/text-decoration:underline/g)).toHaveLength(1);
    expect(svg).toMatch(/text-decoration:underline[^>]*>dog</);
    expect(svg).toContain('<title>dog 87%, not sure</title>');
    expect(svg).toContain('>Not sure</text>');
    expect(await renderSvg(await doubtful(SURE, false))).not.toMatch(/not sure|underline/i);
  });

  it.each(['webp', 'gif'] as const)('is under every frame of the animation as %s', async (format) => {
    const marked = await renderAnimation(await doubtful(UNSURE, true), { format });
    for (const page of [0, 1, 2]) expect(await redOf(marked, page)).toBeGreaterThan(20);
    expect(await redOf(await renderAnimation(await doubtful(SURE, false), { format }))).toBe(0);
  });

  it('shows what is said in the place of a word', async () => {
    const explanation = await explain('a dog runs');
    const words = explanation.words.map((word) => (word.word === 'dog' ? { ...word, said: 'animal' } : word));
    expect(await renderSvg({ ...explanation, words })).toMatch(/>animal<\/text>/);
    expect(await renderPage({ ...explanation, words })).toMatch(/title="87%, for “dog”"><span>animal</);
  });
});

it('draws a look at one place alone as its cell, and nothing beside it, though maps are smooth', async () => {
  const explanation = await explain('dog', 490, 490);
  const of = async (weights: number[]) => {
    const words = [{ word: 'dog', probability: 1, weights }];
    const picture = await first(renderOverlays({ ...explanation, words }, { mode: 'dim', strength: 1 }));
    const { pixels } = await decodeRgb(picture);
    // The middle of the cell, just inside its edge, just outside.
    return [245, 212, 208].map((x) => pixels[(245 * 490 + x) * 3]!);
  };
  const [middle, inside, outside] = (await of(oneHot(24))) as [number, number, number];
  expect(Math.min(middle, inside)).toBeGreaterThan(100);
  expect(outside).toBe(0);
  const soft = await of(oneHot(24).map((weight, cell) => (cell === 0 ? 0.001 : weight)));
  expect(soft[2]).toBeGreaterThan(20);
});

describe('what counts as full attention', () => {
  it('is each word’s own peak, or the peak of all words on request', async () => {
    const even = new Array(49).fill(1 / 49);
    const base = await explain('a b', 490, 490);
    const explanation = {
      ...base,
      words: [
        { word: 'a', probability: 1, weights: even },
        { word: 'b', probability: 1, weights: oneHot(24) },
      ],
    };
    const brightness = async (range: 'word' | 'caption') => {
      const { pixels } = await decodeRgb(await first(renderOverlays(explanation, { mode: 'dim', strength: 1, range })));
      return pixels[(245 * 490 + 245) * 3]!;
    };
    expect(await brightness('word')).toBeGreaterThan(100);
    expect(await brightness('caption')).toBeLessThan(20);
  });
});

it.each([
  [1, '100%'],
  [0.999, '99%'],
  [0.874, '87%'],
  [0.01, '1%'],
  [0.004, '<1%'],
  [0, '0%'],
])('prints the probability %d as %s', (probability, printed) => {
  expect(percent(probability)).toBe(printed);
});
