import * as tf from '@tensorflow/tfjs-core';
import {
  encode,
  encodeFrom,
  nodeOf,
  nodesAfter,
  weightNames,
  type EncoderGraph,
} from '../../engine/encoder/encoder-graph.ts';
import type { Encoder } from './photo-features.ts';

/** An encoder of which a part may be trained. It owns its weights. */
export class TrainableEncoder implements Encoder {
  readonly graph: EncoderGraph;
  readonly weights: Map<string, tf.Tensor>;

  constructor({ graph, weights }: Encoder) {
    this.graph = graph;
    this.weights = weights;
  }

  dispose(): void {
    tf.dispose([...this.weights.values()]);
  }

  /** The shape of the grid: rows, columns, channels. */
  gridShape(): [rows: number, columns: number, channels: number] {
    const { size } = this.graph.input;
    const [, rows, columns, channels] = tf.tidy(
      () => encode(this.graph, this.weights, tf.zeros([1, size, size, 3])).shape,
    );
    return [rows, columns, channels];
  }

  /** Makes variables of the weights above a tap or node and returns them by name. */
  variablesAbove(tap: string): Map<string, tf.Variable> {
    const variables = new Map<string, tf.Variable>();
    for (const name of weightNames(nodesAfter(this.graph, nodeOf(this.graph, tap)))) {
      const fixed = this.weights.get(name) as tf.Tensor;
      const variable = fixed instanceof tf.Variable ? (fixed as tf.Variable) : tf.variable(fixed);
      if (variable !== fixed) fixed.dispose();
      this.weights.set(name, variable);
      variables.set(name, variable);
    }
    return variables;
  }

  /** The output of a tap, the part that a stage leaves alone. @param pixels [photos, height, width, 3] in 0..255 */
  upTo(tap: string, pixels: tf.Tensor4D): tf.Tensor4D {
    return encode(this.graph, this.weights, pixels, tap);
  }

  /** The grid from the output of a tap on, [photos, locations, channels]; gradients flow to the variables. */
  gridFrom(tap: string, output: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => flatten(encodeFrom(this.graph, this.weights, { [tap]: output })));
  }

  /** The grid of some photos, [photos, locations, channels]. @param pixels [photos, height, width, 3] in 0..255 */
  grid(pixels: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => flatten(encode(this.graph, this.weights, pixels)));
  }

  /** The weights as a checkpoint names them. */
  entries(prefix: string): [string, tf.Tensor][] {
    return [...this.weights].map(([name, tensor]) => [`${prefix}${name}`, tensor]);
  }

  /** Takes up what `entries` gave; the tensors stay the caller's. */
  install(stored: ReadonlyMap<string, tf.Tensor>, prefix: string): void {
    for (const [name, current] of this.weights) {
      const value = stored.get(`${prefix}${name}`);
      if (!value) throw new Error(`The training checkpoint lacks the encoder's weight ${name}.`);
      if (current instanceof tf.Variable) {
        current.assign(value);
      } else {
        this.weights.set(name, tf.clone(value));
        current.dispose();
      }
    }
  }
}

function flatten(grid: tf.Tensor4D): tf.Tensor3D {
  const [photos, rows, columns, channels] = grid.shape;
  return tf.reshape(grid, [photos, rows * columns, channels]);
}
