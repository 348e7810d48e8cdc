import { constantOf, type ConstantTensor, type DataType, type NodeDef } from './graph-def.ts';
import type { OnnxAttribute, OnnxNode, OnnxTensor } from './onnx-graph.ts';
import type { WeightPlace } from './weight-place.ts';

/** TensorProto.DataType of onnx.proto. */
export const FLOAT = 1;

/** So many numbers are a part of a large matrix. */
const LARGE = 2 ** 22;

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
  /**
   * What makes float32 of matrices at each run. It belongs before all `nodes`: ONNX Runtime computes what a node needs
   * beginning with what comes last in the file, so that each matrix is made just before its product. Behind them all would be
   * made first, and be in memory together.
   */
  readonly widenings: OnnxNode[] = [];
  /** By name. */
  readonly initializers = new Map<string, OnnxTensor>();
  /** How many numbers vectors have that are computed, where that is known: sizes that are put together at each run. */
  readonly lengths = new Map<string, number>();
  readonly #constants: ReadonlyMap<string, ConstantTensor>;
  readonly #known = new Map<string, Known>();
  /** Values with channels last whose channels-first form was made, and the other way around, by name. */
  readonly #turned = new Map<string, string>();

  /** How many matrices are widened at each run, and how much of one the last ones have left over. */
  readonly #halves: number;
  #due = 0;

  /**
   * @param halves how many of the matrices that lie in a file in float16 stay so in memory, from 0 (none) to 1 (all): each is
   *   widened at every run, for which its values must not be constant (`OnnxTensor.mayBeFed`)
   */
  constructor(nodes: readonly NodeDef[], halves = 0) {
    this.#halves = halves;
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
    const { dataType, place, shape } = constant;
    if (place?.type === 'float16') this.#widen(input, shape.length === 2 && place.file !== undefined);
    else if (place) this.#initialize(input, 'float32', shape, place);
    else this.initializers.set(input, { name: input, type: dataType, shape, data: constant.data });
    return this.#remember(input, { name: input, dataType, rank: shape.length });
  }

  /**
   * The name of a constant as it lies in a file, in float16; nothing where it does not. Whoever loads the graph makes
   * float32 of it, once; who needs but a few of its numbers takes them from here.
   * @param mayBeFed see `OnnxTensor`
   */
  half(input: string, mayBeFed = false): string | undefined {
    const constant = this.#constants.get(input);
    if (constant?.place?.type !== 'float16') return undefined;
    const name = `${input}/half`;
    if (!this.initializers.has(name)) this.#initialize(name, 'float16', constant.shape, constant.place, mayBeFed);
    return name;
  }

  /**
   * The rows of a large matrix that lies in a file in float16, in parts: whoever loads the graph lays out each anew, and has
   * but one of them twice meanwhile. Empty where it lies in none.
   */
  parts(input: string): string[] {
    const constant = this.#constants.get(input);
    const { place, shape } = constant ?? {};
    if (place?.type !== 'float16' || shape?.length !== 2) return [];
    const [rows, columns] = shape as [number, number];
    const count = Math.ceil((rows * columns) / LARGE);
    if (count <= 1) return [];
    const each = Math.ceil(rows / count);
    return Array.from({ length: Math.ceil(rows / each) }, (_, i) => {
      const [name, own] = [`${input}/${i}`, Math.min(each, rows - i * each)];
      const bytes = own * columns * 2;
      const from = i * each * columns * 2;
      const { file } = place;
      const read = (): Uint8Array => place.read().subarray(from, from + bytes);
      this.#initialize(`${name}/half`, 'float16', [own, columns], {
        ...place,
        ...(file && { file: { ...file, offset: file.offset + from } }),
        bytes,
        read,
      });
      return this.emit('Cast', [`${name}/half`], name, { to: { int: FLOAT } });
    });
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

  /** Whether an operation gives a value of this name. */
  isComputed(name: string): boolean {
    return [this.widenings, this.nodes].some((nodes) => nodes.some(({ outputs }) => outputs.includes(name)));
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

  #widen(input: string, isMatrixInFile: boolean): void {
    if (isMatrixInFile) this.#due += this.#halves;
    const atEachRun = this.#due >= 1;
    if (atEachRun) this.#due--;
    const inputs = [this.half(input, atEachRun) as string];
    const nodes = atEachRun ? this.widenings : this.nodes;
    nodes.push({ op: 'Cast', inputs, outputs: [input], attributes: { to: { int: FLOAT } } });
  }

  #initialize(
    name: string,
    type: 'float16' | 'float32',
    shape: readonly number[],
    place: WeightPlace,
    mayBeFed = false,
  ): void {
    this.initializers.set(name, {
      name,
      type,
      shape,
      place,
      mayBeFed,
      get data() {
        return place.read();
      },
    });
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
