import * as tf from '@tensorflow/tfjs-core';
import type { Encoder } from '../engine/encoder/encoder.ts';
import { trace } from '../engine/graph/trace.ts';
import { mapRows } from '../engine/models/text-decoder.ts';
import type { CaptionSteps, VisionCaptioner } from '../engine/models/vision-captioner.ts';
import { LISTED } from './foresee-search.ts';
import { freeAtOnce } from './free-at-once.ts';
import { loadTracedEncoder } from './traced-encoder.ts';
import { float, integers, parted, under, type Feeds } from './named-tensors.ts';
import type { GraphRunner } from './whole-graph.ts';

/** Of the encoder's matrices so many stay in float16: with all of them a photo would take a tenth more time. */
const HALVES = 0.5;

/** A captioner with a Vision Transformer, run as whole graphs. */
export interface NativeVision {
  readonly encoder: Encoder;
  readonly steps: CaptionSteps;
  dispose(): void;
}

/**
 * The same encoder and steps as the captioner's own, run as whole graphs instead of operation by operation (see
 * `loadNativeCaptioner`).
 *
 * @param captioner stays in use, and the caller's
 */
export async function loadNativeVision(captioner: VisionCaptioner, runner: GraphRunner): Promise<NativeVision> {
  const { vision, writer } = captioner.config;
  const { heads, layers, size } = writer;
  const headSize = size / heads;
  const { length } = captioner.vision;
  const kept = (rows: string, places: string | number): Feeds =>
    Object.fromEntries(
      Array.from({ length: layers }, (_, i) => [`${i}/keys`, `${i}/values`])
        .flat()
        .map((name) => [name, float(rows, heads, places, headSize)]),
    );

  const encoder = await loadTracedEncoder(captioner.vision, runner, { halves: HALVES });
  const look = await runner.loadTraced(
    trace({ vectors: float('photos', length, vision.size) }, ({ vectors }) => captioner.memory(vectors as tf.Tensor3D)),
    'start',
    { halves: 1 },
  );
  // Rows as [photos, rows of each]: so a size that is not known beforehand is that of an input.
  const feeds = { tokens: integers('photos', 'beams'), rows: integers('photos', 'beams'), place: integers(1) };
  const step = await runner.loadTraced(
    trace(
      {
        ...feeds,
        parts: float(layers, heads),
        ...under('memory', kept('photos', length)),
        ...under('past', kept('before', 'written')),
      },
      (all) => {
        const { memory = {}, past = {}, ...inputs } = parted(all);
        const { parts, place, rows, tokens } = inputs[''] as Record<string, tf.Tensor>;
        const flat = tf.reshape<tf.Rank.R1>(rows as tf.Tensor, [-1]);
        const outputs = captioner.step({
          tokens: tf.reshape(tokens as tf.Tensor, [-1]),
          place: place as tf.Tensor1D,
          parts: parts as tf.Tensor2D,
          memory,
          past: mapRows(past, (x) => tf.gather(x, flat)),
        });
        const { logProbabilities, onVectors, weights } = outputs;
        const { values, indices } = tf.topk(logProbabilities, Math.min(LISTED, logProbabilities.shape[1]));
        return { logProbabilities, weights, onVectors, values, likely: indices, ...under('past', outputs.past) };
      },
    ),
    'step',
  );

  const steps: CaptionSteps = {
    gathers: true,
    look(vectors) {
      const memory = look.run({ vectors });
      freeAtOnce(memory);
      return memory;
    },
    begin(rows) {
      const nothing = (): tf.Tensor => tf.zeros([rows, heads, 0, headSize]);
      return Object.fromEntries(Object.keys(kept('', '')).map((name) => [name, nothing()]));
    },
    step({ memory, past, position, rows, tokens }, parts) {
      const photos = (memory['0/keys'] as tf.Tensor).shape[0];
      const shape: [number, number] = [photos, tokens.length / photos];
      const own = {
        tokens: tf.tensor2d(tokens, shape, 'int32'),
        rows: tf.tensor2d(rows ?? Int32Array.from(tokens, (_, row) => row), shape, 'int32'),
        place: tf.tensor1d([position], 'int32'),
        parts: tf.tensor2d(parts, [layers, heads]),
      };
      try {
        const outputs = step.run(
          { ...own, ...under('memory', memory), ...under('past', past) },
          { logProbabilities: [tokens.length, captioner.config.vocabularySize] },
        );
        const { '': results = {}, past: next = {} } = parted(outputs);
        freeAtOnce(next);
        const { likely, values, ...result } = results as Results;
        return { ...result, likeliest: { logProbabilities: values, tokens: likely }, past: next };
      } finally {
        tf.dispose(own);
      }
    },
  };
  return {
    encoder,
    steps,
    dispose() {
      encoder.dispose();
      look.dispose();
      step.dispose();
    },
  };
}

type Results = Record<'likely' | 'logProbabilities' | 'onVectors' | 'values' | 'weights', tf.Tensor2D>;

/** The encoder that says where its vectors come from (`VisionTransformer.encodeWithOrigins`), as a whole graph. */
export function loadNativeOrigins(captioner: VisionCaptioner, runner: GraphRunner): Promise<Encoder> {
  const encode: Encoder['encode'] = (pixels) => captioner.vision.encodeWithOrigins(pixels);
  return loadTracedEncoder(captioner.vision, runner, { encode, halves: 1 });
}
