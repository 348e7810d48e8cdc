import * as tf from '@tensorflow/tfjs-core';
import type { ConstantTensor, DataType, GraphDef, NodeDef, TensorInfo } from './graph-def.ts';
import { constant, constantOf, integers, placeholder, prune } from './graph-def.ts';
import { RECORDED_KERNELS, type Inputs } from './recorded-kernels.ts';
import { Recorder } from './recorder.ts';
import { placeOf } from './weight-place.ts';

/** An input of a recorded computation. */
export interface Feed {
  readonly dataType: DataType;
  /** A word stands for a size that differs from run to run: `['rows', 512]`. */
  readonly shape: readonly (number | string)[];
}

/** A computation as a graph. */
export interface Traced {
  readonly graph: GraphDef;
  /** The tensors that the computation used and was not given, by the names under which the graph takes them. */
  readonly weights: ReadonlyMap<string, tf.Tensor>;
}

type Tensors = Readonly<Record<string, tf.Tensor>>;

const BACKEND = 'recorder';

/**
 * Records what a function of tensors computes, as a graph of TensorFlow's operations.
 *
 * The function runs twice on a backend that only writes down, with two different numbers for each size
 * that is a word. Where the two records differ, a size was at work: in a shape to reshape to it becomes
 * "whatever is left", or where there are several of them the size of the input that it is; anywhere else the graph
 * would be wrong for other sizes, and that is an error. Real
 * tensors that the function uses (weights) are neither read nor moved: they become inputs as well.
 *
 * The function must do the same at every call but for the sizes, and read no numbers.
 *
 * @throws Error that names the operation where one cannot be recorded, or depends on a size in another way
 */
export function trace<I extends Readonly<Record<string, Feed>>>(
  feeds: I,
  compute: (inputs: { [key in keyof I]: tf.Tensor }) => Tensors,
): Traced {
  const [first, second] = [record(feeds, compute, 1009), record(feeds, compute, 2003)];
  const { weights } = first;
  if (weights.length !== second.weights.length || weights.some((w, i) => w.dataId !== second.weights[i]?.dataId)) {
    throw new Error('The computation uses other weights at each call, so it cannot be recorded.');
  }
  if (first.nodes.length !== second.nodes.length) throw new Error(notTheSame('The number of operations'));
  const sizes = first.sizes.map((size, i): OpenSize => ({ ...size, other: (second.sizes[i] as Size).value }));
  const nodes = first.nodes.flatMap((node, i) => merged(node, second.nodes[i], first.shapes, sizes));
  const names = weights.map((_, i) => `weight/${i}`);
  const graph: GraphDef = {
    nodes,
    inputs: Object.fromEntries([
      ...Object.entries(feeds).map(([name, { dataType, shape }]): [string, TensorInfo] => [
        name,
        { node: name, dataType, shape: shape.map((size) => (typeof size === 'string' ? -1 : size)), sizes: shape },
      ]),
      ...weights.map(({ dtype, shape }, i): [string, TensorInfo] => [
        names[i] as string,
        { node: names[i] as string, dataType: dtype as DataType, shape },
      ]),
    ]),
    outputs: Object.fromEntries(
      Object.entries(first.outputs).map(([key, output]): [string, TensorInfo] => {
        const other = second.outputs[key];
        if (!other) throw new Error(notTheSame('The results'));
        const shape = open(output.shape, other.shape);
        return [key, { ...output, shape, sizes: inWords(output.shape, other.shape, sizes) }];
      }),
    ),
  };
  // Placeholders stay even where nothing needs them: the caller feeds every input.
  const needed = new Set(prune(graph).nodes);
  return {
    graph: { ...graph, nodes: nodes.filter((node) => needed.has(node) || node.op === 'Placeholder') },
    weights: new Map(weights.map((tensor, i) => [names[i] as string, tensor])),
  };
}

/** The graph with its weights inside as constants, read now; those that lie in a file, when somebody asks for them. */
export function bake({ graph, weights }: Traced): GraphDef {
  const values = new Map([...weights].map(([name, tensor]): [string, ConstantTensor] => [name, valueOf(tensor)]));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const value = values.get(node.name);
      return value ? constant(node.name, value) : node;
    }),
    inputs: Object.fromEntries(Object.entries(graph.inputs).filter(([name]) => !values.has(name))),
  };
}

function valueOf(tensor: tf.Tensor): ConstantTensor {
  const known = { dataType: tensor.dtype as DataType, shape: tensor.shape, exact: true };
  const place = placeOf(tensor);
  if (!place) return { ...known, data: tensor.dataSync<DataType>() };
  return {
    ...known,
    place,
    get data() {
      return tensor.dataSync<DataType>();
    },
  };
}

interface Recording extends Pick<Recorder, 'nodes' | 'weights' | 'shapes'> {
  outputs: Readonly<Record<string, TensorInfo>>;
  sizes: readonly Size[];
}

/** A size that is a word, in one record. */
interface Size {
  readonly word: string;
  /** An input that has it, and along which axis. */
  readonly feed: string;
  readonly dataType: DataType;
  readonly axis: number;
  /** What it was. */
  readonly value: number;
}

/** The same, with what it was in the other record. */
interface OpenSize extends Size {
  readonly other: number;
}

/** One run on the recording backend. @param size what the first word of a shape stands for */
function record(feeds: Readonly<Record<string, Feed>>, compute: (inputs: never) => Tensors, size: number): Recording {
  const words = [...new Set(Object.values(feeds).flatMap(({ shape }) => shape.filter((s) => typeof s === 'string')))];
  const sizeOf = (s: number | string): number => (typeof s === 'number' ? s : size + 2 * words.indexOf(s));
  const sizes = words.map((word): Size => {
    const [feed, { dataType, shape }] = Object.entries(feeds).find(([, { shape }]) => shape.includes(word)) as [
      string,
      Feed,
    ];
    return { word, feed, dataType, axis: shape.indexOf(word), value: sizeOf(word) };
  });
  return onRecorder((recorder) => {
    let outputs: Recording['outputs'] = {};
    tf.tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, { dataType, shape }]) => [
          name,
          recorder.feed(name, dataType, shape.map(sizeOf)),
        ]),
      );
      outputs = Object.fromEntries(
        Object.entries(compute(inputs as never)).map(([key, tensor]): [string, TensorInfo] => {
          const { node, dataType, shape } = recorder.recorded(tensor);
          // What is fed may be asked for only under another name.
          const name = `result/${key}`;
          recorder.nodes.push({ name, op: 'Identity', inputs: [node], attributes: { T: { type: dataType } } });
          return [key, { node: name, dataType, shape }];
        }),
      );
    });
    const { nodes, weights, shapes } = recorder;
    return { nodes, weights, shapes, outputs, sizes };
  });
}

/** Runs `action` while the recording backend is the one in use; afterwards everything is as it was. */
function onRecorder<T>(action: (recorder: Recorder) => T): T {
  const before = tf.getBackend();
  registerKernels();
  const recorder = new Recorder();
  // Of the lowest priority: never chosen by itself.
  tf.registerBackend(BACKEND, () => recorder, -1);
  try {
    use(BACKEND);
    return action(recorder);
  } catch (error) {
    const kernel = error instanceof Error && /^Kernel '(\w+)' not registered/.exec(error.message)?.[1];
    if (!kernel) throw error;
    const message = `The operation ${kernel} cannot be recorded: nobody has said how TensorFlow calls it.`;
    throw new Error(message, { cause: error });
  } finally {
    if (before) use(before);
    tf.removeBackend(BACKEND);
  }
}

/** Changes the backend at once: it is there already, so nothing has to be awaited, and nobody else gets a turn. */
function use(backend: string): void {
  void tf.setBackend(backend);
}

let registered = false;

function registerKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, kernel] of RECORDED_KERNELS) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, backend, attrs }) => {
        if (!(backend instanceof Recorder)) throw new Error(`${kernelName} is recorded on another backend.`);
        return kernel(backend, inputs as Inputs, attrs ?? {});
      },
    });
  }
}

/** The node for every size, with what it needs: `a` and `b` are its records at two different ones. */
function merged(
  a: NodeDef,
  b: NodeDef | undefined,
  shapes: ReadonlySet<string>,
  sizes: readonly OpenSize[],
): NodeDef[] {
  if (a.name !== b?.name || a.op !== b.op || a.inputs.join() !== b.inputs.join()) {
    throw new Error(notTheSame(`The operation ${a.name}`));
  }
  if (a.op === 'Placeholder') {
    const { dtype, shape } = a.attributes;
    const [from, other] = [shape, b.attributes.shape];
    if (!dtype || !('type' in dtype) || !from || !('shape' in from) || !other || !('shape' in other)) return [a];
    return [placeholder(a.name, dtype.type, open(from.shape, other.shape))];
  }
  if (a.op === 'Const') {
    const [one, two] = [constantOf(a), constantOf(b)];
    if (shapes.has(a.name)) return mergedShape(a.name, [...one.data], [...two.data], sizes);
    if (one.data.length !== two.data.length || one.data.some((value, i) => !Object.is(value, two.data[i]))) {
      throw new Error(notTheSame(`The constant ${a.name}`));
    }
    return [a];
  }
  if (JSON.stringify(a.attributes) !== JSON.stringify(b.attributes)) {
    throw new Error(notTheSame(`The operation ${a.name}`));
  }
  return [a];
}

/** What to reshape to, as a constant, or where several sizes are open as a vector that is put together at each run. */
function mergedShape(
  name: string,
  one: readonly number[],
  two: readonly number[],
  sizes: readonly OpenSize[],
): NodeDef[] {
  const target = open(one, two);
  if (target.filter((size) => size === -1).length <= 1) return [integers(name, target)];
  const known = target.map((size, i) =>
    size === -1 ? sizes.find(({ other, value }) => value === one[i] && other === two[i]) : undefined,
  );
  if (target.filter((size, i) => size === -1 && !known[i]).length > 1) {
    throw new Error(`${notTheSame(`The shape ${name}`)} in more than one place`);
  }
  const int32 = { type: 'int32' } as const;
  const pieces = target.flatMap((size, i): NodeDef[] => {
    const [piece, open] = [`${name}/${i}`, known[i]];
    if (!open) return [integers(piece, [size])];
    const { axis, dataType, feed } = open;
    return [
      { name: `${piece}/shape`, op: 'Shape', inputs: [feed], attributes: { T: { type: dataType }, out_type: int32 } },
      integers(`${piece}/place`, [axis]),
      constant(`${piece}/axis`, { dataType: 'int32', shape: [], data: Int32Array.of(0) }),
      {
        name: piece,
        op: 'GatherV2',
        inputs: [`${piece}/shape`, `${piece}/place`, `${piece}/axis`],
        attributes: { Tparams: int32, Tindices: int32, Taxis: int32, batch_dims: { int: 0 } },
      },
    ];
  });
  return [
    ...pieces,
    constant(`${name}/axis`, { dataType: 'int32', shape: [], data: Int32Array.of(0) }),
    {
      name,
      op: 'ConcatV2',
      inputs: [...target.map((_, i) => `${name}/${i}`), `${name}/axis`],
      attributes: { N: { int: target.length }, T: int32, Tidx: int32 },
    },
  ];
}

/** Sizes that differ become -1. */
function open(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new Error(notTheSame('The rank of a tensor'));
  return a.map((size, i) => (size === b[i] ? size : -1));
}

/** The same with the words that the sizes are; one that is none of them (a sum) stays -1. */
function inWords(a: readonly number[], b: readonly number[], sizes: readonly OpenSize[]): (number | string)[] {
  return a.map((size, i) =>
    size === b[i] ? size : (sizes.find(({ other, value }) => value === size && other === b[i])?.word ?? -1),
  );
}

const notTheSame = (what: string): string =>
  `The computation cannot be recorded for all sizes: ${what} depends on the size of an input`;
