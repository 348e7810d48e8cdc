import * as tf from '@tensorflow/tfjs-core';
import { beamSearch } from '../engine/decoding/beam.ts';
import { assertInteger } from '../engine/decoding/constraints.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import { captionSentence } from '../engine/text/caption-sentence.ts';
import { captionWords } from '../engine/text/caption-words.ts';
import { readPhoto, type Photo } from '../photos/read-photo.ts';
import { captionConstraints, decoderOf, encodeImages } from './search.ts';
import type { CaptionerModel } from './captioner-model.ts';
import type { KeywordFinder } from './keyword-finder.ts';
import { photoKeywords, SEARCHED_CAPTIONS } from './keywords.ts';
import { PhotoQueue } from '../photos/read-ahead.ts';
import type { CaptionedPhoto, FailedPhoto, PhotoResult } from './result.ts';

/** A photo to caption: a path, the bytes of its file under a name, or one that could not even be found. */
export type PhotoToCaption = string | { name: string; bytes: Uint8Array } | FailedPhoto;

/** What can be asked for; what is left out is as the model has it. */
export interface CaptionOptions {
  /** Beam width, at least 1 (greedy). */
  beam?: number;
  /** How many further captions are wanted (default 0). A beam that is too narrow for them is widened. */
  alternatives?: number;
  /** How every caption must begin: words that the model knows. */
  start?: string;
  /** Look at the photo's mirror image as well, at twice the time. */
  secondLook?: boolean;
  /** α of the beam search. */
  lengthNormalisation?: number;
  /** Finds keywords in the captions of each photo, see `photoKeywords`; left out: none are looked for. */
  keywords?: KeywordFinder;
  /** Photos that are encoded and searched together (default 8). */
  batchSize?: number;
  /** The most pixels of a photo. */
  pixelLimit?: number;
  /** Aborting lets the photos in hand come out and takes no others. */
  signal?: AbortSignal;
}

const BATCH_SIZE = 8;

/**
 * Captions photos, a batch at a time; while one batch is encoded and decoded, the next is read.
 *
 * A photo that cannot be read gives `{ file, error }` and does not stop the others. Captions never hold the
 * unknown word or a trigram twice, and never end with an article or the like (see `DecodingDefaults`).
 *
 * @returns one result a photo, in the order of the photos
 * @throws Error at the first `next()` where the options contradict themselves or `start` has an unknown word
 */
export async function* captionPhotos(
  model: CaptionerModel,
  photos: AsyncIterable<PhotoToCaption> | Iterable<PhotoToCaption>,
  options: CaptionOptions = {},
): AsyncGenerator<PhotoResult, void, undefined> {
  const { batchSize = BATCH_SIZE, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError(`A batch cannot have ${batchSize} photos.`);
  const search = searchOf(model, options);
  const queue = new PhotoQueue(photos, (photo) => read(photo, model, options.pixelLimit), signal);
  try {
    let next = queue.take(batchSize);
    for (;;) {
      const batch = await next;
      if (batch.length === 0) return;
      next = queue.take(batchSize);
      // A failure below ends the generator; nobody then waits for the photos that are being read.
      next.catch(() => undefined);
      yield* await captionBatch(model, batch, search);
      if (signal?.aborted) return;
    }
  } finally {
    queue.close();
  }
}

/**
 * A forced beginning as tokens.
 * @throws Error that names the words that the model does not know; RangeError where no caption is so long
 */
export function startTokens(
  { decoding, vocabulary }: Pick<CaptionerModel, 'decoding' | 'vocabulary'>,
  start: string,
): number[] {
  const words = captionWords(start);
  const unknown = words.filter((word) => !vocabulary.has(word));
  if (unknown.length > 0) {
    const list = unknown.map((word) => `"${word}"`).join(', ');
    throw new Error(
      `The model does not know the word${unknown.length > 1 ? 's' : ''} ${list}, so no caption can begin with "${start}".`,
    );
  }
  if (words.length >= decoding.maxLength) {
    throw new RangeError(
      `The beginning has ${words.length} words; this model's captions have at most ${decoding.maxLength}.`,
    );
  }
  return vocabulary.encode(words);
}

/** A photo that was read, or could not be. */
type ReadPhoto = { file: string; milliseconds: number } & ({ photo: Photo } | { error: string });

async function read(source: PhotoToCaption, model: CaptionerModel, pixelLimit: number | undefined): Promise<ReadPhoto> {
  if (typeof source !== 'string' && 'error' in source) return { ...source, milliseconds: 0 };
  const [file, data] = typeof source === 'string' ? [source, source] : [source.name, source.bytes];
  const size = model.encoder.inputSize;
  const begin = performance.now();
  try {
    const photo = await readPhoto(data, { size: [size, size], name: file, ...(pixelLimit ? { pixelLimit } : {}) });
    return { file, photo, milliseconds: performance.now() - begin };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { file, error: message, milliseconds: performance.now() - begin };
  }
}

interface Search {
  width: number;
  nBest: number;
  alternatives: number;
  lengthNormalisation: number;
  prefix: number[];
  secondLook: boolean;
  keywords: KeywordFinder | undefined;
}

function searchOf(model: CaptionerModel, options: CaptionOptions): Search {
  const { captioner, decoding } = model;
  const { beam = decoding.beam, alternatives = 0, keywords, secondLook = decoding.secondLook } = options;
  assertInteger('beam', beam, 1);
  assertInteger('alternatives', alternatives, 0);
  const prefix = startTokens(model, options.start ?? '');
  const widest = captioner.config.vocabularySize;
  const asked = alternatives + 1;
  const width = Math.min(widest, Math.max(beam, asked));
  return {
    width,
    // What the search finds by the way is enough for keywords: it is not made wider for them.
    nBest: keywords ? Math.max(asked, Math.min(width, SEARCHED_CAPTIONS)) : asked,
    alternatives,
    lengthNormalisation: options.lengthNormalisation ?? decoding.lengthNormalisation,
    prefix,
    secondLook,
    keywords,
  };
}

async function captionBatch(
  model: CaptionerModel,
  batch: readonly ReadPhoto[],
  search: Search,
): Promise<PhotoResult[]> {
  const photos = batch.flatMap((item) => ('photo' in item ? [item.photo] : []));
  if (photos.length === 0) return batch.map((item) => result(model, item, [], search, 0, 0));

  const begin = performance.now();
  const grids = encodeImages(
    model,
    photos.map(({ pixels }) => pixels),
    search.secondLook,
  );
  const encoded = performance.now();
  let found: Hypothesis[][];
  try {
    found = await decode(model, grids, search);
  } finally {
    tf.dispose(grids);
  }
  const encodeShare = (encoded - begin) / photos.length;
  const decodeShare = (performance.now() - encoded) / photos.length;
  let place = 0;
  return batch.map((item) =>
    result(model, item, 'photo' in item ? (found[place++] ?? []) : [], search, encodeShare, decodeShare),
  );
}

async function decode(
  model: CaptionerModel,
  grids: readonly tf.Tensor3D[],
  { width, nBest, lengthNormalisation, prefix }: Search,
): Promise<Hypothesis[][]> {
  const options = { width, nBest, lengthNormalisation, ...captionConstraints(model, prefix) };
  return beamSearch(decoderOf(model, grids), options);
}

function result(
  { backend, captioner, name, vocabulary }: CaptionerModel,
  item: ReadPhoto,
  hypotheses: readonly Hypothesis[],
  { alternatives, keywords }: Search,
  encode: number,
  decode: number,
): PhotoResult {
  const { file } = item;
  if ('error' in item) return { file, error: item.error };
  const [best, ...others] = hypotheses;
  if (!best) return { file, error: 'no caption was found: the model gave every word the probability 0.' };
  const captions = [best, ...others].map(({ tokens, score }) => ({
    caption: captionSentence(vocabulary.decode(tokens)),
    score: rounded(score),
  }));
  const captioned: CaptionedPhoto = {
    file,
    width: item.photo.width,
    height: item.photo.height,
    ...(captions[0] as { caption: string; score: number }),
    words: vocabulary.decode(best.tokens).map((word, i) => ({
      word,
      probability: Number(Math.exp(best.logProbabilities[i] as number).toPrecision(6)),
      weights: Array.from(best.weights[i] ?? [], rounded),
    })),
    grid: [...captioner.config.grid],
    alternatives: captions.slice(1, alternatives + 1),
    ...(keywords && {
      keywords: photoKeywords(
        keywords,
        captions.map(({ caption }) => caption),
      ),
    }),
    model: name,
    backend,
    milliseconds: { read: tenths(item.milliseconds), encode: tenths(encode), decode: tenths(decode) },
  };
  return captioned;
}

/** More digits would tell nothing and fill the files. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
