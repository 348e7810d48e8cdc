import type { WeightArray } from '../checkpoint/checkpoint.ts';
import type { PublishedTensor } from './safetensors.ts';

/** A publisher's arrays by name, taken one after the other and turned into this engine's layout. */
export class PublishedWeights {
  readonly #tensors: ReadonlyMap<string, PublishedTensor>;
  readonly #weights = new Map<string, WeightArray>();

  constructor(tensors: ReadonlyMap<string, PublishedTensor>) {
    this.#tensors = tensors;
  }

  /** What was taken, by this engine's names. */
  get weights(): Map<string, WeightArray> {
    return this.#weights;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** An array as it is. @param shape it must have, perhaps after ones were left out of its own */
  take(own: string, theirs: string, shape: readonly number[]): void {
    this.#weights.set(own, { shape: [...shape], data: this.#read(theirs, shape) });
  }

  /**
   * A linear map: `OWN.kernel` [inputs, outputs] and `OWN.bias` of `THEIRS.weight`, which PyTorch keeps as
   * [outputs, inputs], and `THEIRS.bias`.
   */
  linear(own: string, theirs: string, inputs: number, outputs: number): void {
    const given = this.#read(`${theirs}.weight`, [outputs, inputs]);
    this.#weights.set(`${own}.kernel`, { shape: [inputs, outputs], data: turned(given, outputs, inputs) });
    this.take(`${own}.bias`, `${theirs}.bias`, [outputs]);
  }

  /**
   * Linear maps that lie in one: `OWNS[i].kernel` and `.bias` are the i-th of equal parts of the outputs of `THEIRS`.
   * @param layout of `THEIRS.weight`: [parts × outputs, inputs], or [inputs, parts × outputs] as GPT-2 keeps it
   */
  linears(
    owns: readonly string[],
    theirs: string,
    inputs: number,
    outputs: number,
    layout: 'outputs' | 'inputs',
  ): void {
    const all = owns.length * outputs;
    const given = this.#read(`${theirs}.weight`, layout === 'outputs' ? [all, inputs] : [inputs, all]);
    const kernel = layout === 'outputs' ? turned(given, all, inputs) : given;
    const bias = this.#read(`${theirs}.bias`, [all]);
    for (const [part, own] of owns.entries()) {
      const data = new Float32Array(inputs * outputs);
      for (let row = 0; row < inputs; row++) {
        const from = row * all + part * outputs;
        data.set(kernel.subarray(from, from + outputs), row * outputs);
      }
      this.#weights.set(`${own}.kernel`, { shape: [inputs, outputs], data });
      this.#weights.set(`${own}.bias`, { shape: [outputs], data: bias.slice(part * outputs, (part + 1) * outputs) });
    }
  }

  /**
   * The map of patches: a convolution [size, 3, patch, patch] as a linear map of a patch's pixels, row by row with the
   * colours of each together.
   */
  patches(own: string, theirs: string, patch: number, size: number): void {
    const given = this.#read(`${theirs}.weight`, [size, 3, patch, patch]);
    const data = new Float32Array(given.length);
    const pixels = patch * patch;
    for (let out = 0; out < size; out++) {
      for (let colour = 0; colour < 3; colour++) {
        for (let pixel = 0; pixel < pixels; pixel++) {
          data[(pixel * 3 + colour) * size + out] = given[(out * 3 + colour) * pixels + pixel] as number;
        }
      }
    }
    this.#weights.set(`${own}.kernel`, { shape: [pixels * 3, size], data });
    this.take(`${own}.bias`, `${theirs}.bias`, [size]);
  }

  /** Several arrays [1, 1, size] as the rows of one. */
  rows(own: string, theirs: readonly string[], size: number): void {
    const data = new Float32Array(theirs.length * size);
    for (const [row, name] of theirs.entries()) data.set(this.#read(name, [size]), row * size);
    this.#weights.set(own, { shape: [theirs.length, size], data });
  }

  /** A layer normalisation: `OWN.gain` and `OWN.bias`. */
  norm(own: string, theirs: string, size: number): void {
    this.take(`${own}.gain`, `${theirs}.weight`, [size]);
    this.take(`${own}.bias`, `${theirs}.bias`, [size]);
  }

  #read(name: string, shape: readonly number[]): Float32Array {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`The file of weights lacks ${name}.`);
    const essential = (sizes: readonly number[]): string => sizes.filter((size) => size !== 1).join(', ');
    if (essential(tensor.shape) !== essential(shape)) {
      throw new Error(`The weight ${name} has the shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}].`);
    }
    return tensor.data;
  }
}

/** A matrix of `rows` rows turned. */
export function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return result;
}
