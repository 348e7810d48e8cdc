import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, ConstantTensor, DataType, NodeDef } from './graph-def.ts';
import { constant, placeholder } from './graph-def.ts';

/** What is known of a tensor that no one has computed. */
export interface Recorded {
  /** "node" or "node:1". */
  readonly node: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
}

/**
 * A backend that computes nothing: it writes down as nodes of a graph what it is asked to compute.
 *
 * Its tensors are names. A tensor of another backend that a computation uses (a weight) becomes an input of
 * the graph and stays where it is.
 */
export class Recorder extends tf.KernelBackend {
  readonly nodes: NodeDef[] = [];
  /** The tensors of other backends that were used, in order; the nodes `weight/0`, `weight/1` ... */
  readonly weights: tf.Tensor[] = [];
  /** The constants that are shapes to reshape to. */
  readonly shapes = new Set<string>();
  readonly #known = new Map<object, Recorded>();

  /** A tensor that is fed when the graph runs. */
  feed(name: string, dataType: DataType, shape: readonly number[]): tf.Tensor {
    this.nodes.push(placeholder(name, dataType, shape));
    return tf.engine().makeTensorFromTensorInfo(this.#keep({ node: name, dataType, shape }));
  }

  /** One operation with one result. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    result: Omit<Recorded, 'node'>,
  ): tf.TensorInfo {
    return this.addMany(op, inputs, attributes, [result])[0] as tf.TensorInfo;
  }

  /** One operation with several results. */
  addMany(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    results: readonly Omit<Recorded, 'node'>[],
  ): tf.TensorInfo[] {
    // TensorFlow has operations that begin with a line, and wants no node that does.
    const name = `${op.replace(/^_/, '')}/${this.nodes.length}`;
    this.nodes.push({ name, op, inputs, attributes });
    return results.map((result, i) => this.#keep({ ...result, node: i === 0 ? name : `${name}:${i}` }));
  }

  /** The name of a small int32 constant. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant({ dataType: 'int32', shape, data: Int32Array.from(values) });
  }

  /** The name of the constant that says what to reshape to. */
  shape(values: readonly number[]): string {
    const name = this.integers(values);
    this.shapes.add(name);
    return name;
  }

  /** The tensor under its name in the graph. */
  recorded(tensor: tf.Tensor): Recorded {
    let known = this.#known.get(tensor.dataId);
    if (!known) {
      const { shape } = tensor;
      const node = `weight/${this.weights.length}`;
      known = { node, dataType: dataTypeOf(tensor.dtype), shape };
      this.nodes.push(placeholder(node, known.dataType, shape));
      this.weights.push(tensor);
      this.#known.set(tensor.dataId, known);
    }
    // No kernel here gives two tensors the same data; weights reshaped outside may share theirs.
    if (!tf.util.arraysEqual([...known.shape], tensor.shape)) {
      throw new Error('A computation with a weight in two shapes cannot be recorded.');
    }
    return known;
  }

  name(tensor: tf.Tensor): string {
    return this.recorded(tensor).node;
  }

  /** A constant that the computation makes for itself: `tf.scalar(2)`. */
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataType = dataTypeOf(dtype);
    const numbers = values as ArrayLike<number>;
    const data =
      dataType === 'float32'
        ? Float32Array.from(numbers)
        : dataType === 'int32'
          ? Int32Array.from(numbers)
          : Uint8Array.from(numbers);
    const dataId = {};
    this.#known.set(dataId, { node: this.#constant({ dataType, shape, data }), dataType, shape });
    return dataId;
  }

  override readSync(): never {
    throw new Error('The computation reads numbers out of tensors, so it cannot be recorded.');
  }

  override read(): never {
    return this.readSync();
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override disposeData(): boolean {
    return true;
  }

  override numDataIds(): number {
    return this.#known.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override dispose(): void {
    this.#known.clear();
  }

  #constant(value: ConstantTensor): string {
    const name = `Const/${this.nodes.length}`;
    this.nodes.push(constant(name, value));
    return name;
  }

  #keep(result: Recorded): tf.TensorInfo {
    const dataId = {};
    this.#known.set(dataId, result);
    return { dataId, shape: [...result.shape], dtype: result.dataType };
  }
}

function dataTypeOf(dtype: tf.DataType): DataType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`A computation with tensors of ${dtype} cannot be recorded.`);
}
