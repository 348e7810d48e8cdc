import * as tf from '@tensorflow/tfjs-core';
import { toBeFound, type FoundMaps, type MapKind } from '../contract/constants/map-kinds.ts';
import type { CaptionOptions, MapsFrom } from '../contract/data/captions.ts';
import { isReadFor, type FailedPhoto, type PhotoToCaption } from '../photos/photo-to-caption.ts';
import { PhotoError } from '../photos/photo-error.ts';
import { PhotoQueue } from '../photos/read-ahead.ts';
import { readPhoto, type Photo } from '../photos/read-photo.ts';
import type { CaptionerModel } from './captioner-model.ts';
import { assertHasMaps, foundMaps } from './found-maps.ts';
import { assertMapsFrom } from './maps-from.ts';
import { meterOf, type Confidence, type Meter } from './confidence/meter.ts';
import { describeFound, rounded, tenths } from './found.ts';
import type { KeywordFinder } from './keyword-finder.ts';
import { captionedPhoto, type PhotoResult } from './result.ts';
import { CaptionSearch, decoderOf, encodeImages, type FoundCaptions } from './search.ts';

/** What can be asked for; what is left out is as the model has it. */
export interface CaptionPhotosOptions extends CaptionOptions {
  /** Whether further captions (`alternatives`) come with their words and maps. */
  alternativesWithMaps?: boolean | undefined;
  /** Finds keywords in the captions of each photo, see `photoKeywords`; left out: none are looked for. */
  keywords?: KeywordFinder | undefined;
  /** Tells how sure the model is of each caption (default: the model's own). */
  meter?: Meter | undefined;
  /** Photos that are encoded and searched together (default 8). */
  batchSize?: number | undefined;
  /** Which maps each word has beside where the model looked, in the caption and in further ones that come with maps: see `foundMaps`. */
  maps?: MapKind | undefined;
  /** The most pixels of a photo. */
  pixelLimit?: number | undefined;
  /** Aborting lets the photos come out that were read already, gives up the others, and takes no more. */
  signal?: AbortSignal | undefined;
}

const BATCH_SIZE = 8;
const NO_CAPTION = 'no caption was found: the model gave every word the probability 0.';

/**
 * Captions photos, a batch at a time; while one batch is encoded and decoded, the next is read.
 *
 * A photo that cannot be read gives `{ file, error }` and does not stop the others. Captions never hold the
 * unknown word or a trigram twice, and never end with an article or the like (see `DecodingDefaults`).
 *
 * @returns one result a photo, in the order of the photos
 * @throws at the first `next()` what `CaptionSearch`, `assertMapsFrom` and `assertHasMaps` throw of its options
 */
export async function* captionPhotos(
  model: CaptionerModel,
  photos: AsyncIterable<PhotoToCaption> | Iterable<PhotoToCaption>,
  options: CaptionPhotosOptions = {},
): AsyncGenerator<PhotoResult, void, undefined> {
  const { alternativesWithMaps: withMaps = false, batchSize = BATCH_SIZE, keywords, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`A batch cannot have ${batchSize} photos.`);
  assertMapsFrom(model, options.mapsFrom);
  const maps = toBeFound(options.maps);
  assertHasMaps(model, maps);
  const wanted = {
    mapsFrom: options.mapsFrom ?? {},
    search: new CaptionSearch(model, { ...options, keywords: keywords !== undefined }),
    secondLook: options.secondLook ?? model.decoding.secondLook,
    keywords,
    withMaps,
    maps,
  };
  const queue = new PhotoQueue(photos, (photo) => read(photo, model, options), signal);
  try {
    let next = queue.take(batchSize);
    next.catch(() => undefined);
    // The first photos are read meanwhile.
    const meter = options.meter ?? (await meterOf(model, options.wording));
    for (;;) {
      // A photo that was given up for the signal is none that failed.
      const batch = (await next).filter((item) => item !== undefined);
      if (batch.length === 0) return;
      next = queue.take(batchSize);
      // A failure below ends the generator; nobody then waits for the photos that are being read.
      next.catch(() => undefined);
      yield* await captionBatch(model, batch, { ...wanted, meter });
      if (signal?.aborted) return;
    }
  } finally {
    queue.close();
  }
}

/** A photo that was read, or could not be. */
type ReadPhoto = { file: string; milliseconds: number } & ({ photo: Photo } | { error: string });

/** Nothing where it was given up, since the signal aborted meanwhile. */
async function read(
  source: PhotoToCaption,
  model: CaptionerModel,
  { pixelLimit, signal }: CaptionPhotosOptions,
): Promise<ReadPhoto | undefined> {
  if (typeof source !== 'string' && 'error' in source) return { ...source, milliseconds: 0 };
  const [file, data] = placeOf(source);
  if (typeof source !== 'string' && isReadFor(source.read, model)) return { file, ...source.read };
  const size = model.encoder.inputSize;
  const begin = performance.now();
  try {
    const photo = await readPhoto(data, {
      size: [size, size],
      ...(model.resample && { resample: model.resample }),
      name: file,
      signal,
      ...(pixelLimit ? { pixelLimit } : {}),
    });
    return { file, photo, milliseconds: performance.now() - begin };
  } catch (error) {
    if (signal?.aborted && !(error instanceof PhotoError)) return undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { file, error: message, milliseconds: performance.now() - begin };
  }
}

/** What a photo is called, and where it is read. */
function placeOf(source: Exclude<PhotoToCaption, FailedPhoto>): [string, string | Uint8Array] {
  if (typeof source === 'string') return [source, source];
  return 'path' in source ? [source.path, source.path] : [source.name, source.bytes];
}

/** How the photos of a run are captioned. */
interface Wanted {
  mapsFrom: MapsFrom;
  search: CaptionSearch;
  secondLook: boolean;
  keywords: KeywordFinder | undefined;
  withMaps: boolean;
  maps: FoundMaps | undefined;
  meter: Meter | undefined;
}

async function captionBatch(
  model: CaptionerModel,
  batch: readonly ReadPhoto[],
  { keywords, maps: kind, mapsFrom, meter, search, secondLook, withMaps }: Wanted,
): Promise<PhotoResult[]> {
  const photos = batch.flatMap((item) => ('photo' in item ? [item.photo] : []));
  const begin = performance.now();
  let [encoded, decoded] = [begin, begin];
  let found: FoundCaptions[] = [];
  let confidences: (Confidence | null)[][] | undefined;
  let further: number[][][][] = [];
  if (photos.length > 0) {
    if (mapsFrom.rollout) await model.prepareOrigins?.();
    const grids = encodeImages(
      model,
      photos.map(({ pixels }) => pixels),
      secondLook,
      mapsFrom,
    );
    encoded = performance.now();
    try {
      found = await search.run(decoderOf(model, grids, { looks: mapsFrom }), {
        keepDistributions: meter !== undefined,
      });
      confidences = meter && found.map(({ captions }) => captions.map((caption) => meter.measure(caption)));
      decoded = performance.now();
      if (kind) further = await otherMaps(kind, model, photos, found, { grid: grids[0] as tf.Tensor3D, withMaps });
    } finally {
      tf.dispose(grids);
    }
  }
  const encode = tenths((encoded - begin) / photos.length);
  const decode = tenths((decoded - encoded) / photos.length);
  let place = 0;
  return batch.map((item) => {
    const { file } = item;
    if ('error' in item) return { file, error: item.error };
    const own = found[place];
    const sure = confidences?.[place];
    const maps = further[place];
    place++;
    if (!own || own.captions.length === 0) return { file, error: NO_CAPTION };
    const milliseconds = { read: tenths(item.milliseconds), encode, decode };
    const { height, width } = item.photo;
    const described = describeFound(model, own, keywords, sure);
    const captions = described.captions.map((caption, i) => {
      const others = maps?.[i];
      if (!kind || !others) return caption;
      return {
        ...caption,
        words: caption.words.map((word, j) => ({ ...word, [kind]: (others[j] ?? []).map(rounded) })),
      };
    });
    return captionedPhoto({ file, width, height }, { ...described, captions, milliseconds }, withMaps);
  });
}

/**
 * The maps of each photo's caption, and of further ones where they come with maps.
 * @param looks.grid what the encoder made of the photos, [photos, locations, channels]
 */
async function otherMaps(
  kind: FoundMaps,
  model: CaptionerModel,
  photos: readonly Photo[],
  found: readonly FoundCaptions[],
  { grid, withMaps }: { grid: tf.Tensor3D; withMaps: boolean },
): Promise<number[][][][]> {
  const maps: number[][][][] = [];
  for (const [i, { captions }] of found.entries()) {
    const own = tf.slice(grid, i, 1);
    try {
      const { pixels } = photos[i] as Photo;
      const wanted = captions.slice(0, withMaps ? undefined : 1).map(({ tokens }) => tokens);
      maps.push(await foundMaps(kind, model, { pixels, grid: own }, wanted));
    } finally {
      own.dispose();
    }
  }
  return maps;
}
