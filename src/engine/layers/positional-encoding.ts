import * as tf from '@tensorflow/tfjs-core';

/** `interleaved`: sine beside cosine, as in the paper; `halves`: all sines, then all cosines, as in Marian. */
export type PositionOrder = 'interleaved' | 'halves';

/**
 * Sinusoidal positions (Vaswani et al. 2017, section 3.5):
 * PE(p, 2i) = sin(p / 10000^(2i / size)), PE(p, 2i + 1) = cos(p / 10000^(2i / size)).
 *
 * There are no weights and no longest sentence: any position has its encoding.
 */
export class PositionalEncoding {
  readonly #size: number;
  /** The encodings of the positions that were ever asked for, row after row. */
  #table = new Float32Array(0);

  readonly #order: PositionOrder;

  /** @param size of a vector */
  constructor(size: number, order: PositionOrder = 'interleaved') {
    this.#size = size;
    this.#order = order;
  }

  /** The encodings of `length` positions, the first of them `from`, [length, size]. */
  at(from: number, length: number): tf.Tensor2D {
    const size = this.#size;
    const known = this.#table.length / size;
    // Doubling, so that decoding position after position does not compute the table again and again.
    if (from + length > known) this.#table = encodings(Math.max(from + length, 2 * known), size, this.#order);
    return tf.tensor2d(this.#table.slice(from * size, (from + length) * size), [length, size]);
  }
}

function encodings(positions: number, size: number, order: PositionOrder): Float32Array<ArrayBuffer> {
  const table = new Float32Array(positions * size);
  for (let position = 0; position < positions; position++) {
    for (let column = 0; column < size; column++) {
      const angle = position / 10000 ** ((column - (column % 2)) / size);
      const half = Math.ceil(size / 2);
      const place = order === 'interleaved' ? column : (column % 2) * half + Math.floor(column / 2);
      table[position * size + place] = column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return table;
}
