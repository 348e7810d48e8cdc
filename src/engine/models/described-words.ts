import type * as tf from '@tensorflow/tfjs-core';

/** Where a checkpoint keeps it; a captioner without these weights has none. */
const REDUCE = 'described.reduce';
const KERNEL = 'described.kernel';
const BIAS = 'described.bias';

/**
 * Which words people describe a photo with: the share of their captions that have a word, by a linear classifier on the mean
 * of the grid's cells whose matrix is a product of two narrow ones (Fang et al. 2015, arXiv 1411.4952, section 3, without
 * their regions).
 *
 *     p(k) = σ(b_k + v_kᵀ U (1/L) Σ_i x_i)
 *
 * It reads the encoder's grid, as the captioner does, and is as small as it is: so it is computed in plain numbers, alike on
 * every backend.
 *
 * Weights: `described.reduce` U [feature size, rank], `described.kernel` [rank, words], `described.bias` [words].
 */
export class DescribedWords {
  readonly #words: Int32Array;
  readonly #vocabularySize: number;
  readonly #reduce: Float32Array;
  readonly #kernel: Float32Array;
  readonly #bias: Float32Array;

  /**
   * @param weights of the checkpoint; copied
   * @param words by column: the word's number in the vocabulary
   * @throws RangeError where the weights are not there or do not fit together
   */
  constructor(
    weights: ReadonlyMap<string, tf.Tensor>,
    words: readonly number[],
    { featureSize, vocabularySize }: { featureSize: number; vocabularySize: number },
  ) {
    const rank = weights.get(KERNEL)?.shape[0] ?? 0;
    const numbers = (name: string, shape: readonly number[]): Float32Array => {
      const weight = weights.get(name);
      if (weight?.shape.join() !== shape.join()) {
        throw new RangeError(`${name} should be [${shape.join()}], not [${weight?.shape.join() ?? 'nothing'}].`);
      }
      return Float32Array.from(weight.dataSync());
    };
    this.#words = Int32Array.from(words);
    this.#vocabularySize = vocabularySize;
    this.#reduce = numbers(REDUCE, [featureSize, rank]);
    this.#kernel = numbers(KERNEL, [rank, words.length]);
    this.#bias = numbers(BIAS, [words.length]);
  }

  /**
   * log p(k) of every word of the vocabulary, always below 0; 0 for those that it does not know.
   * @param grids [photos, locations, feature size]
   * @returns [photos][vocabulary]
   */
  async of(grids: tf.Tensor3D): Promise<Float32Array[]> {
    const [photos, locations, size] = grids.shape;
    const cells = await grids.data<'float32'>();
    return Array.from({ length: photos }, (_, photo) => {
      const mean = new Float32Array(size);
      const first = photo * locations * size;
      for (let i = 0; i < locations * size; i++) mean[i % size]! += cells[first + i]! / locations;
      const scores = product(product(mean, this.#reduce), this.#kernel);
      const found = new Float32Array(this.#vocabularySize);
      this.#words.forEach((word, column) => {
        // Never so sure that nothing is left to say.
        found[word] = Math.min(-1e-6, -softplus(-(scores[column]! + this.#bias[column]!)));
      });
      return found;
    });
  }
}

/** xᵀ M. @param matrix [x.length, columns], row by row */
function product(vector: Float32Array, matrix: Float32Array): Float32Array {
  const columns = matrix.length / vector.length;
  const found = new Float32Array(columns);
  for (let row = 0, at = 0; row < vector.length; row++) {
    const value = vector[row]!;
    for (let column = 0; column < columns; column++, at++) found[column]! += value * matrix[at]!;
  }
  return found;
}

/** log(1 + eˣ). */
function softplus(x: number): number {
  return Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
}
