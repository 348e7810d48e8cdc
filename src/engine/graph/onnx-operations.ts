import type { Attribute, NodeDef } from './graph-def.ts';
import type { OnnxAttribute } from './onnx-graph.ts';
import type { Known, OnnxWriter } from './onnx-writer.ts';

/** How an operation of TensorFlow's is said in ONNX. */
type Operation = (writer: OnnxWriter, node: NodeDef) => void;

/** Operations of one argument, number by number. */
const UNARY: Readonly<Record<string, string>> = {
  Abs: 'Abs',
  Erf: 'Erf',
  Exp: 'Exp',
  Log: 'Log',
  Neg: 'Neg',
  Relu: 'Relu',
  Sigmoid: 'Sigmoid',
  Sqrt: 'Sqrt',
  Tanh: 'Tanh',
};

/** Operations of two arguments, number by number, which are broadcast. */
const BINARY: Readonly<Record<string, string>> = {
  AddV2: 'Add',
  BiasAdd: 'Add',
  Maximum: 'Max',
  Minimum: 'Min',
  Mul: 'Mul',
  RealDiv: 'Div',
  Sub: 'Sub',
};

const REDUCTIONS: Readonly<Record<string, string>> = {
  Max: 'ReduceMax',
  Mean: 'ReduceMean',
  Min: 'ReduceMin',
  Prod: 'ReduceProd',
  Sum: 'ReduceSum',
};

/** Where TensorFlow's axes of [photos, rows, columns, channels] are with channels first. */
const CHANNELS_FIRST = [0, 2, 3, 1];

/** As far as there is: ONNX cuts an end that lies behind the last place. */
const TO_THE_END = 2 ** 31 - 1;

/** Number by number: with channels first where what comes in has them first. */
function elementwise(writer: OnnxWriter, node: NodeDef, apply: (name: string, output: string) => void): void {
  const x = writer.value(argument(node, 0));
  apply(x.name, node.name);
  writer.result(node.name, { ...x, name: node.name });
}

const unary =
  (op: string): Operation =>
  (writer, node) =>
    elementwise(writer, node, (x, output) => writer.emit(op, [x], output));

/** Another name for the same value. */
const identity: Operation = (writer, node) => writer.result(node.name, writer.value(argument(node, 0)));

/** Squares, inverse roots and cut-off numbers, of which ONNX has no operation of one argument. */
const square: Operation = (writer, node) =>
  elementwise(writer, node, (x, output) => writer.emit('Mul', [x, x], output));

const rsqrt: Operation = (writer, node) =>
  elementwise(writer, node, (x, output) => {
    writer.emit('Reciprocal', [writer.emit('Sqrt', [x], `${output}/root`)], output);
  });

const relu6: Operation = (writer, node) => elementwise(writer, node, (x, output) => cutOff(writer, x, output));

function cutOff(writer: OnnxWriter, x: string, output: string): void {
  const bounds = [writer.floats('zero', [], Float32Array.of(0)), writer.floats('six', [], Float32Array.of(6))];
  writer.emit('Clip', [x, ...bounds], output);
}

const binary =
  (op: string): Operation =>
  (writer, node) => {
    const [a, b] = [argument(node, 0), argument(node, 1)];
    const [one, other] = [writer.value(a), writer.value(b)];
    const first = one.channelsFirst === true || other.channelsFirst === true || isPerColour(writer, a, b);
    const names = first
      ? [beside(writer, a, { ...other, channelsFirst: true }), beside(writer, b, { ...one, channelsFirst: true })]
      : [one.name, other.name];
    writer.emit(op, names, node.name);
    const known = { dataType: one.dataType, rank: Math.max(one.rank, other.rank) };
    writer.result(node.name, { ...known, channelsFirst: first });
  };

/**
 * Whether pixels meet a number for each of their three colours: with channels first, as the convolution behind will have
 * them, whole planes do instead of three numbers at a time, in a twentieth of the time.
 */
function isPerColour(writer: OnnxWriter, pixels: string, numbers: string): boolean {
  return writer.value(pixels).rank === 4 && writer.constant(numbers)?.shape.join() === '3';
}

/** An argument of an operation whose other argument, or itself, has its channels first. */
function beside(writer: OnnxWriter, input: string, other: Known): string {
  const { name, rank } = writer.value(input);
  const constant = writer.constant(input);
  if (rank === 4) return writer.channelsFirst(input);
  if (rank === 0 || !other.channelsFirst) return name;
  // One number for each channel.
  if (rank !== 1 || !(constant?.data instanceof Float32Array)) {
    throw new Error(`${input} cannot be written as ONNX beside a tensor whose channels come first.`);
  }
  return writer.floats(`${input}/per-channel`, [constant.data.length, 1, 1], constant.data);
}

/** Several terms, all of one shape. */
const addN: Operation = (writer, node) => {
  const terms = node.inputs.map((input) => writer.plain(input));
  writer.emit('Sum', terms, node.name);
  const { dataType, rank } = writer.value(argument(node, 0));
  writer.result(node.name, { dataType, rank });
};

const reduction =
  (op: string): Operation =>
  (writer, node) => {
    const { channelsFirst = false, dataType, name, rank } = writer.value(argument(node, 0));
    const axes = writer.numbers(argument(node, 1)).map((axis) => (axis < 0 ? axis + rank : axis));
    const keeps = flag(node.attributes.keep_dims);
    const written = channelsFirst ? axes.map((axis) => CHANNELS_FIRST[axis] as number) : axes;
    // Without rows and columns, channels first and last are the same.
    const flat = channelsFirst && !keeps && [...axes].sort((a, b) => a - b).join() === '1,2';
    if (channelsFirst && !keeps && !flat) throw new Error(`${node.name} cannot be written as ONNX.`);
    writer.emit(op, [name, writer.int64s(written)], node.name, { keepdims: { int: Number(keeps) } });
    writer.result(node.name, {
      dataType,
      rank: keeps ? rank : rank - axes.length,
      channelsFirst: channelsFirst && keeps,
    });
  };

/** Over the last axis. */
const lastAxis =
  (op: string): Operation =>
  (writer, node) => {
    const { dataType, rank } = writer.value(argument(node, 0));
    writer.emit(op, [writer.plain(argument(node, 0))], node.name, { axis: { int: -1 } });
    writer.result(node.name, { dataType, rank });
  };

const layerNorm: Operation = (writer, node) => {
  const { dataType, rank } = writer.value(argument(node, 0));
  const epsilon = node.attributes.epsilon;
  if (!epsilon || !('float' in epsilon)) throw new Error(`${node.name} does not say its epsilon.`);
  const inputs = node.inputs.map((input) => writer.plain(input));
  writer.emit('LayerNormalization', inputs, node.name, { axis: { int: -1 }, epsilon });
  writer.result(node.name, { dataType, rank });
};

const topK: Operation = (writer, node) => {
  const { dataType, rank } = writer.value(argument(node, 0));
  const count = writer.int64s(writer.numbers(argument(node, 1)), [1]);
  const places = `${node.name}/places`;
  writer.emitMany('TopK', [writer.plain(argument(node, 0)), count], [node.name, places], {
    axis: { int: -1 },
    sorted: { int: Number(flag(node.attributes.sorted)) },
  });
  toInt32(writer, places, `${node.name}:1`);
  writer.result(node.name, { dataType, rank });
  writer.result(`${node.name}:1`, { dataType: 'int32', rank });
};

/** A product of matrices; of two only, what is turned is turned on the way. */
const matMul: Operation = (writer, node) => {
  const [a, b] = [argument(node, 0), argument(node, 1)];
  const { dataType } = writer.value(a);
  const turned = { a: flag(node.attributes.transpose_a), b: flag(node.attributes.transpose_b) };
  const table = !turned.a && turned.b ? writer.parts(b) : [];
  if (table.length > 1) {
    const [x, how] = [writer.plain(a), { transB: { int: 1 } }];
    const products = table.map((part, i) => writer.emit('Gemm', [x, part], `${node.name}/${i}`, how));
    writer.emit('Concat', products, node.name, { axis: { int: 1 } });
    writer.result(node.name, { dataType, rank: 2 });
    return;
  }
  const inputs = [writer.plain(a), writer.plain(b)];
  if (turned.a || turned.b) {
    writer.emit('Gemm', inputs, node.name, { transA: { int: Number(turned.a) }, transB: { int: Number(turned.b) } });
  } else {
    writer.emit('MatMul', inputs, node.name);
  }
  writer.result(node.name, { dataType, rank: 2 });
};

const batchMatMul: Operation = (writer, node) => {
  const [a, b] = [argument(node, 0), argument(node, 1)];
  const ranks = [writer.value(a).rank, writer.value(b).rank] as const;
  const side = (input: string, rank: number, turned: boolean): string => {
    const name = writer.plain(input);
    if (!turned) return name;
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    perm.push(...perm.splice(-2, 1));
    return writer.emit('Transpose', [name], `${node.name}/${input}`, { perm: { ints: perm } });
  };
  const inputs = [side(a, ranks[0], flag(node.attributes.adj_x)), side(b, ranks[1], flag(node.attributes.adj_y))];
  writer.emit('MatMul', inputs, node.name);
  writer.result(node.name, { dataType: writer.value(a).dataType, rank: Math.max(...ranks) });
};

const concat: Operation = (writer, node) => {
  const parts = node.inputs.slice(0, -1);
  const [axis] = writer.numbers(node.inputs.at(-1) as string) as [number];
  const values = parts.map((part) => writer.value(part));
  const { dataType, rank } = values[0] as Known;
  const channelsFirst = values.some((value) => value.channelsFirst);
  const names = parts.map((part) => (channelsFirst ? writer.channelsFirst(part) : writer.plain(part)));
  const along = axis < 0 ? axis + rank : axis;
  writer.emit('Concat', names, node.name, {
    axis: { int: channelsFirst ? (CHANNELS_FIRST[along] as number) : along },
  });
  writer.result(node.name, { dataType, rank, channelsFirst });
  const lengths = parts.map((part) => writer.constant(part)?.data.length ?? writer.lengths.get(part));
  if (rank === 1 && lengths.every((length) => length !== undefined)) {
    writer.lengths.set(
      node.name,
      lengths.reduce((a, b) => a + b, 0),
    );
  }
};

const slice: Operation = (writer, node) => {
  const x = argument(node, 0);
  const { dataType, rank } = writer.value(x);
  const [begins, sizes] = [writer.numbers(argument(node, 1)), writer.numbers(argument(node, 2))];
  // Axes that are whole need not be said.
  const axes = begins.flatMap((begin, axis) => (begin === 0 && sizes[axis] === -1 ? [] : [axis]));
  const ends = axes.map((axis) =>
    sizes[axis] === -1 ? TO_THE_END : (begins[axis] as number) + (sizes[axis] as number),
  );
  const said = [axes.map((axis) => begins[axis] as number), ends, axes].map((values) => writer.int64s(values));
  if (axes.length === 0) writer.emit('Identity', [writer.plain(x)], node.name);
  else writer.emit('Slice', [writer.plain(x), ...said], node.name);
  writer.result(node.name, { dataType, rank });
};

const split: Operation = (writer, node) => {
  const { dataType, rank } = writer.value(argument(node, 0));
  const sizes = writer.numbers(argument(node, 1));
  const [axis] = writer.numbers(argument(node, 2)) as [number];
  const outputs = sizes.map((_, i) => (i === 0 ? node.name : `${node.name}:${i}`));
  writer.emitMany('Split', [writer.plain(argument(node, 0)), writer.int64s(sizes)], outputs, { axis: { int: axis } });
  for (const output of outputs) writer.result(output, { dataType, rank });
};

const gather: Operation = (writer, node) => {
  const [x, indices] = [argument(node, 0), argument(node, 1)];
  const [axis] = writer.numbers(argument(node, 2)) as [number];
  const batch = node.attributes.batch_dims;
  if (batch && 'int' in batch && batch.int !== 0) throw new Error(`${node.name} cannot be written as ONNX.`);
  const half = writer.half(x);
  const [from, to] = half === undefined ? [writer.plain(x), node.name] : [half, `${node.name}/half`];
  writer.emit('Gather', [from, writer.plain(indices)], to, { axis: { int: axis } });
  if (half !== undefined) writer.emit('Cast', [to], node.name, { to: { int: ONNX_TYPES.float32 } });
  const fixed = writer.constant(x);
  const { dataType, rank } = fixed ? { dataType: fixed.dataType, rank: fixed.shape.length } : writer.value(x);
  const taken = writer.constant(indices);
  if (rank === 1 && taken?.shape.length === 1) writer.lengths.set(node.name, taken.data.length);
  writer.result(node.name, { dataType, rank: rank - 1 + writer.value(indices).rank });
};

const reshape: Operation = (writer, node) => {
  const [x, target] = [argument(node, 0), argument(node, 1)];
  const known = writer.constant(target);
  const rank = known ? known.data.length : parts(writer, target);
  const shape = known
    ? writer.int64s([...known.data])
    : writer.emit('Cast', [writer.plain(target)], `${node.name}/shape`, { to: { int: INT64 } });
  // TensorFlow's 0 is a size; ONNX's would be "as before".
  const zero: Record<string, OnnxAttribute> = known?.data.includes(0) ? { allowzero: { int: 1 } } : {};
  writer.emit('Reshape', [writer.plain(x), shape], node.name, zero);
  writer.result(node.name, { dataType: writer.value(x).dataType, rank });
};

/** How many numbers a vector has that is put together at each run. */
function parts(writer: OnnxWriter, name: string): number {
  const count = writer.lengths.get(name);
  if (count === undefined) throw new Error(`How many axes ${name} says is not known.`);
  return count;
}

/** TensorProto.DataType of onnx.proto. */
const INT64 = 7;
const ONNX_TYPES = { float32: 1, int32: 6, bool: 9 } as const;

function toInt32(writer: OnnxWriter, name: string, output: string): void {
  writer.emit('Cast', [name], output, { to: { int: ONNX_TYPES.int32 } });
}

const shape: Operation = (writer, node) => {
  const x = writer.value(argument(node, 0));
  toInt32(writer, writer.emit('Shape', [writer.plain(argument(node, 0))], `${node.name}/int64`), node.name);
  writer.result(node.name, { dataType: 'int32', rank: 1 });
  writer.lengths.set(node.name, x.rank);
};

const cast: Operation = (writer, node) => {
  const to = node.attributes.DstT;
  if (!to || !('type' in to)) throw new Error(`${node.name} does not say what to.`);
  elementwise(writer, node, (x, output) => writer.emit('Cast', [x], output, { to: { int: ONNX_TYPES[to.type] } }));
  writer.result(node.name, { ...writer.value(node.name), dataType: to.type });
};

const transpose: Operation = (writer, node) => {
  const perm = writer.numbers(argument(node, 1));
  const { dataType, rank } = writer.value(argument(node, 0));
  writer.emit('Transpose', [writer.plain(argument(node, 0))], node.name, { perm: { ints: perm } });
  writer.result(node.name, { dataType, rank });
};

const tile: Operation = (writer, node) => {
  const { dataType, rank } = writer.value(argument(node, 0));
  const repeats = writer.int64s(writer.numbers(argument(node, 1)));
  writer.emit('Tile', [writer.plain(argument(node, 0)), repeats], node.name);
  writer.result(node.name, { dataType, rank });
};

const argMax: Operation = (writer, node) => {
  const { rank } = writer.value(argument(node, 0));
  const [axis] = writer.numbers(argument(node, 1)) as [number];
  const attributes = { axis: { int: axis }, keepdims: { int: 0 } };
  toInt32(
    writer,
    writer.emit('ArgMax', [writer.plain(argument(node, 0))], `${node.name}/int64`, attributes),
    node.name,
  );
  writer.result(node.name, { dataType: 'int32', rank: rank - 1 });
};

const oneHot: Operation = (writer, node) => {
  const [indices, depth, on, off] = node.inputs as [string, string, string, string];
  const { rank } = writer.value(indices);
  const { dataType } = writer.value(on);
  const values = Float32Array.from([...writer.numbers(off), ...writer.numbers(on)]);
  const pair = writer.floats(`${node.name}/values`, [2], values);
  const floats = dataType === 'float32' ? node.name : `${node.name}/floats`;
  writer.emit('OneHot', [writer.plain(indices), writer.plain(depth), pair], floats, { axis: { int: -1 } });
  if (floats !== node.name) writer.emit('Cast', [floats], node.name, { to: { int: ONNX_TYPES[dataType] } });
  writer.result(node.name, { dataType, rank: rank + 1 });
};

/** A convolution; with `fused_ops` its bias and activation in the same node, as tfjs has it. */
const convolution =
  (depthwise: boolean): Operation =>
  (writer, node) => {
    const [x, kernelName, biasName] = node.inputs as [string, string, string?];
    const kernel = writer.constant(kernelName);
    if (!kernel || !(kernel.data instanceof Float32Array) || kernel.shape.length !== 4) {
      throw new Error(`The kernel of ${node.name} must be known beforehand to be written as ONNX.`);
    }
    const [height, width, inner, outer] = kernel.shape as [number, number, number, number];
    // [height, width, in, out] becomes [out, in, height, width]; of a depthwise one, which has one in, [in, out, height,
    // width]. Whoever loads the graph does it once: it is a constant.
    if (depthwise && outer !== 1) throw new Error(`${node.name} has several outputs for each channel.`);
    const kernels = writer.emit('Transpose', [writer.plain(kernelName)], `${kernelName}/turned`, {
      perm: { ints: depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1] },
    });
    const [first, activation, ...more] = texts(node.attributes.fused_ops);
    if ((first && first !== 'BiasAdd') || more.length > 0 || (first && !biasName)) {
      throw new Error(`The fused convolution ${node.name} has another form than BiasAdd and an activation.`);
    }
    const padding = text(node.attributes.padding);
    if (padding !== 'SAME' && padding !== 'VALID') throw new Error(`${node.name} has the unknown padding ${padding}.`);
    const [strides, dilations] = [ints(node.attributes.strides), ints(node.attributes.dilations)];
    const sum = activation ? `${node.name}/sum` : node.name;
    writer.emit('Conv', [writer.channelsFirst(x), kernels, ...(biasName ? [writer.plain(biasName)] : [])], sum, {
      kernel_shape: { ints: [height, width] },
      strides: { ints: strides.slice(1, 3) },
      ...(dilations.length > 0 && { dilations: { ints: dilations.slice(1, 3) } }),
      group: { int: depthwise ? inner : 1 },
      // The odd pixel at the bottom and at the right, as TensorFlow has it.
      auto_pad: { text: padding === 'SAME' ? 'SAME_UPPER' : 'VALID' },
    });
    if (activation === 'Relu') writer.emit('Relu', [sum], node.name);
    else if (activation === 'Relu6') cutOff(writer, sum, node.name);
    else if (activation) throw new Error(`The activation ${activation} of ${node.name} cannot be written as ONNX.`);
    writer.result(node.name, { dataType: 'float32', rank: 4, channelsFirst: true });
  };

const maxPool: Operation = (writer, node) => {
  const [, height = 1, width = 1] = ints(node.attributes.ksize);
  writer.emit('MaxPool', [writer.channelsFirst(argument(node, 0))], node.name, {
    kernel_shape: { ints: [height, width] },
    strides: { ints: ints(node.attributes.strides).slice(1, 3) },
    auto_pad: { text: text(node.attributes.padding) === 'SAME' ? 'SAME_UPPER' : 'VALID' },
  });
  writer.result(node.name, { dataType: 'float32', rank: 4, channelsFirst: true });
};

/** Of a photo's rows and columns where its channels come first; else of whatever axes. */
const pad: Operation = (writer, node) => {
  const x = writer.value(argument(node, 0));
  // [axes, 2], where ONNX has all that is before and then all that is behind.
  const around = writer.numbers(argument(node, 1));
  const axes = Array.from({ length: x.rank }, (_, axis) => axis);
  const order = x.channelsFirst ? [0, 3, 1, 2] : axes;
  const pads = [0, 1].flatMap((end) => order.map((axis) => around[2 * axis + end] as number));
  writer.emit('Pad', [x.name, writer.int64s(pads), writer.plain(argument(node, 2))], node.name);
  writer.result(node.name, { ...x, name: node.name });
};

/** By TensorFlow's names. */
export const ONNX_OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ...Object.entries(UNARY).map(([name, op]) => [name, unary(op)] as const),
  ...Object.entries(BINARY).map(([name, op]) => [name, binary(op)] as const),
  ...Object.entries(REDUCTIONS).map(([name, op]) => [name, reduction(op)] as const),
  ['AddN', addN],
  ['ArgMax', argMax],
  ['BatchMatMulV2', batchMatMul],
  ['Cast', cast],
  ['ConcatV2', concat],
  ['Conv2D', convolution(false)],
  ['DepthwiseConv2dNative', convolution(true)],
  ['FusedDepthwiseConv2dNative', convolution(true)],
  ['GatherV2', gather],
  ['_LayerNorm', layerNorm],
  ['Identity', identity],
  ['LogSoftmax', lastAxis('LogSoftmax')],
  ['MatMul', matMul],
  ['MaxPool', maxPool],
  ['OneHot', oneHot],
  ['PadV2', pad],
  ['Relu6', relu6],
  ['Reshape', reshape],
  ['Rsqrt', rsqrt],
  ['Shape', shape],
  ['Slice', slice],
  ['Softmax', lastAxis('Softmax')],
  ['SplitV', split],
  ['Square', square],
  ['Tile', tile],
  ['TopKV2', topK],
  ['Transpose', transpose],
  ['_FusedConv2D', convolution(false)],
]);

function argument({ inputs, name }: NodeDef, index: number): string {
  const input = inputs[index];
  if (input === undefined) throw new Error(`${name} lacks an argument.`);
  return input;
}

const flag = (value: Attribute | undefined): boolean => Boolean(value && 'bool' in value && value.bool);
const ints = (value: Attribute | undefined): readonly number[] => (value && 'ints' in value ? value.ints : []);
const text = (value: Attribute | undefined): string => (value && 'text' in value ? value.text : '');
const texts = (value: Attribute | undefined): readonly string[] => (value && 'texts' in value ? value.texts : []);
