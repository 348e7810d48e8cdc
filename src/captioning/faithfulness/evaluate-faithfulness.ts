import * as tf from '@tensorflow/tfjs-core';
import { jensenShannon } from '../../engine/attention/divergence.ts';
import { Bootstrap, type Estimate, type Share } from '../../engine/metrics/bootstrap.ts';
import { scoreCaptions } from '../../engine/metrics/caption-scores.ts';
import type { CaptionerSteps } from '../../engine/models/captioner-decoder.ts';
import { Random } from '../../engine/random.ts';
import { captionWords, joinWords } from '../../engine/text/caption-words.ts';
import type { Box } from '../../photos/boxes-file.ts';
import { photoPath, type PhotoCaptions } from '../../photos/captions-file.ts';
import { readPhoto } from '../../photos/read-photo.ts';
import { recurrent, type CaptionerModel, type RecurrentCaptionerModel } from '../ready-captioner.ts';
import { keywordFinderFor, type KeywordFinder } from '../keyword-finder.ts';
import { fallsByCell } from '../mattered.ts';
import { blank } from '../occlusion.ts';
import { CaptionSearch, encodeImages } from '../search.ts';
import { follow, type Followed } from './follow.ts';
import { normalisedEntropy } from './maps.ts';
import { nounPlaces, type NounPlace } from './noun-places.ts';
import { replaceAttention, REPLACEMENTS, type Replacement } from './replaced-attention.ts';
import { cellsIn, hits, names, tellsApart, type Pointed } from './things-in-boxes.ts';
import { attendedWindow, centreWindow, windowsOf, type Grid } from './windows.ts';

/** What is blanked instead of the region that a noun looked at most. */
export const CONTROLS = ['random', 'least', 'centre', 'otherNoun'] as const;
export type Control = (typeof CONTROLS)[number];

/** How much a captioner's attention has to do with its words. */
export interface Faithfulness {
  photos: number;
  /** Nouns of the captions that were followed. */
  nouns: number;
  /**
   * Falls of a noun's log-probability, in nats, when a region of the photo is blanked: the one that the noun looked at
   * most, and four others of its shape; and how many times as much the first is as each of them.
   */
  deletion: {
    own: Estimate;
    falls: Record<Control, Estimate>;
    /** Over the same nouns; of `otherNoun` only those of captions that have another. */
    ratios: Record<Control, Estimate>;
  };
  /** What replacing the weights of all words costs: nats of a noun's log-probability, and the CIDEr-D of captions. */
  worth: {
    nats: Record<Replacement, Estimate>;
    ciderD: Record<Replacement | 'own', Estimate>;
  };
  /** Of nouns' maps, as a share of the highest: 1 is flat. */
  entropy: Estimate;
  /** Jensen-Shannon divergence of the maps of two nouns of a caption, bits. */
  divergence: Estimate;
  /** On photos with boxes. */
  boxes?: {
    photos: number;
    nouns: number;
    /**
     * The share of nouns whose map peaks on what they name; the same of the photo's centre, and of a cell at random; and of
     * maps of what mattered, where these were asked for.
     */
    pointing: Record<'attention' | 'centre' | 'uniform', Estimate> & { mattered?: Estimate };
    /** Attention less centre. */
    overCentre: Estimate;
    /** What mattered less attention. */
    matteredOverAttention?: Estimate;
    pairs: number;
    /** The share of pairs of nouns of a caption whose maps tell their things apart. */
    toldApart: Estimate;
  };
  /** How it was measured, so that two figures can be compared or told apart. */
  signature: string;
}

export interface FaithfulnessOptions {
  /** Boxes of photos, by the paths of the captions file. */
  boxes?: ReadonlyMap<string, readonly Box[]>;
  /** Whether maps of what mattered point at boxes as well: some fifty times the work (default false). */
  mattered?: boolean;
  /** Of everything that is drawn (default 1). */
  seed?: number;
  /** Bootstrap resamples (default 1000). */
  resamples?: number;
  signal?: AbortSignal;
  /** Told how many photos are done, from time to time. */
  onPhotos?: (done: number) => void;
}

/** Cells of a region's side. */
const WINDOW = 3;
const PHOTOS_PER_BATCH = 16;
/** Raised whenever a change here changes any figure. */
const VERSION = 1;

/**
 * Measures what a captioner's attention is worth, on captions that people wrote: see `Faithfulness`.
 *
 * @param folder what the paths of the captions file are relative to
 * @returns nothing where `options.signal` stopped it before the end
 * @throws Error where the model has no attention or writes no English, where a photo cannot be read, or no caption has a noun
 */
export async function evaluateFaithfulness(
  given: CaptionerModel,
  photos: readonly PhotoCaptions[],
  folder: string,
  options: FaithfulnessOptions = {},
): Promise<Faithfulness | undefined> {
  const model = recurrent(given);
  const { resamples = 1000, seed = 1, signal } = options;
  if (model.captioner.config.attention === 'none') throw new Error(`${model.name} has no attention to measure.`);
  if (photos.length < 2) throw new Error('It takes two photos at least: one is shown the attention of another.');
  const find = await keywordFinderFor(model);
  if (!find) throw new Error(`${model.name} writes no English, of which alone nouns are known.`);
  const measured: Measured[] = [];
  for (const [start, count] of batches(photos.length)) {
    if (signal?.aborted) return undefined;
    const some = photos.slice(start, start + count);
    try {
      measured.push(...(await measureBatch(model, some, folder, find, new Random(seed + start), options)));
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
    options.onPhotos?.(measured.length);
  }
  return summarise(measured, photos, new Bootstrap(photos.length, resamples, seed), {
    resamples,
    seed,
    mattered: options.mattered === true,
  });
}

/** Where batches of photos start, and how many they have: never one alone, which would have no other beside it. */
function batches(photos: number): [start: number, count: number][] {
  const found: [number, number][] = [];
  for (let start = 0; start < photos;) {
    const left = photos - start;
    const count = left === PHOTOS_PER_BATCH + 1 ? left : Math.min(left, PHOTOS_PER_BATCH);
    found.push([start, count]);
    start += count;
  }
  return found;
}

/** What was found on one photo. */
interface Measured {
  /** For each noun of its caption. */
  nouns: {
    own: number;
    falls: Partial<Record<Control, number>>;
    nats: Record<Replacement, number>;
    entropy: number;
  }[];
  /** For each pair of nouns. */
  divergences: number[];
  captions: Record<Replacement | 'own', string>;
  boxes: { attention: number; centre: number; uniform: number; mattered?: number }[];
  toldApart: boolean[];
}

async function measureBatch(
  model: RecurrentCaptionerModel,
  photos: readonly PhotoCaptions[],
  folder: string,
  find: KeywordFinder,
  random: Random,
  { boxes, mattered = false, signal }: FaithfulnessOptions,
): Promise<Measured[]> {
  const { captioner, encoder, vocabulary } = model;
  const { grid } = captioner.config;
  const size = encoder.inputSize;
  const read = await Promise.all(
    photos.map(({ file }) => readPhoto(photoPath(folder, file), { size: [size, size], name: file })),
  );
  const pixels = read.map((photo) => photo.pixels);
  const features = encode(model, pixels);
  try {
    const words = photos.map(({ captions }) => captionWords(captions[0]!));
    const ids = words.map((own) => vocabulary.encode(own));
    const nouns = words.map((own, i) => known(nounPlaces(own, find), ids[i]!, vocabulary.unknown));
    const own = follow(model.decoder(features), ids);
    const replaced = {} as Record<Replacement, Followed[]>;
    const captions = { own: await captionAll(model, model.steps, features) } as Record<Replacement | 'own', string[]>;
    const seed = random.integer(2 ** 31);
    for (const replacement of REPLACEMENTS) {
      const steps = replaceAttention(model.steps, replacement, seed);
      replaced[replacement] = follow(model.decoder(features, { steps }), ids);
      captions[replacement] = await captionAll(model, steps, features);
    }

    const all: Measured[] = [];
    for (const [i, photo] of photos.entries()) {
      const { logProbabilities, weights } = own[i]!;
      const regions = regionsOf(nouns[i]!, weights, grid, random);
      const blanked = blankedProbabilities(model, pixels[i]!, ids[i]!, regions, grid);
      const found = nouns[i]!.map(({ place }, n) => {
        const fall = (region: number): number => logProbabilities[place]! - blanked.get(region)![place]!;
        const { controls, own: region } = regions[n]!;
        return {
          own: fall(region),
          falls: mapValues(controls, fall),
          nats: mapValues(replaced, (followed) => logProbabilities[place]! - followed[i]!.logProbabilities[place]!),
          entropy: normalisedEntropy(weights[place]!),
        };
      });
      const inBoxes = boxes?.get(photo.file);
      const falls = inBoxes && mattered ? await fallsOf(model, pixels[i]!, photo, signal) : undefined;
      const pointed = inBoxes ? pointAt(model, features, i, photo, inBoxes, find, falls) : { nouns: [], toldApart: [] };
      all.push({
        nouns: found,
        divergences: pairsOf(nouns[i]!).map(([a, b]) => jensenShannon(weights[a.place]!, weights[b.place]!)),
        captions: mapValues(captions, (all) => all[i]!),
        boxes: pointed.nouns,
        toldApart: pointed.toldApart,
      });
    }
    return all;
  } finally {
    features.dispose();
  }
}

function encode(model: RecurrentCaptionerModel, images: readonly Uint8Array[]): tf.Tensor3D {
  return encodeImages(model, images, false)[0]!;
}

async function captionAll(
  model: RecurrentCaptionerModel,
  steps: CaptionerSteps,
  features: tf.Tensor3D,
): Promise<string[]> {
  const found = await new CaptionSearch(model).run(model.decoder(features, { steps }));
  return found.map(({ captions: [best] }) => joinWords(model.vocabulary.decode(best?.tokens ?? [])));
}

/** Nouns that the model knows. */
function known(nouns: readonly NounPlace[], ids: readonly number[], unknown: number): NounPlace[] {
  return nouns.filter(({ place }) => ids[place] !== unknown);
}

/** The regions of a noun: windows by their numbers. */
interface Regions {
  own: number;
  controls: Partial<Record<Control, number>>;
}

function regionsOf(
  nouns: readonly NounPlace[],
  weights: readonly Float32Array[],
  grid: Grid,
  random: Random,
): Regions[] {
  const side = sideOf(grid);
  const windows = windowsOf(grid, side);
  const own = nouns.map(({ place }) => attendedWindow(windows, weights[place]!, 'most'));
  return nouns.map(({ place }, n) => {
    const others = own.filter((_, other) => other !== n);
    return {
      own: own[n]!,
      controls: {
        random: random.integer(windows.length),
        least: attendedWindow(windows, weights[place]!, 'least'),
        centre: centreWindow(grid, side),
        ...(others.length > 0 && { otherNoun: others[random.integer(others.length)]! }),
      },
    };
  });
}

/** Of a region: on a very small grid it is all of it. */
function sideOf(grid: Grid): number {
  return Math.min(WINDOW, ...grid);
}

/** By window: log p of the caption's words where that part of the photo is blank. */
function blankedProbabilities(
  model: RecurrentCaptionerModel,
  pixels: Uint8Array,
  ids: readonly number[],
  regions: readonly Regions[],
  grid: Grid,
): Map<number, number[]> {
  const windows = windowsOf(grid, sideOf(grid));
  const wanted = [...new Set(regions.flatMap(({ controls, own }) => [own, ...Object.values(controls)]))];
  if (wanted.length === 0) return new Map();
  const images = wanted.map((window) => blank(pixels, model.encoder.inputSize, grid, windows[window]!));
  const features = encode(model, images);
  try {
    const followed = follow(
      model.decoder(features),
      wanted.map(() => ids),
    );
    return new Map(wanted.map((window, i) => [window, followed[i]!.logProbabilities]));
  } finally {
    features.dispose();
  }
}

/** What the words of a photo's captions lose without each cell. */
function fallsOf(
  model: RecurrentCaptionerModel,
  pixels: Uint8Array,
  { captions }: PhotoCaptions,
  signal: AbortSignal | undefined,
): Promise<number[][][]> {
  const ids = captions.map((caption) => model.vocabulary.encode(captionWords(caption)));
  return fallsByCell(model, pixels, ids, { signal });
}

/** What all captions of a photo with boxes point at. @param i its place among the features */
function pointAt(
  model: RecurrentCaptionerModel,
  features: tf.Tensor3D,
  i: number,
  { captions }: PhotoCaptions,
  boxes: readonly Box[],
  find: KeywordFinder,
  falls: readonly number[][][] | undefined,
): { nouns: Measured['boxes']; toldApart: boolean[] } {
  const { grid } = model.captioner.config;
  const centre = Math.floor(grid[0] / 2) * grid[1] + Math.floor(grid[1] / 2);
  const words = captions.map(captionWords);
  const ids = words.map((own) => model.vocabulary.encode(own));
  const own = tf.tidy(() => tf.tile(tf.slice(features, i, 1), [captions.length, 1, 1]));
  try {
    const followed = follow(model.decoder(own), ids);
    const nouns: Measured['boxes'] = [];
    const toldApart: boolean[] = [];
    for (const [caption, { weights }] of followed.entries()) {
      const places = known(nounPlaces(words[caption]!, find), ids[caption]!, model.vocabulary.unknown);
      const pointed = places.flatMap(({ noun, place }): (Pointed & { place: number })[] => {
        const inside = cellsIn(
          grid,
          boxes.filter(([name]) => names(noun, name)),
        );
        return inside.includes(1) ? [{ noun, weights: weights[place]!, inside, place }] : [];
      });
      for (const one of pointed) {
        const uniform = one.inside.reduce((sum, cell) => sum + cell, 0) / one.inside.length;
        nouns.push({
          attention: Number(hits(one)),
          centre: one.inside[centre]!,
          uniform,
          ...(falls && { mattered: Number(hits({ ...one, weights: falls[caption]![one.place]! })) }),
        });
      }
      for (const [one, other] of pairsOf(pointed)) {
        const apart = tellsApart(one, other);
        if (apart !== undefined) toldApart.push(apart);
      }
    }
    return { nouns, toldApart };
  } finally {
    own.dispose();
  }
}

function summarise(
  measured: readonly Measured[],
  photos: readonly PhotoCaptions[],
  bootstrap: Bootstrap,
  { mattered, resamples, seed }: { mattered: boolean; resamples: number; seed: number },
): Faithfulness {
  const over = <T>(of: (photo: Measured) => readonly T[], value: (item: T) => number | undefined): Share[] =>
    measured.map((photo) => {
      const values = of(photo).flatMap((item) => value(item) ?? []);
      return { sum: values.reduce((sum, one) => sum + one, 0), count: values.length };
    });
  const nouns = (value: (noun: Measured['nouns'][number]) => number | undefined): Share[] =>
    over((photo) => photo.nouns, value);
  const count = measured.reduce((sum, photo) => sum + photo.nouns.length, 0);
  if (count === 0) throw new Error('No caption has a noun that the model knows.');

  const references = new Map(photos.map(({ captions, file }) => [file, captions]));
  const ciderOf = (which: Replacement | 'own'): Share[] => {
    const captions = new Map(photos.map(({ file }, i) => [file, measured[i]!.captions[which]]));
    const { ciderDByPhoto } = scoreCaptions(captions, references);
    return photos.map(({ file }) => ({ sum: ciderDByPhoto.get(file)!, count: 1 }));
  };
  const each = <Key extends string, T>(keys: readonly Key[], of: (key: Key) => T): Record<Key, T> =>
    Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, T>;

  const pointing = (value: keyof Measured['boxes'][number]): Share[] =>
    over(
      (photo) => photo.boxes,
      (noun) => noun[value],
    );
  const inBoxes = measured.reduce((sum, photo) => sum + photo.boxes.length, 0);
  const toldApart = over(
    (photo) => photo.toldApart,
    (apart) => Number(apart),
  );
  return {
    photos: photos.length,
    nouns: count,
    deletion: {
      own: bootstrap.mean(nouns(({ own }) => own)),
      falls: each(CONTROLS, (control) => bootstrap.mean(nouns(({ falls }) => falls[control]))),
      ratios: each(CONTROLS, (control) =>
        bootstrap.quotient(
          nouns(({ falls, own }) => (falls[control] === undefined ? undefined : own)),
          nouns(({ falls }) => falls[control]),
        ),
      ),
    },
    worth: {
      nats: each(REPLACEMENTS, (replacement) => bootstrap.mean(nouns(({ nats }) => nats[replacement]))),
      ciderD: each(['own', ...REPLACEMENTS], (which) => bootstrap.mean(ciderOf(which))),
    },
    entropy: bootstrap.mean(nouns(({ entropy }) => entropy)),
    divergence: bootstrap.mean(
      over(
        (photo) => photo.divergences,
        (value) => value,
      ),
    ),
    ...(inBoxes > 0 && {
      boxes: {
        photos: measured.filter((photo) => photo.boxes.length > 0).length,
        nouns: inBoxes,
        pointing: {
          ...each(['attention', 'centre', 'uniform'], (which) => bootstrap.mean(pointing(which))),
          ...(mattered && { mattered: bootstrap.mean(pointing('mattered')) }),
        },
        overCentre: bootstrap.difference(pointing('attention'), pointing('centre')),
        ...(mattered && {
          matteredOverAttention: bootstrap.difference(pointing('mattered'), pointing('attention')),
        }),
        pairs: toldApart.reduce((sum, share) => sum + share.count, 0),
        toldApart: bootstrap.mean(toldApart),
      },
    }),
    signature: [
      `photos:${photos.length}`,
      'captions:first',
      'nouns:compromise-heads',
      `region:${WINDOW}x${WINDOW}-mean-colour`,
      'weights:uniform-permuted-next.photo',
      'entropy:log.cells',
      'js:bits',
      'boxes:all.captions-cell.centres',
      ...(mattered ? ['mattered:3x3-mean-colour'] : []),
      `bootstrap:${resamples}-photos-percentile95`,
      `seed:${seed}`,
      `version:${VERSION}`,
    ].join('|'),
  };
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, i) => items.slice(i + 1).map((other): [T, T] => [one, other]));
}

function mapValues<Key extends string, From, To>(
  record: Partial<Record<Key, From>>,
  change: (value: From) => To,
): Record<Key, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value as From)])) as Record<
    Key,
    To
  >;
}
