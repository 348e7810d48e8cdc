import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/engine/random.ts';

/**
 * Photos that cost as much to read as real ones: soft colours, some shapes and a little noise, as JPEG. What they show
 * is nothing; what a captioner says about them is nonsense of the usual length.
 */
export async function makePhotos(
  folder: string,
  count: number,
  [width, height]: readonly [number, number],
  onDone?: (done: number) => void,
): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = join(folder, `${width}x${height}-${i + 1}.jpg`);
    await makePhoto(path, width, height, new Random(i + 1));
    paths.push(path);
    onDone?.(paths.length);
  }
  return paths;
}

async function makePhoto(path: string, width: number, height: number, random: Random): Promise<void> {
  const clouds = { width: 8, height: 6, channels: 3 as const };
  const colours = Uint8Array.from({ length: 8 * 6 * 3 }, () => random.integer(256));
  const size = Math.min(width, height);
  const shapes = Array.from({ length: 12 }, () => {
    const [x, y, r] = [random.integer(width), random.integer(height), size * (0.02 + 0.15 * random.next())];
    const fill = `hsl(${random.integer(360)},${20 + random.integer(60)}%,${20 + random.integer(60)}%)`;
    return random.next() < 0.5
      ? `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`
      : `<rect x="${x}" y="${y}" width="${r}" height="${2 * r}" fill="${fill}" transform="rotate(${random.integer(180)} ${x} ${y})"/>`;
  });
  const drawing = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join('')}</svg>`,
  );
  const grain = await sharp({
    create: {
      width: 256,
      height: 256,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 12 },
    },
  })
    .png({ compressionLevel: 0 })
    .toBuffer();
  await sharp(colours, { raw: clouds })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .composite([{ input: drawing }, { input: grain, tile: true, blend: 'soft-light' }])
    .jpeg({ quality: 85 })
    .toFile(path);
}
