import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/engine/random.ts';
import { packageRoot } from '../../src/files/package-root.ts';

/** Of every so many photos one has twelve megapixels, as a camera's; the others are as they come from the web. */
const LARGE_EVERY = 40;
/** So many are different; further ones are copies, which nobody here can tell from others. */
const DIFFERENT = 200;

/**
 * Photos that show something: the project's samples, each time cut, turned over and coloured a little differently.
 *
 * @param size of all of them; left out: 1024 x 768, and some of 4000 x 3000
 */
export async function varySamples(
  folder: string,
  count: number,
  size?: readonly [width: number, height: number],
  onDone?: (done: number) => void,
): Promise<string[]> {
  const samples = join(packageRoot(), 'assets', 'samples');
  const sources = (await readdir(samples)).filter((name) => name.endsWith('.jpg')).sort();
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const source = sources[i % sources.length]!;
    const [width, height] = size ?? (i % LARGE_EVERY === LARGE_EVERY - 1 ? [4000, 3000] : [1024, 768]);
    const path = join(folder, `${String(i + 1).padStart(5, '0')}-${source}`);
    if (i < DIFFERENT) await vary(join(samples, source), path, width, height, new Random(i + 1));
    else await copyFile(paths[i % DIFFERENT]!, path);
    paths.push(path);
    onDone?.(paths.length);
  }
  return paths;
}

async function vary(source: string, path: string, width: number, height: number, random: Random): Promise<void> {
  const { width: across, height: down } = await sharp(source).metadata();
  const share = 0.75 + 0.25 * random.next();
  const cut = { width: Math.floor(across * share), height: Math.floor(down * share) };
  const photo = sharp(source)
    .extract({ ...cut, left: random.integer(across - cut.width + 1), top: random.integer(down - cut.height + 1) })
    .flop(random.next() < 0.5)
    .resize(width, height)
    .modulate({ brightness: 0.85 + 0.3 * random.next(), saturation: 0.8 + 0.4 * random.next() });
  await photo.jpeg({ quality: 85 }).toFile(path);
}
