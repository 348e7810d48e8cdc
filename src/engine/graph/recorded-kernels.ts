import * as tf from '@tensorflow/tfjs-core';
import { LAYER_NORM } from '../layers/layer-norm.ts';
import type { Attribute, DataType } from './graph-def.ts';
import type { Recorded, Recorder } from './recorder.ts';
import { ONE_ROW } from './unfuse.ts';

/** What a kernel is given, by tfjs's names of its arguments. */
export type Inputs = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;

/** How a tfjs kernel is said in TensorFlow's operations. */
type Kernel = (recorder: Recorder, inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[];

/** Kernels of one argument whose result has its shape: tfjs's name and TensorFlow's are one. */
const UNARY = [
  'Abs',
  'Erf',
  'Exp',
  'Identity',
  'Log',
  'Neg',
  'Relu',
  'Relu6',
  'Rsqrt',
  'Sigmoid',
  'Sqrt',
  'Square',
  'Tanh',
];

/** Kernels of two arguments that are broadcast. */
const BINARY: Readonly<Record<string, string>> = {
  Add: 'AddV2',
  Maximum: 'Maximum',
  Minimum: 'Minimum',
  Multiply: 'Mul',
  RealDiv: 'RealDiv',
  Sub: 'Sub',
};

const REDUCTIONS = ['Max', 'Mean', 'Min', 'Prod', 'Sum'];

const unary =
  (op: string, argument = 'x'): Kernel =>
  (recorder, inputs) => {
    const x = recorder.recorded(input(inputs, argument));
    return recorder.add(op, [x.node], { T: { type: x.dataType } }, x);
  };

const binary =
  (op: string): Kernel =>
  (recorder, inputs) => {
    const [a, b] = [recorder.recorded(input(inputs, 'a')), recorder.recorded(input(inputs, 'b'))];
    const shape = tf.broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
    return recorder.add(op, [a.node, b.node], { T: { type: a.dataType } }, { dataType: a.dataType, shape });
  };

const reduction =
  (op: string): Kernel =>
  (recorder, inputs, attributes) => {
    const x = recorder.recorded(input(inputs, 'x'));
    type Axes = number | number[];
    const { axis, keepDims, reductionIndices } = attributes as {
      axis: Axes;
      keepDims?: boolean;
      reductionIndices?: Axes;
    };
    // One of them (Max) calls its axes otherwise.
    const axes = tf.util.parseAxisParam(reductionIndices ?? axis, [...x.shape]);
    // A mean of whole numbers is no whole number (tfjs), so it is not TensorFlow's.
    if (op === 'Mean' && x.dataType !== 'float32') throw new Error('A mean of whole numbers cannot be recorded.');
    const reduced = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
    const shape = keepDims ? reduced : reduced.filter((_, i) => !axes.includes(i));
    return recorder.add(
      op,
      [x.node, recorder.integers(axes)],
      { T: { type: x.dataType }, Tidx: INT32, keep_dims: { bool: Boolean(keepDims) } },
      { dataType: x.dataType, shape },
    );
  };

const INT32: Attribute = { type: 'int32' };

/** Layer normalisation over the last axis: not one of TensorFlow's operations (see `unfuse`). */
const layerNorm: Kernel = (recorder, inputs, attributes) => {
  const [x, gain, bias] = ['x', 'gain', 'bias'].map((name) => recorder.recorded(input(inputs, name))) as [
    Recorded,
    Recorded,
    Recorded,
  ];
  const epsilon = { float: attributes['epsilon'] as number };
  return recorder.add('_LayerNorm', [x.node, gain.node, bias.node], { epsilon }, x);
};

/** A softmax over the last axis. */
const softmax: Kernel = (recorder, inputs, { dim }) => {
  const x = recorder.recorded(input(inputs, 'logits'));
  if (dim !== x.shape.length - 1) throw new Error('A softmax of another than the last axis cannot be recorded.');
  return recorder.add('Softmax', [x.node], { T: { type: x.dataType } }, x);
};

/** The largest numbers along the last axis, largest first, and where they are. */
const topK: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const { k, sorted } = attributes as { k: number; sorted: boolean };
  const shape = x.shape.with(-1, k);
  return recorder.addMany(
    'TopKV2',
    [x.node, recorder.integers([k], [])],
    { T: { type: x.dataType }, sorted: { bool: sorted } },
    [
      { dataType: x.dataType, shape },
      { dataType: 'int32', shape },
    ],
  );
};

const matMul: Kernel = (recorder, inputs, attributes) => {
  const [a, b] = [recorder.recorded(input(inputs, 'a')), recorder.recorded(input(inputs, 'b'))];
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
  const T: Attribute = { type: a.dataType };
  const rows = a.shape.at(transposeA ? -1 : -2) as number;
  const columns = b.shape.at(transposeB ? -2 : -1) as number;
  const [inner, other] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
  if (inner !== other)
    throw new Error(`A product of [${a.shape.join(', ')}] and [${b.shape.join(', ')}] does not exist.`);
  if (a.shape.length === 2 && b.shape.length === 2) {
    const how = { T, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } };
    return recorder.add('MatMul', [a.node, b.node], how, { dataType: a.dataType, shape: [rows, columns] });
  }
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const how = {
    T,
    adj_x: { bool: transposeA },
    adj_y: { bool: transposeB },
    ...(rows === 1 && !transposeA && { [ONE_ROW]: { int: Math.max(a.shape.length, b.shape.length) } }),
  };
  return recorder.add('BatchMatMulV2', [a.node, b.node], how, {
    dataType: a.dataType,
    shape: [...batch, rows, columns],
  });
};

const addN: Kernel = (recorder, inputs) => {
  const terms = Object.values(inputs).map((term) => recorder.recorded(term));
  const first = terms[0] as (typeof terms)[number];
  const attributes: Record<string, Attribute> = { N: { int: terms.length }, T: { type: first.dataType } };
  return recorder.add(
    'AddN',
    terms.map((term) => term.node),
    attributes,
    first,
  );
};

const concat: Kernel = (recorder, inputs, attributes) => {
  const parts = Object.values(inputs).map((part) => recorder.recorded(part));
  const first = parts[0] as (typeof parts)[number];
  const [axis] = tf.util.parseAxisParam(attributes['axis'] as number, [...first.shape]) as [number];
  const size = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
  return recorder.add(
    'ConcatV2',
    [...parts.map((part) => part.node), recorder.integers([axis], [])],
    { N: { int: parts.length }, T: { type: first.dataType }, Tidx: INT32 },
    { dataType: first.dataType, shape: first.shape.with(axis, size) },
  );
};

const slice: Kernel = (recorder, inputs, attributes) => {
  const tensor = input(inputs, 'x');
  const x = recorder.recorded(tensor);
  const { begin, size } = attributes as { begin: number | number[]; size: number | number[] };
  const [from, sizes] = tf.slice_util.parseSliceParams(tensor, begin, size) as [number[], number[]];
  // "To the end" is said as such: it holds for every number of rows.
  const written = sizes.map((length, i) => ((from[i] as number) + length === x.shape[i] ? -1 : length));
  return recorder.add(
    'Slice',
    [x.node, recorder.integers(from), recorder.integers(written)],
    { T: { type: x.dataType }, Index: INT32 },
    { dataType: x.dataType, shape: sizes },
  );
};

const splitV: Kernel = (recorder, inputs, attributes) => {
  const tensor = input(inputs, 'x');
  const x = recorder.recorded(tensor);
  const { numOrSizeSplits, axis } = attributes as { numOrSizeSplits: number | number[]; axis: number };
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]) as [number];
  const sizes = tf.backend_util.prepareSplitSize(tensor, numOrSizeSplits, along);
  return recorder.addMany(
    'SplitV',
    [x.node, recorder.integers(sizes), recorder.integers([along], [])],
    { T: { type: x.dataType }, Tlen: INT32, num_split: { int: sizes.length } },
    sizes.map((size) => ({ dataType: x.dataType, shape: x.shape.with(along, size) })),
  );
};

const gather: Kernel = (recorder, inputs, attributes) => {
  const [x, indices] = [recorder.recorded(input(inputs, 'x')), recorder.recorded(input(inputs, 'indices'))];
  const { axis, batchDims } = attributes as { axis: number; batchDims: number };
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]) as [number];
  const shape = [...x.shape.slice(0, along), ...indices.shape.slice(batchDims), ...x.shape.slice(along + 1)];
  return recorder.add(
    'GatherV2',
    [x.node, indices.node, recorder.integers([along], [])],
    {
      Tparams: { type: x.dataType },
      Tindices: { type: indices.dataType },
      Taxis: INT32,
      batch_dims: { int: batchDims },
    },
    { dataType: x.dataType, shape },
  );
};

const reshape: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const size = x.shape.reduce((a, b) => a * b, 1);
  const shape = tf.util.inferFromImplicitShape(attributes['shape'] as number[], size);
  return reshapeTo(recorder, x, shape);
};

const expandDims: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'input'));
  const dim = attributes['dim'] as number;
  return reshapeTo(recorder, x, x.shape.toSpliced(dim < 0 ? x.shape.length + dim + 1 : dim, 0, 1));
};

function reshapeTo(
  recorder: Recorder,
  x: { node: string; dataType: DataType },
  shape: readonly number[],
): tf.TensorInfo {
  const attributes: Record<string, Attribute> = { T: { type: x.dataType }, Tshape: INT32 };
  return recorder.add('Reshape', [x.node, recorder.shape(shape)], attributes, { dataType: x.dataType, shape });
}

const cast: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const dtype = attributes['dtype'] as DataType;
  return recorder.add(
    'Cast',
    [x.node],
    { SrcT: { type: x.dataType }, DstT: { type: dtype } },
    { ...x, dataType: dtype },
  );
};

const transpose: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const perm = attributes['perm'] as number[];
  const shape = perm.map((axis) => x.shape[axis] as number);
  const how: Record<string, Attribute> = { T: { type: x.dataType }, Tperm: INT32 };
  return recorder.add('Transpose', [x.node, recorder.integers(perm)], how, { dataType: x.dataType, shape });
};

const tile: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const reps = attributes['reps'] as number[];
  const shape = x.shape.map((size, i) => size * (reps[i] as number));
  const how: Record<string, Attribute> = { T: { type: x.dataType }, Tmultiples: INT32 };
  return recorder.add('Tile', [x.node, recorder.integers(reps)], how, { dataType: x.dataType, shape });
};

const argMax: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const [axis] = tf.util.parseAxisParam(attributes['axis'] as number, [...x.shape]) as [number];
  return recorder.add(
    'ArgMax',
    [x.node, recorder.integers([axis], [])],
    { T: { type: x.dataType }, Tidx: INT32, output_type: INT32 },
    { dataType: 'int32', shape: x.shape.toSpliced(axis, 1) },
  );
};

const oneHot: Kernel = (recorder, inputs, attributes) => {
  const indices = recorder.recorded(input(inputs, 'indices'));
  const { depth, onValue, offValue, dtype } = attributes as {
    depth: number;
    onValue: number;
    offValue: number;
    dtype: DataType;
  };
  const value = (number: number): string => recorder.name(tf.scalar(number, dtype));
  return recorder.add(
    'OneHot',
    [indices.node, recorder.integers([depth], []), value(onValue), value(offValue)],
    { TI: { type: indices.dataType }, T: { type: dtype }, axis: { int: -1 } },
    { dataType: dtype, shape: [...indices.shape, depth] },
  );
};

const ACTIVATIONS: Readonly<Record<string, string[]>> = { linear: [], relu: ['Relu'], relu6: ['Relu6'] };

/** A convolution with its bias and activation, under the name that files of encoders have for it. */
const convolution: Kernel = (recorder, inputs, attributes) => {
  const [x, filter] = [recorder.recorded(input(inputs, 'x')), recorder.recorded(input(inputs, 'filter'))];
  const { activation, dilations, pad, strides } = attributes as {
    activation: string;
    dilations: [number, number];
    pad: 'same' | 'valid';
    strides: [number, number];
  };
  const fused = ACTIVATIONS[activation];
  if (!fused) throw new Error(`A convolution with the activation ${activation} cannot be recorded.`);
  const sizes = [x.shape, filter.shape] as [Square, Square];
  const { outShape } = tf.backend_util.computeConv2DInfo(...sizes, strides, dilations, pad);
  return recorder.add(
    '_FusedConv2D',
    [x.node, filter.node, recorder.name(input(inputs, 'bias'))],
    {
      T: { type: x.dataType },
      strides: { ints: [1, ...strides, 1] },
      padding: { text: pad.toUpperCase() },
      data_format: { text: 'NHWC' },
      dilations: { ints: [1, ...dilations, 1] },
      fused_ops: { texts: ['BiasAdd', ...fused] },
      num_args: { int: 1 },
      epsilon: { float: 0 },
    },
    { dataType: x.dataType, shape: outShape },
  );
};

type Square = [number, number, number, number];

const maxPool: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const { filterSize, pad, strides } = attributes as {
    filterSize: number | [number, number];
    pad: 'same' | 'valid';
    strides: number | [number, number];
  };
  const info = tf.backend_util.computePool2DInfo(x.shape as Square, filterSize, strides, 1, pad);
  return recorder.add(
    'MaxPool',
    [x.node],
    {
      T: { type: x.dataType },
      ksize: { ints: [1, info.filterHeight, info.filterWidth, 1] },
      strides: { ints: [1, info.strideHeight, info.strideWidth, 1] },
      padding: { text: pad.toUpperCase() },
      data_format: { text: 'NHWC' },
    },
    { dataType: x.dataType, shape: info.outShape },
  );
};

const pad: Kernel = (recorder, inputs, attributes) => {
  const x = recorder.recorded(input(inputs, 'x'));
  const { constantValue, paddings } = attributes as { constantValue: number; paddings: [number, number][] };
  const shape = x.shape.map((size, i) => size + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
  return recorder.add(
    'PadV2',
    [
      x.node,
      recorder.integers(paddings.flat(), [paddings.length, 2]),
      recorder.name(tf.scalar(constantValue, x.dataType)),
    ],
    { T: { type: x.dataType }, Tpaddings: INT32 },
    { dataType: x.dataType, shape },
  );
};

/** The kernels that can be recorded, by tfjs's names. */
export const RECORDED_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ...UNARY.map((name) => [name, unary(name)] as const),
  ...Object.entries(BINARY).map(([name, op]) => [name, binary(op)] as const),
  ...REDUCTIONS.map((name) => [name, reduction(name)] as const),
  ['AddN', addN],
  ['ArgMax', argMax],
  ['BatchMatMul', matMul],
  ['Cast', cast],
  ['Concat', concat],
  ['ExpandDims', expandDims],
  ['FusedConv2D', convolution],
  ['GatherV2', gather],
  [LAYER_NORM, layerNorm],
  ['LogSoftmax', unary('LogSoftmax', 'logits')],
  ['MaxPool', maxPool],
  ['OneHot', oneHot],
  ['PadV2', pad],
  ['Reshape', reshape],
  ['Slice', slice],
  ['Softmax', softmax],
  ['SplitV', splitV],
  ['Tile', tile],
  ['TopK', topK],
  ['Transpose', transpose],
]);

function input(inputs: Inputs, name: string): tf.Tensor {
  return inputs[name] as tf.Tensor;
}
