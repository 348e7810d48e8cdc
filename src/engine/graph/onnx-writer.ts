import { constantOf, type ConstantTensor, type DataType, type NodeDef } from './graph-def.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from './onnx-graph.ts';

/** What is known of a value while a graph is being written. */
export interface Known {
  /** Its name in ONNX. */
  readonly name: string;
  readonly dataType: DataType;
  readonly rank: number;
  /** Whether its channels come first: [photos, channels, rows, columns] for TensorFlow's [photos, rows, columns, channels]. */
  readonly channelsFirst?: boolean;
}

/** The parts of an ONNX graph that is being written, operation by operation. */
export class OnnxWriter {
  readonly nodes: OnnxNode[] = [];
  /** By name. */
  readonly initializers = new Map<string, OnnxTensor>();
  /** How many numbers vectors have that are computed, where that is known: sizes that are put together at each run. */
  readonly lengths = new Map<string, number>();
  readonly #constants: ReadonlyMap<string, ConstantTensor>;
  readonly #known = new Map<string, Known>();
  /** Values with channels last whose channels-first form was made, and the other way around, by name. */
  readonly #turned = new Map<string, string>();

  constructor(nodes: readonly NodeDef[]) {
    this.#constants = new Map(
      nodes.flatMap((node) => (node.op === 'Const' ? [[node.name, constantOf(node)] as const] : [])),
    );
  }

  /** A value that is fed. @param node TensorFlow's name @param name ONNX's */
  input(node: string, name: string, { dataType, shape }: { dataType: DataType; shape: readonly number[] }): void {
    this.#known.set(node, { name, dataType, rank: shape.length });
  }

  /** The constant behind TensorFlow's name; nothing where it is computed. */
  constant(input: string): ConstantTensor | undefined {
    return this.#constants.get(input);
  }

  /** The whole numbers of a constant. @throws Error where it is none */
  numbers(input: string): number[] {
    const constant = this.#constants.get(input);
    if (!constant) throw new Error(`What ${input} is must be known beforehand to be written as ONNX.`);
    return [...constant.data];
  }

  /** A value by TensorFlow's name, in whichever order its channels are. */
  value(input: string): Known {
    const known = this.#known.get(input);
    if (known) return known;
    const constant = this.#constants.get(input);
    if (!constant) throw new Error(`${input} is used before it is computed.`);
    const { data, dataType, shape } = constant;
    this.initializers.set(input, { name: input, type: dataType, shape, data });
    return this.#remember(input, { name: input, dataType, rank: shape.length });
  }

  /** ONNX's name of a value whose axes lie as in TensorFlow. */
  plain(input: string): string {
    const value = this.value(input);
    return value.channelsFirst ? this.#turn(value.name, [0, 2, 3, 1], 'channels-last') : value.name;
  }

  /** ONNX's name of [photos, channels, rows, columns]. */
  channelsFirst(input: string): string {
    const value = this.value(input);
    return value.channelsFirst ? value.name : this.#turn(value.name, [0, 3, 1, 2], 'channels-first');
  }

  /** One operation with one result, whose name in ONNX may be given. @returns the name */
  emit(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** One operation with several results. */
  emitMany(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): void {
    this.nodes.push({ op, inputs, outputs, attributes });
  }

  /** Says what a value of TensorFlow's is in ONNX; its name stays where no other is given. */
  result(node: string, value: Omit<Known, 'name'> & { name?: string }): void {
    this.#remember(node, { name: node, ...value });
  }

  /** The name of an int64 constant, as ONNX wants sizes and places. */
  int64s(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = `int64/${shape.length}/${values.join(',')}`;
    this.initializers.set(name, { name, type: 'int64', shape, data: values });
    return name;
  }

  /** The name of float constants. */
  floats(name: string, shape: readonly number[], data: Float32Array): string {
    this.initializers.set(name, { name, type: 'float32', shape, data });
    return name;
  }

  #remember(node: string, known: Known): Known {
    this.#known.set(node, known);
    return known;
  }

  #turn(name: string, perm: readonly number[], how: string): string {
    const key = `${name}/${how}`;
    let turned = this.#turned.get(key);
    if (turned === undefined) {
      turned = this.emit('Transpose', [name], key, { perm: { ints: perm } });
      this.#turned.set(key, turned);
    }
    return turned;
  }
}
