import { ConfigReader } from './config-reader.ts';

/** How a photo becomes pixels of the size that a model takes. */
export type Resample = 'lanczos3' | 'cubic' | 'linear';

/** What an image processor does, as this engine says it. */
export interface ImageProcessor {
  resample: Resample;
  mean: number[];
  deviation: number[];
  /** Where the margins of the photo are cut off after it was squashed: its size before and after. */
  cropped?: { readonly from: number; readonly to: number };
}

/** Pillow's numbers of its filters. */
const FILTERS: Readonly<Record<number, Resample>> = { 1: 'lanczos3', 2: 'linear', 3: 'cubic' };

/**
 * Reads `preprocessor_config.json`. Photos are squashed whole to a size, of which some processors (DeiT's) then cut the
 * margins off. Where one would keep the proportions instead, the whole photo is squashed, so that a map covers it.
 * @throws Error that names the field that cannot be done
 */
export function imageProcessor(value: unknown, usual: Resample): ImageProcessor {
  const read = new ConfigReader(value ?? {}, 'preprocessor_config.json');
  read.must('do_rescale', true);
  const filter = read.get('resample');
  const resample = typeof filter === 'number' ? FILTERS[filter] : usual;
  if (!resample) throw new Error(`preprocessor_config.json's resample is ${String(filter)}; 1, 2 and 3 can be done.`);
  const cropped = croppedOf(read);
  const isNormalised = read.flag('do_normalize', true);
  return {
    resample,
    mean: isNormalised ? three(read, 'image_mean') : [0, 0, 0],
    deviation: isNormalised ? three(read, 'image_std') : [1, 1, 1],
    ...(cropped && { cropped }),
  };
}

function croppedOf(read: ConfigReader): ImageProcessor['cropped'] {
  if (!read.flag('do_center_crop', false)) return undefined;
  const [from, to] = [side(read.get('size')), side(read.get('crop_size'))];
  return from !== undefined && to !== undefined && from > to ? { from, to } : undefined;
}

/** The side of a square; nothing where it is none, or the proportions are kept. */
function side(size: unknown): number | undefined {
  const { height, width } = (typeof size === 'number' ? { height: size, width: size } : (size ?? {})) as {
    height?: unknown;
    width?: unknown;
  };
  return height === width && Number.isInteger(height) && (height as number) > 0 ? (height as number) : undefined;
}

function three(read: ConfigReader, name: string): number[] {
  const numbers = read.get(name);
  if (Array.isArray(numbers) && numbers.length === 3 && numbers.every((one) => Number.isFinite(one) && one !== 0)) {
    return numbers as number[];
  }
  throw new Error(`preprocessor_config.json's ${name} is not three numbers.`);
}
