import type * as tf from '@tensorflow/tfjs-core';
import { IMAGES_NODE, type EncoderMetadata } from '../../src/engine/encoder/encoder-graph-model.ts';
import { constantOf, prune, type Attribute, type NodeDef } from '../../src/engine/graph/graph-def.ts';
import { fromGraphModel } from '../../src/engine/graph/tfjs-graph-model.ts';
import { bytes, integer, integers, message, type Field } from './protobuf.ts';

/** ONNX's numbers for types: TensorProto.DataType and AttributeProto.AttributeType. */
const FLOAT = 1;
const INT_ATTRIBUTE = 2;
const INTS_ATTRIBUTE = 7;

/** Photos are fed as Attend's encoder takes them, and grids come out as it gives them. */
export const PIXELS = 'pixels';
export const GRID = 'grid';

type Size = readonly [rows: number, columns: number];

/**
 * A shipped encoder as an ONNX model, with the same weights.
 *
 * `pixels` [photos, size, size, 3] in 0..255 to `grid` [photos, rows, columns, channels]. In between the order is ONNX's,
 * channels first. TensorFlow's SAME becomes explicit padding, its odd pixel at the bottom and at the right.
 *
 * @param artifacts a graph model made by `encoderGraphModel`
 * @throws Error where the graph has an operation that encoders don't have
 */
export function encoderToOnnx(artifacts: tf.io.ModelArtifacts): Uint8Array {
  const { encoder } = artifacts.userDefinedMetadata as { encoder: EncoderMetadata };
  const { gridNode, inputSize, rows, columns, channels } = encoder;
  const { nodes } = prune({
    ...fromGraphModel(artifacts),
    outputs: { [GRID]: { node: gridNode, dataType: 'float32', shape: [-1, rows, columns, channels] } },
  });
  const converter = new Converter(nodes, inputSize);
  for (const each of nodes) converter.add(each);
  converter.emit('Transpose', [gridNode], GRID, { perm: [0, 2, 3, 1] });
  const graph = message(
    ...converter.nodes.map((field) => bytes(1, field)),
    bytes(2, encoder.name),
    ...converter.initialisers.map((field) => bytes(5, field)),
    bytes(11, tensorInfo(PIXELS, [inputSize, inputSize, 3])),
    bytes(12, tensorInfo(GRID, [rows, columns, channels])),
  );
  const irVersion = 8;
  const operators = message(bytes(1, ''), integer(2, 17));
  return message(integer(1, irVersion), bytes(2, 'attend-bench'), bytes(7, graph), bytes(8, operators));
}

class Converter {
  readonly nodes: Uint8Array[] = [];
  readonly initialisers: Uint8Array[] = [];
  readonly #constants: ReadonlyMap<string, NodeDef>;
  readonly #sizes = new Map<string, Size>();
  readonly #inputSize: number;

  constructor(nodes: readonly NodeDef[], inputSize: number) {
    this.#constants = new Map(nodes.filter(({ op }) => op === 'Const').map((node) => [node.name, node]));
    this.#inputSize = inputSize;
  }

  add(node: NodeDef): void {
    const [x = '', y = ''] = node.inputs;
    switch (node.op) {
      case 'Const':
        return;
      case 'Placeholder':
        this.#pixels(node);
        return;
      case '_FusedConv2D':
      case 'FusedDepthwiseConv2dNative':
        this.#convolution(node);
        return;
      case 'AddV2':
      case 'Mul':
        this.emit(node.op === 'Mul' ? 'Mul' : 'Add', [x, this.#perChannel(y)], node.name);
        this.#sizes.set(node.name, this.#sizeOf(x));
        return;
      default:
        throw new Error(`The encoder's operation ${node.op} cannot be written as ONNX here.`);
    }
  }

  emit(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, number | number[]> = {},
  ): void {
    this.nodes.push(
      message(
        ...inputs.map((name) => bytes(1, name)),
        bytes(2, output),
        bytes(3, output),
        bytes(4, op),
        ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
      ),
    );
  }

  /** The graph model is fed in -1..1; here that is computed, as Attend's native encoder does it. */
  #pixels({ name }: NodeDef): void {
    if (name !== IMAGES_NODE) throw new Error(`The encoder has an input ${name} that is not known here.`);
    const [factor, one, turned, scaled] = ['factor', 'one', 'turned', 'scaled'].map((part) => `${name}/${part}`) as [
      string,
      string,
      string,
      string,
    ];
    this.#initialiser(factor, [1], Float32Array.of(1 / 127.5));
    this.#initialiser(one, [1], Float32Array.of(1));
    this.emit('Transpose', [PIXELS], turned, { perm: [0, 3, 1, 2] });
    this.emit('Mul', [turned, factor], scaled);
    this.emit('Sub', [scaled, one], name);
    this.#sizes.set(name, [this.#inputSize, this.#inputSize]);
  }

  #convolution({ name, op, inputs, attributes }: NodeDef): void {
    const [x, kernelName, biasName] = inputs as [string, string, string];
    const kernel = this.#constant(kernelName);
    const [height, width, inner, outer] = kernel.shape as [number, number, number, number];
    const depthwise = op === 'FusedDepthwiseConv2dNative';
    const stride = intsOf(attributes['strides'])[1] ?? 1;
    const same = textOf(attributes['padding']) === 'SAME';
    const [rows, columns] = this.#sizeOf(x);
    const vertical = padding(rows, height, stride, same);
    const horizontal = padding(columns, width, stride, same);

    // [height, width, in, out] to [out, in, height, width]; depthwise [height, width, channels, 1] to [channels, 1, ...].
    const shape = depthwise ? [inner, outer, height, width] : [outer, inner, height, width];
    this.#initialiser(kernelName, shape, turned(kernel.data, kernel.shape, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]));
    const bias = this.#constant(biasName);
    this.#initialiser(biasName, bias.shape, bias.data);

    const [, activation] = textsOf(attributes['fused_ops']);
    const sum = activation ? `${name}/sum` : name;
    this.emit('Conv', [x, kernelName, biasName], sum, {
      group: depthwise ? inner : 1,
      kernel_shape: [height, width],
      strides: [stride, stride],
      pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
    });
    if (activation === 'Relu') this.emit('Relu', [sum], name);
    else if (activation === 'Relu6') this.#relu6(sum, name);
    else if (activation) throw new Error(`The encoder's activation ${activation} cannot be written as ONNX here.`);
    this.#sizes.set(name, [vertical.size, horizontal.size]);
  }

  #relu6(x: string, output: string): void {
    this.#initialiser(`${output}/0`, [], Float32Array.of(0));
    this.#initialiser(`${output}/6`, [], Float32Array.of(6));
    this.emit('Clip', [x, `${output}/0`, `${output}/6`], output);
  }

  /** The name of an operand; a constant with a number for each channel gets the shape that channels first asks for. */
  #perChannel(name: string): string {
    if (!this.#constants.has(name)) return name;
    const { data } = this.#constant(name);
    this.#initialiser(name, [data.length, 1, 1], data);
    return name;
  }

  #initialiser(name: string, shape: readonly number[], data: Float32Array): void {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const dimensions = shape.length > 0 ? [integers(1, shape)] : [];
    this.initialisers.push(message(...dimensions, integer(2, FLOAT), bytes(8, name), bytes(9, raw)));
  }

  #constant(name: string): { shape: readonly number[]; data: Float32Array } {
    const node = this.#constants.get(name);
    if (!node) throw new Error(`The encoder's ${name} is no constant.`);
    const { shape, data } = constantOf(node);
    if (!(data instanceof Float32Array)) throw new Error(`The encoder's constant ${name} does not hold floats.`);
    return { shape, data };
  }

  #sizeOf(name: string): Size {
    const size = this.#sizes.get(name);
    if (!size) throw new Error(`The encoder uses ${name} before it is computed.`);
    return size;
  }
}

function padding(size: number, kernel: number, stride: number, same: boolean) {
  if (!same) return { before: 0, after: 0, size: Math.ceil((size - kernel + 1) / stride) };
  const out = Math.ceil(size / stride);
  const total = Math.max((out - 1) * stride + kernel - size, 0);
  return { before: Math.floor(total / 2), after: Math.ceil(total / 2), size: out };
}

/** An array of four dimensions with its axes in another order. */
function turned(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [a, b, c, d] = order.map((axis) => shape[axis]) as [number, number, number, number];
  const [sa, sb, sc, sd] = order.map((axis) => strides[axis]) as [number, number, number, number];
  const result = new Float32Array(data.length);
  let to = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        for (let l = 0; l < d; l++) result[to++] = data[i * sa + j * sb + k * sc + l * sd]!;
      }
    }
  }
  return result;
}

function attribute(name: string, value: number | number[]): Uint8Array {
  const content: Field[] =
    typeof value === 'number'
      ? [integer(3, value), integer(20, INT_ATTRIBUTE)]
      : [integers(8, value), integer(20, INTS_ATTRIBUTE)];
  return message(bytes(1, name), ...content);
}

/** A float tensor whose first dimension is free. */
function tensorInfo(name: string, shape: readonly number[]): Uint8Array {
  const dimensions = [bytes(1, bytes(2, 'photos')), ...shape.map((size) => bytes(1, integer(1, size)))];
  const type = message(integer(1, FLOAT), bytes(2, message(...dimensions)));
  return message(bytes(1, name), bytes(2, bytes(1, type)));
}

const intsOf = (value: Attribute | undefined): readonly number[] => (value && 'ints' in value ? value.ints : []);
const textOf = (value: Attribute | undefined): string => (value && 'text' in value ? value.text : '');
const textsOf = (value: Attribute | undefined): readonly string[] => (value && 'texts' in value ? value.texts : []);
