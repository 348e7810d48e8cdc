// The lane of ONNX Runtime: the same encoder, the same weights, fed with the same pixels.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readEncoder } from '../../src/model-folders/encoder-files.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { serve } from '../harness/serve.ts';
import { encoderGraphOf } from '../../src/native/encoder-graph.ts';
import { onnxBytes } from '../../src/engine/graph/onnx-bytes.ts';
import { toOnnx } from '../../src/engine/graph/to-onnx.ts';

/** The part of onnxruntime-node that is used here; its own types may not be installed. */
interface OnnxRuntime {
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  Tensor: new (type: 'float32', data: Float32Array, dims: number[]) => object;
}

interface Session {
  run(feeds: Record<string, object>): Promise<Record<string, { data: Float32Array }>>;
}

/** The peers have a package.json of their own. */
const require = createRequire(join(packageRoot(), 'bench', 'package.json'));

let opened: { ort: OnnxRuntime; session: Session; size: number } | undefined;

const operations = {
  open: async ({ folder }: { folder: string }) => {
    process.env['ORT_DISABLE_TELEMETRY'] = '1';
    const ort = require('onnxruntime-node') as OnnxRuntime;
    const { version } = require('onnxruntime-node/package.json') as { version: string };
    const artifacts = await readEncoder(folder);
    const { encoder } = artifacts.userDefinedMetadata as { encoder: { inputSize: number } };
    const session = await ort.InferenceSession.create(onnxBytes(toOnnx(encoderGraphOf(artifacts), 'encoder').graph), {
      graphOptimizationLevel: 'all',
      // Left to itself it takes the physical cores, which a virtual machine may tell wrong.
      intraOpNumThreads: availableParallelism(),
      logSeverityLevel: 3,
    });
    opened = { ort, session, size: encoder.inputSize };
    return { version };
  },

  /** @returns milliseconds a photo, from bytes to numbers; reading is not counted */
  encode: async ({ photos }: { photos: string[] }): Promise<number> => {
    const pixels = await read(photos);
    const begin = performance.now();
    await encode(pixels);
    return (performance.now() - begin) / photos.length;
  },

  /** Writes the grids of photos into one file, float32. */
  grids: async ({ photos, file }: { photos: string[]; file: string }) => {
    writeFileSync(file, '');
    for (const photo of photos) {
      const numbers = await encode(await read([photo]));
      writeFileSync(file, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength), { flag: 'a' });
    }
    return {};
  },
};

export type OnnxRuntimeOperations = typeof operations;

await serve(operations);

async function read(photos: readonly string[]): Promise<Uint8Array[]> {
  const size = opened!.size;
  return Promise.all(photos.map(async (photo) => (await readPhoto(photo, { size: [size, size] })).pixels));
}

async function encode(pixels: readonly Uint8Array[]): Promise<Float32Array> {
  const { ort, session, size } = opened!;
  const numbers = new Float32Array(pixels.length * size * size * 3);
  pixels.forEach((photo, i) => numbers.set(photo, i * photo.length));
  const feeds = { pixels: new ort.Tensor('float32', numbers, [pixels.length, size, size, 3]) };
  return (await session.run(feeds))['grid']!.data;
}
