import * as tf from '@tensorflow/tfjs-core';

/** Settings of AdamW. */
export interface AdamWOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Decay of matrices a step, times the learning rate; vectors (biases) do not decay. */
  weightDecay?: number;
  /** Decay of the running average of the weights a step; 0: none is kept. */
  averaging?: number;
}

/** What is kept for one weight. */
interface Moments {
  variable: tf.Variable;
  value: Float32Array;
  /** Where the next step writes the values, for the backend may still read those of this one. */
  next: Float32Array;
  m: Float32Array;
  v: Float32Array;
  average: Float32Array | undefined;
}

/**
 * Adam with decoupled weight decay (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019,
 * algorithm 2), gradient clipping by the global norm (Pascanu et al. 2013) and a running average of
 * the weights (Polyak and Juditsky 1992).
 *
 * One loop over plain arrays does all of it: as tensor operations the same step would read and write
 * every weight a dozen times.
 */
export class AdamW {
  readonly #moments = new Map<string, Moments>();
  readonly #options: Required<AdamWOptions>;
  #step = 0;

  /** @param variables the weights to train, by name */
  constructor(variables: Iterable<[string, tf.Variable]>, options: AdamWOptions = {}) {
    this.#options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, averaging: 0, ...options };
    for (const [name, variable] of variables) {
      // A copy: the data of a fresh variable may be the very array that the caller holds.
      const value = Float32Array.from(variable.dataSync<'float32'>());
      const average = this.#options.averaging > 0 ? value.slice() : undefined;
      this.#moments.set(name, {
        variable,
        value,
        next: new Float32Array(value.length),
        m: new Float32Array(value.length),
        v: new Float32Array(value.length),
        average,
      });
    }
  }

  /** The variables in a list, for `tf.variableGrads`. */
  get variables(): tf.Variable[] {
    return [...this.#moments.values()].map(({ variable }) => variable);
  }

  /**
   * One update.
   * @param gradients by the variables' tfjs names, as `tf.variableGrads` returns them; left to the caller
   * @param learningRate of this step; by a function where weights differ
   * @param clip the largest global norm of the gradient (0: no clipping)
   * @returns the norm before clipping
   */
  apply(gradients: tf.NamedTensorMap, learningRate: number | ((name: string) => number), clip = 0): number {
    const { beta1, beta2, epsilon, weightDecay, averaging } = this.#options;
    const arrays = new Map<string, Float32Array>();
    let squares = 0;
    for (const [name, { variable }] of this.#moments) {
      const gradient = gradients[variable.name];
      if (!gradient) continue;
      const g = gradient.dataSync<'float32'>();
      arrays.set(name, g);
      let sum = 0;
      for (let i = 0; i < g.length; i++) sum += (g[i] as number) * (g[i] as number);
      squares += sum;
    }
    const norm = Math.sqrt(squares);
    if (!Number.isFinite(norm)) return norm;
    const shrink = clip > 0 && norm > clip ? clip / norm : 1;

    this.#step++;
    const correction1 = 1 - beta1 ** this.#step;
    const correction2 = Math.sqrt(1 - beta2 ** this.#step);
    // A young average would hang on to the first weights, so its decay starts low (as in TensorFlow's).
    const decay = Math.min(averaging, (1 + this.#step) / (10 + this.#step));
    for (const [name, g] of arrays) {
      const moments = this.#moments.get(name) as Moments;
      const { variable, value, next, m, v, average } = moments;
      const rate = typeof learningRate === 'number' ? learningRate : learningRate(name);
      const size = (rate * correction2) / correction1;
      const shrinkage = variable.rank > 1 ? 1 - rate * weightDecay : 1;
      const guard = epsilon * correction2;
      for (let i = 0; i < g.length; i++) {
        const gi = (g[i] as number) * shrink;
        const mi = beta1 * (m[i] as number) + (1 - beta1) * gi;
        const vi = beta2 * (v[i] as number) + (1 - beta2) * gi * gi;
        m[i] = mi;
        v[i] = vi;
        next[i] = (value[i] as number) * shrinkage - (size * mi) / (Math.sqrt(vi) + guard);
      }
      if (average)
        for (let i = 0; i < g.length; i++)
          average[i] = decay * (average[i] as number) + (1 - decay) * (next[i] as number);
      moments.value = next;
      moments.next = value;
      assign(variable, next);
    }
    return norm;
  }

  /**
   * Runs `body` with the averaged weights in place, then puts the trained ones back.
   * Without averaging it just runs.
   */
  async withAverage<T>(body: () => Promise<T>): Promise<T> {
    this.#install((moments) => moments.average ?? moments.value);
    try {
      return await body();
    } finally {
      this.#install((moments) => moments.value);
    }
  }

  /** What a checkpoint needs to go on as if nothing had happened: name → array, and the number of steps. */
  state(): { steps: number; arrays: Map<string, { shape: number[]; data: Float32Array }> } {
    const arrays = new Map<string, { shape: number[]; data: Float32Array }>();
    for (const [name, { variable, value, m, v, average }] of this.#moments) {
      arrays.set(`value.${name}`, { shape: variable.shape, data: value });
      arrays.set(`m.${name}`, { shape: variable.shape, data: m });
      arrays.set(`v.${name}`, { shape: variable.shape, data: v });
      if (average) arrays.set(`average.${name}`, { shape: variable.shape, data: average });
    }
    return { steps: this.#step, arrays };
  }

  /** Takes up a stored `state`. @throws where an array is missing or has another size */
  restore(steps: number, arrays: ReadonlyMap<string, Float32Array>): void {
    for (const [name, moments] of this.#moments) {
      const parts = { value: moments.value, m: moments.m, v: moments.v, average: moments.average };
      for (const [part, target] of Object.entries(parts)) {
        if (!target) continue;
        const data = arrays.get(`${part}.${name}`);
        if (data?.length !== target.length) throw new Error(`The training checkpoint lacks ${part} of ${name}.`);
        target.set(data);
      }
    }
    this.#step = steps;
    this.#install((moments) => moments.value);
  }

  #install(which: (moments: Moments) => Float32Array): void {
    for (const moments of this.#moments.values()) assign(moments.variable, which(moments).slice());
  }
}

/** @param values the backend may keep a reference to them: they must stay until others are assigned */
function assign(variable: tf.Variable, values: Float32Array): void {
  const tensor = tf.tensor(values, variable.shape);
  variable.assign(tensor);
  tensor.dispose();
}
