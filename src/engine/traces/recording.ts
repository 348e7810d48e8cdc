import type * as tf from '@tensorflow/tfjs-core';
import type { Probe } from '../probe.ts';

/** Keeps the numbers of everything that a model hands over; of a name that comes again, the last. */
export class Recording {
  readonly #seen = new Map<string, { shape: number[]; data: Float32Array }>();
  /** Puts other tensors in the place of some. */
  readonly #change: Probe;

  constructor(change: Probe = (_, x) => x) {
    this.#change = change;
  }

  readonly probe: Probe = (name, x) => {
    const used = this.#change(name, x);
    this.#seen.set(name, { shape: used.shape, data: numbersOf(used) });
    return used;
  };

  has(name: string): boolean {
    return this.#seen.has(name);
  }

  /** All numbers of a tensor, in its order. @throws Error where there was none of this name */
  numbers(name: string): Float32Array {
    return this.#of(name).data;
  }

  /** A tensor as vectors along its last axis. */
  vectors(name: string): Float32Array[] {
    const { data, shape } = this.#of(name);
    return vectorsOf(data, shape.at(-1) as number);
  }

  #of(name: string): { shape: number[]; data: Float32Array } {
    const found = this.#seen.get(name);
    if (!found) throw new Error(`The model has handed over no ${name}.`);
    return found;
  }
}

/** A copy of a tensor's numbers, which stays when the tensor goes. */
export function numbersOf(x: tf.Tensor): Float32Array {
  return Float32Array.from(x.dataSync());
}

/** Numbers as vectors of one size. */
export function vectorsOf(numbers: Float32Array, size: number): Float32Array[] {
  const count = size === 0 ? 0 : numbers.length / size;
  return Array.from({ length: count }, (_, i) => numbers.slice(i * size, (i + 1) * size));
}
