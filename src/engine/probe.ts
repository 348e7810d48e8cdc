import type * as tf from '@tensorflow/tfjs-core';

/**
 * Whoever wants to see a model at work. A model hands over each quantity that its paper has a letter for, under a name,
 * and goes on with what comes back: the same, or another of the same shape, which shows what the rest makes of it.
 *
 * Called inside a tidy: what is to outlast it, a probe reads at once.
 */
export type Probe = <T extends tf.Tensor>(name: string, x: T) => T;

/** Nobody looks. */
export const unprobed: Probe = (_, x) => x;

/** The same probe, for a part of a model: its names get a prefix, as in `decoder.0.source/energies`. */
export function probeOf(probe: Probe, part: string): Probe {
  return probe === unprobed ? unprobed : (name, x) => probe(`${part}/${name}`, x);
}
