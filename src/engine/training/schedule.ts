/** How the learning rate moves. */
export interface Schedule {
  /** The highest rate. */
  rate: number;
  /** Steps of linear rise from 0 (default 0). */
  warmUp?: number;
  /** `cosine` falls to `floor` at the last step (Loshchilov and Hutter 2017), `constant` stays, `inverse-sqrt` falls with the root of the step (Vaswani et al. 2017, eq. 3). */
  decay: 'cosine' | 'constant' | 'inverse-sqrt';
  /** The lowest rate of `cosine`, as a share of `rate` (default 0). */
  floor?: number;
}

/**
 * The learning rate of one step.
 * @param step counted from 0
 * @param steps of the whole run (only `cosine` asks)
 */
export function learningRate({ rate, warmUp = 0, decay, floor = 0 }: Schedule, step: number, steps: number): number {
  if (step < warmUp) return (rate * (step + 1)) / warmUp;
  switch (decay) {
    case 'constant':
      return rate;
    case 'inverse-sqrt':
      return rate * Math.sqrt(Math.max(warmUp, 1) / (step + 1));
    case 'cosine': {
      const done = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
      return rate * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * done))) / 2);
    }
  }
}
