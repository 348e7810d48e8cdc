import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { encode, type EncoderGraph } from '../../engine/encoder/encoder-graph.ts';
import { readPhoto } from '../../photos/read-photo.ts';
import { photoPath } from '../../photos/captions-file.ts';
import { RecordFile } from '../../files/record-file.ts';
import { nextTick, type Progress } from '../training-events.ts';

/** An encoder with its weights. */
export interface Encoder {
  graph: EncoderGraph;
  /** Kernels in tfjs layout, by the names of the graph. */
  weights: Map<string, tf.Tensor>;
}

/**
 * The photos of a training run, decoded once and kept on disk as bytes, [size, size, 3] each.
 * @param files paths relative to `folder`
 */
export async function openPixels(
  cache: string,
  folder: string,
  files: readonly string[],
  size: number,
  progress: Progress,
): Promise<RecordFile> {
  const paths = files.map((file) => photoPath(folder, file));
  const key = { kind: 'pixels', folder, files, stamps: await Promise.all(paths.map(stampOf)), size };
  return RecordFile.open(cache, key, size * size * 3, files.length, async (append) => {
    for (let start = 0; start < files.length; start += READ_AHEAD) {
      const some = paths.slice(start, start + READ_AHEAD);
      // The very reading that captioning does, so that training sees photos as they will come.
      const photos = await Promise.all(some.map((path) => readPhoto(path, { size: [size, size] })));
      for (const { pixels } of photos) append(pixels);
      progress(start + some.length, files.length, 'reading photos');
    }
  });
}

const READ_AHEAD = 64;

/** Tells a file from the one that it was before; whoever reads it says what is wrong where it is not there. */
async function stampOf(path: string): Promise<string> {
  return stat(path).then(
    ({ mtimeMs, size }) => `${size} ${mtimeMs}`,
    () => '',
  );
}

/**
 * The encoder's grid of every photo, kept on disk as float32, [locations, channels] each; with
 * `mirrored`, a second half of the records holds those of the mirrored photos.
 */
export async function openFeatures(
  cache: string,
  pixels: RecordFile,
  encoder: Encoder,
  mirrored: boolean,
  progress: Progress,
): Promise<RecordFile> {
  const size = encoder.graph.input.size;
  const probe = tf.tidy(() => encode(encoder.graph, encoder.weights, tf.zeros([1, size, size, 3])).shape);
  const bytes = probe[1] * probe[2] * probe[3] * 4;
  const halves = mirrored ? [false, true] : [false];
  const key = { kind: 'features', pixels: pixels.digest, encoder: digest(encoder.weights), mirrored };
  return RecordFile.open(cache, key, bytes, pixels.records * halves.length, async (append) => {
    let done = 0;
    for (const mirror of halves) {
      for (let start = 0; start < pixels.records; start += ENCODE_BATCH) {
        const count = Math.min(ENCODE_BATCH, pixels.records - start);
        const indices = Array.from({ length: count }, (_, i) => start + i);
        const grid = tf.tidy(() => {
          const batch = pixelTensor(pixels.read(indices), count, size);
          return encode(encoder.graph, encoder.weights, mirror ? tf.reverse(batch, 2) : batch);
        });
        const data = grid.dataSync<'float32'>();
        append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        grid.dispose();
        progress((done += count), pixels.records * halves.length, 'encoding photos');
        await nextTick();
      }
    }
  });
}

const ENCODE_BATCH = 16;

/** Bytes as pixels, [count, size, size, 3], float32 0..255. */
export function pixelTensor(bytes: Uint8Array, count: number, size: number): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(bytes), [count, size, size, 3]);
}

/** Some records of a features file, [records, locations, channels]. */
export function featureTensor(bytes: Uint8Array<ArrayBuffer>, count: number, channels: number): tf.Tensor3D {
  const data = new Float32Array(bytes.buffer);
  return tf.tensor3d(data, [count, data.length / count / channels, channels]);
}

/** A fingerprint of the weights: the same weights give the same features. */
function digest(weights: ReadonlyMap<string, tf.Tensor>): string {
  const hash = createHash('sha256');
  for (const [name, tensor] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name);
    const data = tensor.dataSync<'float32'>();
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
