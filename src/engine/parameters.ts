import * as tf from '@tensorflow/tfjs-core';

/** Draws the first value of a weight. `random` is uniform on [0, 1). */
export type Initializer = (shape: number[], random: () => number) => Float32Array;

const sizeOf = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** Glorot and Bengio (2010): uniform on ±sqrt(6 / (fan in + fan out)), for a [fan in, fan out] matrix. */
export const glorotUniform: Initializer = (shape, random) => {
  const fanOut = shape[shape.length - 1] ?? 1;
  const fanIn = sizeOf(shape) / fanOut;
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length: sizeOf(shape) }, () => (2 * random() - 1) * limit);
};

/** Uniform on ±limit. */
export const uniform =
  (limit: number): Initializer =>
  (shape, random) =>
    Float32Array.from({ length: sizeOf(shape) }, () => (2 * random() - 1) * limit);

/** Every element the same. */
export const constant =
  (value: number): Initializer =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value);

/**
 * The weights of one model, by name.
 *
 * A layer asks for its weights by a name that is stable across versions ("decoder.lstm.kernel"); the
 * store either draws them (training from scratch) or takes them from values it was given (a
 * checkpoint), and checks the shape. The store owns the variables: `dispose` frees them all.
 */
export class Parameters {
  readonly #variables = new Map<string, tf.Variable>();
  readonly #kept: tf.Tensor[] = [];
  readonly #given: ReadonlyMap<string, tf.Tensor> | undefined;
  readonly #random: () => number;

  /**
   * @param random source of uniform numbers on [0, 1) for weights that are drawn
   * @param given values to start from, by full name; when present, every weight asked for must be in
   *   it. The store copies what it takes and leaves the tensors to the caller.
   */
  constructor(random: () => number, given?: ReadonlyMap<string, tf.Tensor>) {
    this.#given = given;
    this.#random = random;
  }

  /** The variable `name`, drawn or taken from the given values. Asking twice gives the same variable (shared weights). */
  get(name: string, shape: number[], initializer: Initializer = glorotUniform): tf.Variable {
    const known = this.#variables.get(name);
    if (known) {
      assertShape(name, known.shape, shape);
      return known;
    }
    let initial: tf.Tensor;
    if (this.#given) {
      const given = this.#given.get(name);
      if (!given) throw new Error(`The checkpoint lacks the weight ${name}.`);
      assertShape(name, given.shape, shape);
      initial = given.clone();
    } else {
      initial = tf.tensor(initializer(shape, this.#random), shape);
    }
    // A variable's own name must be unique in the whole process, so it is left to tfjs.
    const variable = tf.variable(initial, true);
    initial.dispose();
    this.#variables.set(name, variable);
    return variable;
  }

  /** All weights in the order in which the layers asked for them. */
  entries(): [string, tf.Variable][] {
    return [...this.#variables];
  }

  /** Keeps a tensor that was made of weights as long as the weights. */
  keep<T extends tf.Tensor>(tensor: T): T {
    this.#kept.push(tf.keep(tensor));
    return tensor;
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
    tf.dispose(this.#kept.splice(0));
  }
}

function assertShape(name: string, actual: readonly number[], expected: readonly number[]): void {
  if (actual.length !== expected.length || actual.some((size, i) => size !== expected[i])) {
    throw new Error(`The weight ${name} has the shape [${actual.join(', ')}], not [${expected.join(', ')}].`);
  }
}
