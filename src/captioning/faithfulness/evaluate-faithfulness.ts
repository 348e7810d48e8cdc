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
import { asMap, fallsByCell } from '../mattered.ts';
import { blank } from '../occlusion.ts';
import { posteriorOf } from '../posterior.ts';
import { CaptionSearch, encodeImages } from '../search.ts';
import { deletionBounds, nounRegions, type DeletionBounds, type NounRegions } from './bounds.ts';
import { follow, type Followed } from './follow.ts';
import { normalisedEntropy } from './maps.ts';
import { nounPlaces, type NounPlace } from './noun-places.ts';
import { replaceAttention, REPLACEMENTS, type Replacement } from './replaced-attention.ts';
import { cellsIn, hits, names, tellsApart, type Pointed } from './things-in-boxes.ts';
import { attendedWindow, centreWindow, regionSide, windowsOf, WINDOW, type Grid } from './windows.ts';

/** What is blanked instead of the region that a noun looked at most. */
export const CONTROLS = ['random', 'least', 'centre', 'otherNoun'] as const;
export type Control = (typeof CONTROLS)[number];

/**
 * What a noun's map is: where the captioner looked before the word was known, or, given the word, where it looked (see
 * `posteriorAttention`).
 */
export const NOUN_MAPS = ['attention', 'posterior'] as const;
export type NounMap = (typeof NOUN_MAPS)[number];

/** What there is to measure of a kind of maps on photos alone. */
export interface MapFigures {
  /**
   * Falls of a noun's log-probability, in nats, when a region of the photo is blanked: the one that has most of the noun's
   * map, and four others of its shape; and how many times as much the first is as each of them.
   */
  deletion: {
    own: Estimate;
    falls: Record<Control, Estimate>;
    /** Over the same nouns; of `otherNoun` only those of captions that have another. */
    ratios: Record<Control, Estimate>;
  };
  /** Of nouns' maps, as a share of the highest: 1 is flat. */
  entropy: Estimate;
  /** Jensen-Shannon divergence of the maps of two nouns of a caption, bits. */
  divergence: Estimate;
}

/** How much a captioner's attention has to do with its words. Where it is not said otherwise, its maps are its attention. */
export interface Faithfulness extends MapFigures {
  photos: number;
  /** Nouns of the captions that were followed. */
  nouns: number;
  /** The same of the posterior. */
  posterior: MapFigures;
  /** What replacing the weights of all words costs: nats of a noun's log-probability, and the CIDEr-D of captions. */
  worth: {
    nats: Record<Replacement, Estimate>;
    ciderD: Record<Replacement | 'own', Estimate>;
  };
  /** What deletion could show at most, where it was asked for. */
  bounds?: DeletionBounds;
  /** On photos with boxes. */
  boxes?: {
    photos: number;
    nouns: number;
    /**
     * The share of nouns whose map peaks on what they name; the same of the photo's centre, and of a cell at random; and of
     * maps of what mattered, where these were asked for.
     */
    pointing: Record<NounMap | 'centre' | 'uniform', Estimate> & { mattered?: Estimate };
    /** Attention less centre. */
    overCentre: Estimate;
    /** The posterior less attention, and what mattered less attention. */
    overAttention: { posterior: Estimate; mattered?: Estimate };
    pairs: number;
    /**
     * The share of pairs of nouns of a caption whose maps tell their things apart, and the posterior's less attention's; of
     * maps of what mattered, where these were asked for.
     */
    toldApart: Record<NounMap | 'posteriorOverAttention', Estimate> & { mattered?: Estimate };
  };
  /** How it was measured, so that two figures can be compared or told apart. */
  signature: string;
}

export interface FaithfulnessOptions {
  /** Boxes of photos, by the paths of the captions file. */
  boxes?: ReadonlyMap<string, readonly Box[]>;
  /** Whether maps of what mattered point at boxes as well: some fifty times the work (default false). */
  mattered?: boolean;
  /** Whether to find how high the deletion figures could be at all: some five times the work (default false). */
  bounds?: boolean;
  /** Of everything that is drawn (default 1). */
  seed?: number;
  /** Bootstrap resamples (default 1000). */
  resamples?: number;
  signal?: AbortSignal;
  /** Told how many photos are done, from time to time. */
  onPhotos?: (done: number) => void;
}

const PHOTOS_PER_BATCH = 16;
/** Raised whenever a change here changes any figure. */
const VERSION = 2;

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
    centre: centreWindow(model.grid, regionSide(model.grid)),
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
  nouns: (Record<NounMap, NounFigures> & { nats: Record<Replacement, number> })[];
  /** For each pair of nouns. */
  divergences: Record<NounMap, number>[];
  captions: Record<Replacement | 'own', string>;
  boxes: (Record<NounMap | 'centre' | 'uniform', number> & { mattered?: number })[];
  toldApart: (Record<NounMap, number> & { mattered?: number })[];
  /** For each noun of its caption, where they were asked for. */
  bounds?: NounRegions[];
}

/** Of a noun's map. */
interface NounFigures {
  own: number;
  falls: Partial<Record<Control, number>>;
  entropy: number;
}

async function measureBatch(
  model: RecurrentCaptionerModel,
  photos: readonly PhotoCaptions[],
  folder: string,
  find: KeywordFinder,
  random: Random,
  { boxes, bounds = false, mattered = false, signal }: FaithfulnessOptions,
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
    const maps = await mapsOfNouns(model, features, ids, nouns, own, signal);
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
      const { logProbabilities } = own[i]!;
      const regions = regionsOf(maps[i]!, grid, random);
      const blanked = blankedProbabilities(model, pixels[i]!, ids[i]!, regions, grid);
      const found = nouns[i]!.map(({ place }, n) => {
        const fall = (region: number): number => logProbabilities[place]! - blanked.get(region)![place]!;
        return {
          ...each(NOUN_MAPS, (kind) => {
            const { controls, own: region } = regions[n]![kind];
            return {
              own: fall(region),
              falls: mapValues(controls, fall),
              entropy: normalisedEntropy(maps[i]![n]![kind]),
            };
          }),
          nats: mapValues(replaced, (followed) => logProbabilities[place]! - followed[i]!.logProbabilities[place]!),
        };
      });
      const inBoxes = boxes?.get(photo.file);
      const falls = inBoxes && mattered ? await fallsOf(model, pixels[i]!, photo, signal) : undefined;
      const pointed = inBoxes
        ? await pointAt(model, features, i, photo, inBoxes, find, falls, signal)
        : { nouns: [], toldApart: [] };
      const chosen = regions.map((kinds) => each(NOUN_MAPS, (kind) => kinds[kind].own));
      all.push({
        ...(bounds && {
          bounds: await nounRegions(model, pixels[i]!, photo, nouns[i]!, chosen, { find, boxes: inBoxes, signal }),
        }),
        nouns: found,
        divergences: pairsOf(maps[i]!).map(([a, b]) => each(NOUN_MAPS, (kind) => jensenShannon(a[kind], b[kind]))),
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

/** The maps of each caption's nouns. @param followed what was found of the captions */
async function mapsOfNouns(
  model: RecurrentCaptionerModel,
  features: tf.Tensor3D,
  ids: readonly (readonly number[])[],
  nouns: readonly (readonly NounPlace[])[],
  followed: readonly Followed[],
  signal: AbortSignal | undefined,
): Promise<Record<NounMap, Float32Array>[][]> {
  const isWanted = (caption: number, place: number): boolean => nouns[caption]!.some((noun) => noun.place === place);
  const seen = await posteriorOf(model, features, ids, { isWanted, signal });
  return nouns.map((places, caption) =>
    places.map(({ place }) => ({
      attention: followed[caption]!.weights[place]!,
      posterior: seen[caption]!.find((word) => word.place === place)!.posterior,
    })),
  );
}

/** The regions of a noun: windows by their numbers. */
interface Regions {
  own: number;
  controls: Partial<Record<Control, number>>;
}

/** Of each noun. What is drawn by chance is the same for all kinds of maps. */
function regionsOf(
  nouns: readonly Record<NounMap, Float32Array>[],
  grid: Grid,
  random: Random,
): Record<NounMap, Regions>[] {
  const side = regionSide(grid);
  const windows = windowsOf(grid, side);
  const own = nouns.map((maps) => each(NOUN_MAPS, (kind) => attendedWindow(windows, maps[kind], 'most')));
  return nouns.map((maps, n) => {
    const others = own.filter((_, other) => other !== n);
    const drawn = random.integer(windows.length);
    const other = others.length > 0 ? others[random.integer(others.length)] : undefined;
    return each(NOUN_MAPS, (kind) => ({
      own: own[n]![kind],
      controls: {
        random: drawn,
        least: attendedWindow(windows, maps[kind], 'least'),
        centre: centreWindow(grid, side),
        ...(other && { otherNoun: other[kind] }),
      },
    }));
  });
}

/** By window: log p of the caption's words where that part of the photo is blank. */
function blankedProbabilities(
  model: RecurrentCaptionerModel,
  pixels: Uint8Array,
  ids: readonly number[],
  regions: readonly Record<NounMap, Regions>[],
  grid: Grid,
): Map<number, number[]> {
  const windows = windowsOf(grid, regionSide(grid));
  const all = regions.flatMap((kinds) => Object.values(kinds));
  const wanted = [...new Set(all.flatMap(({ controls, own }) => [own, ...Object.values(controls)]))];
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
async function pointAt(
  model: RecurrentCaptionerModel,
  features: tf.Tensor3D,
  i: number,
  { captions }: PhotoCaptions,
  boxes: readonly Box[],
  find: KeywordFinder,
  falls: readonly number[][][] | undefined,
  signal: AbortSignal | undefined,
): Promise<{ nouns: Measured['boxes']; toldApart: Measured['toldApart'] }> {
  const { grid } = model.captioner.config;
  const centre = Math.floor(grid[0] / 2) * grid[1] + Math.floor(grid[1] / 2);
  const words = captions.map(captionWords);
  const ids = words.map((own) => model.vocabulary.encode(own));
  const things = words.map((own, caption) =>
    known(nounPlaces(own, find), ids[caption]!, model.vocabulary.unknown).flatMap((noun) => {
      const inside = cellsIn(
        grid,
        boxes.filter(([name]) => names(noun.noun, name)),
      );
      return inside.includes(1) ? [{ ...noun, inside }] : [];
    }),
  );
  const own = tf.tidy(() => tf.tile(tf.slice(features, i, 1), [captions.length, 1, 1]));
  try {
    const maps = await mapsOfNouns(model, own, ids, things, follow(model.decoder(own), ids), signal);
    const nouns: Measured['boxes'] = [];
    const toldApart: Measured['toldApart'] = [];
    for (const [caption, places] of things.entries()) {
      const pointed = places.map(({ inside, noun, place }, n) => {
        const by = (weights: ArrayLike<number>): Pointed => ({ noun, inside, weights });
        return {
          ...each(NOUN_MAPS, (kind) => by(maps[caption]![n]![kind])),
          ...(falls && { mattered: by(asMap(falls[caption]![place]!)) }),
        };
      });
      for (const [n, one] of places.entries()) {
        const uniform = one.inside.reduce((sum, cell) => sum + cell, 0) / one.inside.length;
        nouns.push({
          ...each(NOUN_MAPS, (kind) => Number(hits(pointed[n]![kind]))),
          centre: one.inside[centre]!,
          uniform,
          ...(falls && { mattered: Number(hits({ ...one, weights: falls[caption]![one.place]! })) }),
        });
      }
      for (const [one, other] of pairsOf(pointed)) {
        const apart = mapValues<NounMap | 'mattered', Pointed, boolean | undefined>(one, (own, kind) =>
          tellsApart(own, other[kind]!),
        );
        // Whether there is anything to tell apart depends on the things alone.
        if (apart.attention === undefined) continue;
        toldApart.push(mapValues(apart, Number));
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
  { centre, mattered, resamples, seed }: { centre: number; mattered: boolean; resamples: number; seed: number },
): Faithfulness {
  const over = <T>(of: (photo: Measured) => readonly T[], value: (item: T) => number | undefined): Share[] =>
    measured.map((photo) => {
      const values = of(photo).flatMap((item) => value(item) ?? []);
      return { sum: values.reduce((sum, one) => sum + one, 0), count: values.length };
    });
  const figuresOf = (kind: NounMap): MapFigures => {
    const nouns = (value: (noun: NounFigures) => number | undefined): Share[] =>
      over(
        (photo) => photo.nouns,
        (noun) => value(noun[kind]),
      );
    return {
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
      entropy: bootstrap.mean(nouns(({ entropy }) => entropy)),
      divergence: bootstrap.mean(
        over(
          (photo) => photo.divergences,
          (pair) => pair[kind],
        ),
      ),
    };
  };
  const bounds = measured.flatMap((photo) => (photo.bounds ? [photo.bounds] : []));
  const count = measured.reduce((sum, photo) => sum + photo.nouns.length, 0);
  if (count === 0) throw new Error('No caption has a noun that the model knows.');

  const references = new Map(photos.map(({ captions, file }) => [file, captions]));
  const ciderOf = (which: Replacement | 'own'): Share[] => {
    const captions = new Map(photos.map(({ file }, i) => [file, measured[i]!.captions[which]]));
    const { ciderDByPhoto } = scoreCaptions(captions, references);
    return photos.map(({ file }) => ({ sum: ciderDByPhoto.get(file)!, count: 1 }));
  };
  const pointing = (value: keyof Measured['boxes'][number]): Share[] =>
    over(
      (photo) => photo.boxes,
      (noun) => noun[value],
    );
  const inBoxes = measured.reduce((sum, photo) => sum + photo.boxes.length, 0);
  const toldApart = (kind: keyof Measured['toldApart'][number]): Share[] =>
    over(
      (photo) => photo.toldApart,
      (apart) => apart[kind],
    );
  const overAttention = (kind: 'posterior' | 'mattered'): Estimate =>
    bootstrap.difference(pointing(kind), pointing('attention'));
  return {
    photos: photos.length,
    nouns: count,
    ...figuresOf('attention'),
    posterior: figuresOf('posterior'),
    worth: {
      nats: each(REPLACEMENTS, (replacement) =>
        bootstrap.mean(
          over(
            (photo) => photo.nouns,
            ({ nats }) => nats[replacement],
          ),
        ),
      ),
      ciderD: each(['own', ...REPLACEMENTS], (which) => bootstrap.mean(ciderOf(which))),
    },
    ...(bounds.length > 0 && { bounds: deletionBounds(bounds, centre, bootstrap) }),
    ...(inBoxes > 0 && {
      boxes: {
        photos: measured.filter((photo) => photo.boxes.length > 0).length,
        nouns: inBoxes,
        pointing: {
          ...each([...NOUN_MAPS, 'centre', 'uniform'], (which) => bootstrap.mean(pointing(which))),
          ...(mattered && { mattered: bootstrap.mean(pointing('mattered')) }),
        },
        overCentre: bootstrap.difference(pointing('attention'), pointing('centre')),
        overAttention: {
          posterior: overAttention('posterior'),
          ...(mattered && { mattered: overAttention('mattered') }),
        },
        pairs: measured.reduce((sum, photo) => sum + photo.toldApart.length, 0),
        toldApart: {
          ...each(NOUN_MAPS, (kind) => bootstrap.mean(toldApart(kind))),
          ...(mattered && { mattered: bootstrap.mean(toldApart('mattered')) }),
          posteriorOverAttention: bootstrap.difference(toldApart('posterior'), toldApart('attention')),
        },
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
      'posterior:one.cell.likelihoods',
      ...(mattered ? ['mattered:3x3-mean-colour'] : []),
      ...(bounds.length > 0 ? ['bounds:all.regions-other.captions-most.cell.centres'] : []),
      `bootstrap:${resamples}-photos-percentile95`,
      `seed:${seed}`,
      `version:${VERSION}`,
    ].join('|'),
  };
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, i) => items.slice(i + 1).map((other): [T, T] => [one, other]));
}

function each<Key extends string, T>(keys: readonly Key[], of: (key: Key) => T): Record<Key, T> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, T>;
}

function mapValues<Key extends string, From, To>(
  record: Partial<Record<Key, From>>,
  change: (value: From, key: Key) => To,
): Record<Key, To> {
  return each(Object.keys(record) as Key[], (key) => change(record[key] as From, key));
}
