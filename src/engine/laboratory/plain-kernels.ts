import * as tf from '@tensorflow/tfjs-core';

/** The plain JavaScript backend, as far as kernels use it. */
interface PlainBackend {
  readonly data: { get(dataId: object): { values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
}

interface Kernel {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>> | tf.TensorInfo[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: PlainBackend;
}
type Fast = (kernel: Kernel) => tf.TensorInfo | tf.TensorInfo[] | undefined;

const BACKEND = 'cpu';

/**
 * Puts faster kernels in the place of those that the plain JavaScript backend spends its time in while a small model is
 * trained: matrix products, sums, differences and products, what is done to each number, the softmax, and what moves boxes of
 * numbers (slices, splits, padding, transposition, rows that are looked up). They compute the same. Gradients stay TensorFlow.js' own, made of such kernels. Types and shapes that they
 * are not made for go the usual way.
 */
export function usePlainKernels(): void {
  replace('BatchMatMul', matMul);
  replace('Add', (kernel) => elementwise(kernel, addInto) ?? elementwise(swapped(kernel), addInto));
  replace('Multiply', (kernel) => elementwise(kernel, multiplyInto) ?? elementwise(swapped(kernel), multiplyInto));
  replace('Sub', (kernel) => elementwise(kernel, subtractInto) ?? elementwise(swapped(kernel), subtractFromInto));
  replace('Sum', sum);
  replace('UnsortedSegmentSum', segmentSum);
  replace('Slice', slice);
  replace('SplitV', split);
  replace('PadV2', pad);
  replace('Transpose', transpose);
  replace('Concat', concat);
  replace('Unpack', unpack);
  replace('GatherV2', gatherRows);
  replace('Softmax', softmax);
  replace('Neg', (kernel) => unary(kernel, negateInto));
  replace('Square', (kernel) => unary(kernel, squareInto));
  replace('Tanh', (kernel) => unary(kernel, tanhInto));
  replace('Sigmoid', (kernel) => unary(kernel, sigmoidInto));
}

/** @param fast gives nothing for inputs that it is not made for */
function replace(kernelName: string, fast: Fast): void {
  const usual = tf.getKernel(kernelName, BACKEND);
  tf.unregisterKernel(kernelName, BACKEND);
  const kernelFunc: tf.KernelFunc = (given) => fast(given as unknown as Kernel) ?? usual.kernelFunc(given);
  tf.registerKernel({ ...usual, kernelFunc });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const isFloat = (...tensors: (tf.TensorInfo | undefined)[]): boolean => tensors.every((x) => x?.dtype === 'float32');

/** out[o, m, i] = a[o, m, i] ∘ b[o, i]: b is repeated along the middle. */
type Into = (a: Float32Array, b: Float32Array, out: Float32Array, outer: number, middle: number, inner: number) => void;

/** Where b has the shape of a, but for axes side by side along which it is repeated: a whole tensor, a row, a query, a number. */
function elementwise({ backend, inputs }: Kernel, into: Into): tf.TensorInfo | undefined {
  const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>;
  const rank = a.shape.length;
  if (!isFloat(a, b) || b.shape.length > rank) return undefined;
  const shape = [...new Array<number>(rank - b.shape.length).fill(1), ...b.shape];
  const isOwn = (size: number, axis: number): boolean => size === a.shape[axis];
  let [begin, end] = [0, rank];
  while (begin < end && isOwn(shape[begin]!, begin)) begin++;
  while (end > begin && isOwn(shape[end - 1]!, end - 1)) end--;
  if (shape.slice(begin, end).some((size) => size !== 1)) return undefined;
  const [outer, middle, inner] = [a.shape.slice(0, begin), a.shape.slice(begin, end), a.shape.slice(end)].map(sizeOf);
  const out = new Float32Array(sizeOf(a.shape));
  into(backend.data.get(a.dataId).values, backend.data.get(b.dataId).values, out, outer!, middle!, inner!);
  return backend.makeTensorInfo(a.shape, 'float32', out);
}

const swapped = (kernel: Kernel): Kernel => {
  const { a, b } = kernel.inputs as Record<'a' | 'b', tf.TensorInfo>;
  return { ...kernel, inputs: { a: b, b: a } };
};

const addInto: Into = (a, b, out, outer, middle, inner) => {
  for (let o = 0, at = 0; o < outer; o++)
    for (let m = 0; m < middle; m++)
      for (let i = 0, from = o * inner; i < inner; i++, at++) out[at] = a[at]! + b[from + i]!;
};

const subtractInto: Into = (a, b, out, outer, middle, inner) => {
  for (let o = 0, at = 0; o < outer; o++)
    for (let m = 0; m < middle; m++)
      for (let i = 0, from = o * inner; i < inner; i++, at++) out[at] = a[at]! - b[from + i]!;
};

/** b − a: where it is the first that is repeated. */
const subtractFromInto: Into = (a, b, out, outer, middle, inner) => {
  for (let o = 0, at = 0; o < outer; o++)
    for (let m = 0; m < middle; m++)
      for (let i = 0, from = o * inner; i < inner; i++, at++) out[at] = b[from + i]! - a[at]!;
};

const multiplyInto: Into = (a, b, out, outer, middle, inner) => {
  for (let o = 0, at = 0; o < outer; o++)
    for (let m = 0; m < middle; m++)
      for (let i = 0, from = o * inner; i < inner; i++, at++) out[at] = a[at]! * b[from + i]!;
};

/** Over axes side by side: of rows, as in the gradient of a bias; of what was repeated; of everything. */
function sum({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { x } = inputs as Record<string, tf.TensorInfo>;
  const { axis, keepDims } = attrs as { axis: number | number[]; keepDims: boolean };
  if (!x || !isFloat(x)) return undefined;
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((one, other) => one - other);
  const [first, last] = [axes[0], axes.at(-1)];
  if (first === undefined || last === undefined || last - first !== axes.length - 1) return undefined;
  const [before, over, behind] = [x.shape.slice(0, first), x.shape.slice(first, last + 1), x.shape.slice(last + 1)];
  const [outer, middle, inner] = [sizeOf(before), sizeOf(over), sizeOf(behind)];
  const values = backend.data.get(x.dataId).values;
  const out = new Float32Array(outer * inner);
  if (inner === 1) {
    for (let o = 0, at = 0; o < outer; o++) {
      let total = 0;
      for (let m = 0; m < middle; m++) total += values[at++]!;
      out[o] = total;
    }
  } else {
    for (let o = 0, at = 0; o < outer; o++)
      for (let m = 0; m < middle; m++)
        for (let i = 0, to = o * inner; i < inner; i++) out[to + i] = out[to + i]! + values[at++]!;
  }
  return backend.makeTensorInfo([...before, ...(keepDims ? over.map(() => 1) : []), ...behind], 'float32', out);
}

/** What becomes of each number. */
type Each = (x: Float32Array, out: Float32Array) => void;

function unary({ backend, inputs }: Kernel, into: Each): tf.TensorInfo | undefined {
  const { x } = inputs as Record<'x', tf.TensorInfo>;
  if (!isFloat(x)) return undefined;
  const values = backend.data.get(x.dataId).values;
  const out = new Float32Array(values.length);
  into(values, out);
  return backend.makeTensorInfo(x.shape, 'float32', out);
}

const negateInto: Each = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = -x[i]!;
};

const squareInto: Each = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = x[i]! * x[i]!;
};

const tanhInto: Each = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.tanh(x[i]!);
};

const sigmoidInto: Each = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = 1 / (1 + Math.exp(-x[i]!));
};

/** Over the last axis. */
function softmax({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { logits } = inputs as Record<'logits', tf.TensorInfo>;
  const width = logits.shape.at(-1);
  const { dim } = attrs as { dim: number };
  if (!isFloat(logits) || !width || (dim !== -1 && dim !== logits.shape.length - 1)) return undefined;
  const values = backend.data.get(logits.dataId).values;
  const out = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += width) {
    let [most, total] = [-Infinity, 0];
    for (let i = from; i < from + width; i++) most = Math.max(most, values[i]!);
    for (let i = from; i < from + width; i++) total += out[i] = Math.exp(values[i]! - most);
    for (let i = from; i < from + width; i++) out[i] = out[i]! / total;
  }
  return backend.makeTensorInfo(logits.shape, 'float32', out);
}

/** Rows of a matrix, by their numbers. */
function gatherRows({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { indices, x } = inputs as Record<'indices' | 'x', tf.TensorInfo>;
  const { axis, batchDims } = attrs as { axis: number; batchDims: number };
  if (!isFloat(x) || x.shape.length !== 2 || axis !== 0 || batchDims !== 0) return undefined;
  const [rows, width] = x.shape as [number, number];
  const values = backend.data.get(x.dataId).values;
  const places = backend.data.get(indices.dataId).values;
  if (!places.every((row) => row >= 0 && row < rows)) return undefined;
  const out = new Float32Array(places.length * width);
  for (let place = 0; place < places.length; place++) {
    for (let j = 0; j < width; j++) out[place * width + j] = values[places[place]! * width + j]!;
  }
  return backend.makeTensorInfo([...indices.shape, width], 'float32', out);
}

/** The sum of the rows of each segment: the gradient of a look-up, where the usual kernel goes through all rows for each. */
function segmentSum({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { segmentIds, x } = inputs as Record<string, tf.TensorInfo>;
  const { numSegments } = attrs as { numSegments: number };
  if (!x || !segmentIds || !isFloat(x) || segmentIds.shape.length !== 1) return undefined;
  const width = sizeOf(x.shape.slice(1));
  const values = backend.data.get(x.dataId).values;
  const segments = backend.data.get(segmentIds.dataId).values;
  const out = new Float32Array(numSegments * width);
  for (let row = 0; row < segments.length; row++) {
    const [from, to] = [row * width, segments[row]! * width];
    for (let j = 0; j < width; j++) out[to + j] = out[to + j]! + values[from + j]!;
  }
  return backend.makeTensorInfo([numSegments, ...x.shape.slice(1)], 'float32', out);
}

/** Numbers in a shape, and where in it a box of them begins. */
interface Place {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  readonly begin: readonly number[];
}

/** Copies a box, run by run along the last axis. @param size of the box, of the rank of both shapes */
function copyBox(from: Place, to: Place, size: readonly number[]): void {
  const rank = size.length;
  const run = rank === 0 ? 1 : (size[rank - 1] as number);
  const runs = run === 0 ? 0 : sizeOf(size) / run;
  const index = new Array<number>(rank).fill(0);
  const offset = ({ begin, shape }: Place): number => {
    let at = 0;
    for (let axis = 0; axis < rank; axis++) at = at * (shape[axis] as number) + (begin[axis] as number) + index[axis]!;
    return at;
  };
  for (let i = 0; i < runs; i++) {
    const [source, target] = [offset(from), offset(to)];
    for (let j = 0; j < run; j++) to.values[target + j] = from.values[source + j]!;
    for (let axis = rank - 2; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if (index[axis] !== size[axis]) break;
      index[axis] = 0;
    }
  }
}

function cut(
  backend: PlainBackend,
  x: tf.TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): tf.TensorInfo {
  const values = new Float32Array(sizeOf(size));
  const from = { values: backend.data.get(x.dataId).values, shape: x.shape, begin };
  copyBox(from, { values, shape: size, begin: size.map(() => 0) }, size);
  return backend.makeTensorInfo([...size], 'float32', values);
}

function slice({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { x } = inputs as Record<string, tf.TensorInfo>;
  const { begin, size } = attrs as Record<'begin' | 'size', number | number[]>;
  if (!x || !isFloat(x) || !Array.isArray(begin) || !Array.isArray(size)) return undefined;
  if (begin.length !== x.shape.length || size.length !== x.shape.length) return undefined;
  const whole = size.map((own, axis) => (own < 0 ? (x.shape[axis] as number) - (begin[axis] as number) : own));
  return cut(backend, x, begin, whole);
}

function split({ attrs, backend, inputs }: Kernel): tf.TensorInfo[] | undefined {
  const { x } = inputs as Record<string, tf.TensorInfo>;
  const { axis: given, numOrSizeSplits } = attrs as { axis: number; numOrSizeSplits: number | number[] };
  if (!x || !isFloat(x)) return undefined;
  const axis = given < 0 ? given + x.shape.length : given;
  const length = x.shape[axis] as number;
  const sizes =
    typeof numOrSizeSplits === 'number'
      ? new Array<number>(numOrSizeSplits).fill(length / numOrSizeSplits)
      : numOrSizeSplits;
  if (sizes.includes(-1)) return undefined;
  const begin = x.shape.map(() => 0);
  return sizes.map((size) => {
    const part = cut(
      backend,
      x,
      begin,
      x.shape.map((own, i) => (i === axis ? size : own)),
    );
    begin[axis] = (begin[axis] as number) + size;
    return part;
  });
}

function pad({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { x } = inputs as Record<string, tf.TensorInfo>;
  const { constantValue, paddings } = attrs as { constantValue: number; paddings: [number, number][] };
  if (!x || !isFloat(x) || paddings.length !== x.shape.length) return undefined;
  const shape = x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]);
  const values = new Float32Array(sizeOf(shape)).fill(constantValue);
  const from = { values: backend.data.get(x.dataId).values, shape: x.shape, begin: x.shape.map(() => 0) };
  copyBox(from, { values, shape, begin: paddings.map(([before]) => before) }, x.shape);
  return backend.makeTensorInfo(shape, 'float32', values);
}

/** What stands one beside the other along an axis. */
function concat({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { axis: given } = attrs as { axis: number };
  const parts = Object.values(inputs);
  const [first] = parts;
  if (!first || !isFloat(...parts)) return undefined;
  const axis = given < 0 ? given + first.shape.length : given;
  const outer = sizeOf(first.shape.slice(0, axis));
  const runs = parts.map(({ shape }) => sizeOf(shape.slice(axis)));
  const whole = runs.reduce((total, run) => total + run, 0);
  const out = new Float32Array(outer * whole);
  let begin = 0;
  for (const [place, { dataId }] of parts.entries()) {
    const run = runs[place] as number;
    const values = backend.data.get(dataId).values;
    for (let o = 0; o < outer; o++) {
      for (let j = 0, from = o * run, to = o * whole + begin; j < run; j++) out[to + j] = values[from + j]!;
    }
    begin += run;
  }
  const size = parts.reduce((total, { shape }) => total + (shape[axis] as number), 0);
  return backend.makeTensorInfo(first.shape.with(axis, size), 'float32', out);
}

/** The parts along an axis, each without it. */
function unpack({ attrs, backend, inputs }: Kernel): tf.TensorInfo[] | undefined {
  const { value } = inputs as Record<'value', tf.TensorInfo>;
  const { axis: given } = attrs as { axis: number };
  if (!isFloat(value)) return undefined;
  const axis = given < 0 ? given + value.shape.length : given;
  const shape = value.shape.toSpliced(axis, 1);
  const [count, outer, inner] = [
    value.shape[axis] as number,
    ...[value.shape.slice(0, axis), value.shape.slice(axis + 1)].map(sizeOf),
  ] as [number, number, number];
  const values = backend.data.get(value.dataId).values;
  return Array.from({ length: count }, (_, part) => {
    const out = new Float32Array(outer * inner);
    for (let o = 0; o < outer; o++) {
      for (let i = 0, from = (o * count + part) * inner; i < inner; i++) out[o * inner + i] = values[from + i]!;
    }
    return backend.makeTensorInfo(shape, 'float32', out);
  });
}

/** Of at most four axes. */
function transpose({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { x } = inputs as Record<string, tf.TensorInfo>;
  const { perm } = attrs as { perm: number[] };
  if (!x || !isFloat(x) || x.shape.length > 4) return undefined;
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  const shape = perm.map((axis) => x.shape[axis] as number);
  const steps = perm.map((axis) => strides[axis] as number);
  while (steps.length < 4) steps.unshift(0);
  const [n0, n1, n2, n3] = [...new Array<number>(4 - shape.length).fill(1), ...shape] as [
    number,
    number,
    number,
    number,
  ];
  const [s0, s1, s2, s3] = steps as [number, number, number, number];
  const from = backend.data.get(x.dataId).values;
  const out = new Float32Array(from.length);
  let at = 0;
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++)
      for (let k = 0; k < n2; k++) {
        const start = i * s0 + j * s1 + k * s2;
        for (let l = 0; l < n3; l++) out[at++] = from[start + l * s3]!;
      }
  return backend.makeTensorInfo(shape, 'float32', out);
}

/** Products of as many matrices as there are, or of each with the only one of the other side. */
function matMul({ attrs, backend, inputs }: Kernel): tf.TensorInfo | undefined {
  const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>;
  if (!isFloat(a, b)) return undefined;
  const { transposeA = false, transposeB = false } = attrs as { transposeA?: boolean; transposeB?: boolean };
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, inner, n] = [transposeA ? aColumns : aRows, transposeA ? aRows : aColumns, transposeB ? bRows : bColumns];
  const [aOuter, bOuter] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [aCount, bCount] = [sizeOf(aOuter), sizeOf(bOuter)];
  if (aCount !== bCount && aCount !== 1 && bCount !== 1) return undefined;
  const count = Math.max(aCount, bCount);
  const [aValues, bValues] = [backend.data.get(a.dataId).values, backend.data.get(b.dataId).values];
  const out = new Float32Array(count * m * n);
  for (let i = 0; i < count; i++) {
    const aFrom = aCount === 1 ? 0 : i * m * inner;
    const bFrom = bCount === 1 ? 0 : i * inner * n;
    const left = transposeA ? turned(aValues, aFrom, inner, m) : aValues.subarray(aFrom, aFrom + m * inner);
    const right = transposeB ? turned(bValues, bFrom, n, inner) : bValues.subarray(bFrom, bFrom + inner * n);
    multiply(left, right, out.subarray(i * m * n, (i + 1) * m * n), m, inner, n);
  }
  return backend.makeTensorInfo([...(aCount >= bCount ? aOuter : bOuter), m, n], 'float32', out);
}

/** The rows of a matrix as columns. */
function turned(values: Float32Array, from: number, rows: number, columns: number): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[from + row * columns + column]!;
  }
  return out;
}

/**
 * out += a b: four rows of b at a time, so that out is read and written a quarter as often, and two rows of a, so that b is
 * read half as often.
 */
function multiply(a: Float32Array, b: Float32Array, out: Float32Array, m: number, inner: number, n: number): void {
  const whole = inner - (inner % 4);
  const pairs = m - (m % 2);
  for (let i = 0; i < pairs; i += 2) {
    const [row, next] = [i * n, (i + 1) * n];
    for (let k = 0; k < whole; k += 4) {
      const at = i * inner + k;
      const a0 = a[at]!;
      const a1 = a[at + 1]!;
      const a2 = a[at + 2]!;
      const a3 = a[at + 3]!;
      const c0 = a[at + inner]!;
      const c1 = a[at + inner + 1]!;
      const c2 = a[at + inner + 2]!;
      const c3 = a[at + inner + 3]!;
      for (let j = 0, from = k * n; j < n; j++, from++) {
        const b0 = b[from]!;
        const b1 = b[from + n]!;
        const b2 = b[from + 2 * n]!;
        const b3 = b[from + 3 * n]!;
        out[row + j] = out[row + j]! + a0 * b0 + a1 * b1 + a2 * b2 + a3 * b3;
        out[next + j] = out[next + j]! + c0 * b0 + c1 * b1 + c2 * b2 + c3 * b3;
      }
    }
  }
  for (let i = 0; i < m; i++) {
    const row = i * n;
    // What the pairs of rows have left over: the last row of an odd number, and the last rows of b.
    for (let k = i < pairs ? whole : 0; k < inner; k++) {
      const own = a[i * inner + k]!;
      for (let j = 0; j < n; j++) out[row + j] = out[row + j]! + own * b[k * n + j]!;
    }
  }
}
