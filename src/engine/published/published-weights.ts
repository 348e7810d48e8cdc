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
