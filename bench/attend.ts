// The lane of Attend itself: a process with one backend (ATTEND_BACKEND), measured through the service's public functions.
import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { parseBackendName, useBackend } from '../src/native/backend.ts';
import { captionPhotos } from '../src/captioning/caption-photos.ts';
import { captionConstraints } from '../src/captioning/search.ts';
import { loadCaptioner, type CaptionerModel } from '../src/captioning/captioner-model.ts';
import { isFailed } from '../src/captioning/result.ts';
import type { CaptionedPhoto } from '../src/contract/data/captions.ts';
import { readPhoto } from '../src/photos/read-photo.ts';
import { serve, tell } from './harness/serve.ts';
import { plainBeamSearch } from './peers/plain-beam.ts';

/** A captioned photo, as far as benchmarks go. */
export interface Captioned {
  milliseconds: { read: number; encode: number; decode: number; whole: number };
  words: string[];
  /** p of each word. */
  probabilities: number[];
}

export interface Usage {
  rssBytes: number;
  /** The highest that rssBytes ever was. */
  peakBytes: number;
  heapBytes: number;
  tensors: number;
}

/** Whatever the model asks for: the peers look once, too. */
const ONE_LOOK = { secondLook: false };

let model: CaptionerModel | undefined;

const operations = {
  /** Memory before anything is loaded. */
  usage: async (_: object): Promise<Usage> => usage(),

  /** @param byScore chooses among captions by the search's score alone */
  open: async ({ folder, byScore = false }: { folder: string; byScore?: boolean }) => {
    const { name } = await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
    model = await loadCaptioner(folder);
    if (byScore) model.decoding.describedWeight = 0;
    const { encoder, captioner, wholeGraph } = model;
    return { backend: name, wholeGraph, encoder: encoder.name, config: captioner?.config };
  },

  /** Captions photos in one batch. @returns each with its share of the batch's time */
  caption: async ({ photos, beam }: { photos: string[]; beam: number }): Promise<Captioned[]> => {
    const begin = performance.now();
    const results: CaptionedPhoto[] = [];
    for await (const result of captionPhotos(opened(), photos, { ...ONE_LOOK, batchSize: photos.length, beam })) {
      if (isFailed(result)) throw new Error(result.error);
      results.push(result);
    }
    const whole = (performance.now() - begin) / photos.length;
    return results.map(({ milliseconds, words }) => ({
      milliseconds: { ...milliseconds, whole },
      words: words.map(({ word }) => word),
      probabilities: words.map(({ probability }) => probability),
    }));
  },

  /** Reading alone. */
  read: async ({ photo }: { photo: string }): Promise<number> => {
    const size = opened().encoder.inputSize;
    const begin = performance.now();
    await readPhoto(photo, { size: [size, size] });
    return performance.now() - begin;
  },

  /** The plain beam search, on the same weights and backend, step for step computed alike. @returns milliseconds of the search alone, and its words */
  plainBeam: async ({ photo, beam }: { photo: string; beam: number }) => {
    const { decoding, vocabulary } = opened();
    const grid = await gridOf(photo);
    const begin = performance.now();
    try {
      const { tokens } = await plainBeamSearch(opened().decoder(grid), {
        width: beam,
        lengthNormalisation: decoding.lengthNormalisation,
        ...captionConstraints(opened(), []),
      });
      return { milliseconds: performance.now() - begin, words: vocabulary.decode(tokens) };
    } finally {
      grid.dispose();
    }
  },

  /** Writes the encoder's grids of photos into one file, float32. */
  grids: async ({ photos, file }: { photos: string[]; file: string }) => {
    writeFileSync(file, '');
    for (const photo of photos) {
      const grid = await gridOf(photo);
      const numbers = await grid.data<'float32'>();
      writeFileSync(file, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength), { flag: 'a' });
      grid.dispose();
    }
    return {};
  },

  /** Captions photos as the command line does, reading ahead. @returns the seconds it took */
  throughput: async ({ photos, batchSize, beam }: { photos: string[]; batchSize: number; beam: number }) => {
    const begin = performance.now();
    for await (const result of captionPhotos(opened(), photos, { ...ONE_LOOK, batchSize, beam })) {
      if (isFailed(result)) throw new Error(result.error);
    }
    return (performance.now() - begin) / 1000;
  },

  /** The same, with a look at the memory before the first photo and after each `step` photos. */
  longRun: async ({ photos, beam, step }: { photos: string[]; beam: number; step: number }) => {
    const looks = [{ photos: 0, ...usage() }];
    let done = 0;
    for await (const result of captionPhotos(opened(), photos, { ...ONE_LOOK, beam })) {
      if (isFailed(result)) throw new Error(result.error);
      done++;
      if (done % step !== 0 && done !== photos.length) continue;
      looks.push({ photos: done, ...usage() });
      tell(`${done} of ${photos.length} photos`);
    }
    return looks;
  },
};

export type AttendOperations = typeof operations;

await serve(operations);

function opened(): CaptionerModel {
  if (!model) throw new Error('No model is open.');
  return model;
}

async function gridOf(path: string): Promise<tf.Tensor3D> {
  const { encoder } = opened();
  const size = encoder.inputSize;
  const { pixels } = await readPhoto(path, { size: [size, size] });
  return tf.tidy(() => encoder.encode(tf.tensor4d(Float32Array.from(pixels), [1, size, size, 3])));
}

function usage(): Usage {
  // Without it, the heap shows how long ago the last collection was (`--expose-gc`).
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  // Without a backend there are no tensors, and tfjs cannot be asked.
  const tensors = tf.getBackend() ? tf.memory().numTensors : 0;
  return { rssBytes: rss, peakBytes: peak(), heapBytes: heapUsed, tensors };
}

/** Linux hands a process its parent's maximum on; the one in /proc begins with the program. */
function peak(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line) return Number(line[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
