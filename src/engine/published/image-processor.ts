import { ConfigReader } from './config-reader.ts';

/** How a photo becomes pixels of the size that a model takes. */
export type Resample = 'lanczos3' | 'cubic' | 'linear';

/** What an image processor does, as this engine says it. */
export interface ImageProcessor {
  resample: Resample;
  mean: number[];
  deviation: number[];
}

/** Pillow's numbers of its filters. */
const FILTERS: Readonly<Record<number, Resample>> = { 1: 'lanczos3', 2: 'linear', 3: 'cubic' };

/**
 * Reads `preprocessor_config.json`. Photos are squashed whole to the model's size; where a processor would cut the margins
 * off after it (DeiT's), the whole photo is looked at instead, so that a map covers it.
 * @throws Error that names the field that cannot be done
 */
export function imageProcessor(value: unknown, usual: Resample): ImageProcessor {
  const read = new ConfigReader(value ?? {}, 'preprocessor_config.json');
  read.must('do_rescale', true);
  const filter = read.get('resample');
  const resample = typeof filter === 'number' ? FILTERS[filter] : usual;
  if (!resample) throw new Error(`preprocessor_config.json's resample is ${String(filter)}; 1, 2 and 3 can be done.`);
  const isNormalised = read.flag('do_normalize', true);
  return {
    resample,
    mean: isNormalised ? three(read, 'image_mean') : [0, 0, 0],
    deviation: isNormalised ? three(read, 'image_std') : [1, 1, 1],
  };
}

function three(read: ConfigReader, name: string): number[] {
  const numbers = read.get(name);
  if (Array.isArray(numbers) && numbers.length === 3 && numbers.every((one) => Number.isFinite(one) && one !== 0)) {
    return numbers as number[];
  }
  throw new Error(`preprocessor_config.json's ${name} is not three numbers.`);
}
