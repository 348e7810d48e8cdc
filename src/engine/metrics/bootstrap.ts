import { Random } from '../random.ts';

/** A figure and the interval that it lies in with 95 % confidence. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** What one photo adds to a figure that is a ratio of sums: Σ sum / Σ count. */
export interface Share {
  sum: number;
  count: number;
}

/**
 * Bootstrap over photos (Efron 1979; the percentile interval): photos are drawn again and again with replacement, as many
 * as there are, and every figure is computed anew; words of one photo stay together, since they are not independent.
 *
 * All figures of one bootstrap see the same draws, so that a difference or a ratio of two of them is paired.
 */
export class Bootstrap {
  readonly #draws: readonly Int32Array[];

  /** @param photos there are @param resamples how often they are drawn @param seed the same draws for the same seed */
  constructor(photos: number, resamples: number, seed: number) {
    const random = new Random(seed);
    this.#draws = Array.from({ length: resamples }, () => {
      const times = new Int32Array(photos);
      for (let i = 0; i < photos; i++) times[random.integer(photos)]!++;
      return times;
    });
  }

  /** Σ sum / Σ count. @param shares one a photo */
  mean(shares: readonly Share[]): Estimate {
    return this.of((times) => ratio(shares, times));
  }

  /** The difference of two such figures. */
  difference(shares: readonly Share[], others: readonly Share[]): Estimate {
    return this.of((times) => ratio(shares, times) - ratio(others, times));
  }

  /** The quotient of two such figures. */
  quotient(shares: readonly Share[], others: readonly Share[]): Estimate {
    return this.of((times) => ratio(shares, times) / ratio(others, times));
  }

  /** Any figure. @param figure of photos that were drawn so many times each; of once each where it is told nothing */
  of(figure: (times?: Int32Array) => number): Estimate {
    const found = this.#draws
      .map(figure)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (share: number): number => found[Math.round(share * (found.length - 1))] ?? NaN;
    return { value: figure(), low: at(0.025), high: at(0.975) };
  }
}

function ratio(shares: readonly Share[], times?: Int32Array): number {
  let [sum, count] = [0, 0];
  for (const [i, share] of shares.entries()) {
    const weight = times ? times[i]! : 1;
    sum += weight * share.sum;
    count += weight * share.count;
  }
  return sum / count;
}
