import * as tf from '@tensorflow/tfjs-core';
import { fromFloat16s, toFloat16 } from '../../float16.ts';
import { MemoryNetwork } from '../../models/memory-network.ts';
import { Parameters } from '../../parameters.ts';
import { storyConfig } from './answer-stories.ts';

/** A network that was trained, as it is kept. */
export interface TrainedNetwork {
  readonly hops: number;
  readonly size: number;
  /** All weights in the model's order, float16, the low byte first, as base64. */
  readonly weights: string;
}

/** Packs what was trained. @param parameters in the model's order */
export function packNetwork(
  { hops, size }: { hops: number; size: number },
  parameters: readonly (readonly [string, tf.Variable])[],
): TrainedNetwork {
  const halves = parameters.flatMap(([, variable]) => Array.from(variable.dataSync(), toFloat16));
  const bytes = halves.flatMap((half) => [half & 0xff, half >> 8]);
  return { hops, size, weights: btoa(bytes.map((byte) => String.fromCharCode(byte)).join('')) };
}

/** @throws Error where there are not as many weights as the network has */
export function unpackNetwork({ hops, size, weights }: TrainedNetwork): MemoryNetwork {
  const bytes = atob(weights);
  const halves = Uint16Array.from(
    { length: bytes.length / 2 },
    (_, i) => bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8),
  );
  const numbers = fromFloat16s(halves);
  const parameters = new Parameters(() => 0.5);
  const model = new MemoryNetwork(storyConfig(hops, size), parameters);
  const needed = parameters.entries().reduce((sum, [, variable]) => sum + variable.size, 0);
  if (numbers.length !== needed) throw new Error(`The network has ${needed} weights, not ${numbers.length}.`);
  let from = 0;
  for (const [, variable] of parameters.entries()) {
    const own = numbers.slice(from, (from += variable.size));
    tf.tidy(() => variable.assign(tf.tensor(own, variable.shape)));
  }
  return model;
}
