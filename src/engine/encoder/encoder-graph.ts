import * as tf from '@tensorflow/tfjs-core';
import { convolution } from './convolution.ts';
import type { Activation } from './convolution.ts';

/** Convolution + bias + activation. Batch normalisation is already folded into both. */
export interface ConvolutionNode {
  readonly id: string;
  readonly op: 'conv';
  readonly in: readonly [string];
  /** Name of the kernel. */
  readonly w: string;
  /** Name of the bias. */
  readonly b: string;
  readonly stride: number;
  /** 1, or the number of channels (a depthwise convolution). 1 where left out. */
  readonly groups?: number;
  /** TensorFlow's SAME, so many rows and columns of zeros on each side, or no padding where left out. */
  readonly pad?: 'same' | 'valid' | number;
  /** Nothing where left out. */
  readonly act?: 'relu' | 'relu6';
}

/** The sum of two nodes of the same shape. */
interface AdditionNode {
  readonly id: string;
  readonly op: 'add';
  readonly in: readonly [string, string];
  /** Nothing where left out. */
  readonly act?: 'relu';
}

/** The largest of each window of `size` x `size` numbers that are not negative, `pad` zeros on each side. */
interface MaxPoolingNode {
  readonly id: string;
  readonly op: 'max';
  readonly in: readonly [string];
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

/**
 * A grid of `rows` x `columns` cells of any other, larger or smaller: cell i is the mean of the rows from ⌊i h / rows⌋ to
 * ⌈(i + 1) h / rows⌉, and so of the columns (adaptive average pooling).
 */
interface GridNode {
  readonly id: string;
  readonly op: 'grid';
  readonly in: readonly [string];
  readonly rows: number;
  readonly columns: number;
}

/** Global average pooling, [batch, height, width, channels] to [batch, 1, 1, channels]. */
interface PoolingNode {
  readonly id: string;
  readonly op: 'gap';
  readonly in: readonly [string];
}

/** The channels of two nodes with grids of one size, one behind the other. */
interface ConcatenationNode {
  readonly id: string;
  readonly op: 'concat';
  readonly in: readonly [string, string];
}

export type EncoderNode = ConvolutionNode | AdditionNode | ConcatenationNode | PoolingNode | MaxPoolingNode | GridNode;

/** A convolutional network as data (graph.json): its nodes in an order in which they can be computed. */
export interface EncoderGraph {
  readonly name: string;
  /** The network sees (pixel - mean) * scale, with pixels in 0..255. */
  readonly input: {
    readonly size: number;
    readonly channels: 'RGB';
    readonly mean: readonly number[];
    readonly scale: readonly number[];
  };
  /** Names for the nodes that are of use as annotation vectors: "last", "pre", "s16". */
  readonly taps: Readonly<Record<string, string>>;
  /** The node that classifies, where there is one. */
  readonly output?: string;
  readonly nodes: readonly EncoderNode[];
}

/** The id under which the first nodes ask for the normalised pixels. */
export const INPUT = 'input';

export const isDepthwise = (node: ConvolutionNode): boolean => (node.groups ?? 1) > 1;
export const activationOf = (node: ConvolutionNode): Activation => node.act ?? 'linear';
/** What TensorFlow calls it; zeros that are counted stand around the input already. */
export const padOf = ({ pad }: ConvolutionNode): 'same' | 'valid' => (pad === 'same' ? 'same' : 'valid');

/** The id of the node that a tap ("last", "pre", "s16") or a node id names. */
export function nodeOf(graph: EncoderGraph, tap: string): string {
  const id = graph.taps[tap] ?? tap;
  if (id !== INPUT && !graph.nodes.some((node) => node.id === id)) {
    const known = Object.keys(graph.taps).join(', ');
    throw new Error(`The encoder ${graph.name} has no tap and no node "${tap}". Its taps are: ${known}.`);
  }
  return id;
}

/** The nodes to compute for `tap` when the nodes `given` are there already, in order. */
export function nodesBetween(graph: EncoderGraph, given: Iterable<string>, tap: string): EncoderNode[] {
  const known = new Set([...given].map((name) => nodeOf(graph, name)));
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const wanted = new Set<string>();
  const open = [nodeOf(graph, tap)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (known.has(id) || wanted.has(id)) continue;
    const node = byId.get(id);
    if (!node) {
      throw new Error(`"${tap}" of the encoder ${graph.name} cannot be computed from ${[...known].join(', ')} alone.`);
    }
    wanted.add(id);
    open.push(...node.in);
  }
  return graph.nodes.filter((node) => wanted.has(node.id));
}

/** The nodes that lie after `from` on the way to `to`, in order: what is trained when all before `from` is frozen. */
export function nodesAfter(graph: EncoderGraph, from: string, to = 'last'): EncoderNode[] {
  return nodesBetween(graph, [from], to);
}

/** The names of the weights of some nodes, in order. */
export function weightNames(nodes: readonly EncoderNode[]): string[] {
  return nodes.flatMap((node) => (node.op === 'conv' ? [node.w, node.b] : []));
}

/** What the network sees: (pixel - mean) * scale, channel by channel. */
function normalise(graph: EncoderGraph, pixels: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const { mean, scale } = graph.input;
    return tf.mul(tf.sub(tf.cast(pixels, 'float32'), tf.tensor1d([...mean])), tf.tensor1d([...scale]));
  });
}

/**
 * The network up to `tap`. Gradients flow to the weights (and to the pixels).
 *
 * @param weights by name; kernels [height, width, in, out], of depthwise convolutions [height, width, channels, 1]
 * @param pixels [batch, height, width, 3] in 0..255, any number type
 * @param tap "last", "pre", "s16" or a node id
 * @returns [batch, rows, columns, channels]
 */
export function encode(
  graph: EncoderGraph,
  weights: ReadonlyMap<string, tf.Tensor>,
  pixels: tf.Tensor4D,
  tap = 'last',
): tf.Tensor4D {
  return tf.tidy(() => encodeFrom(graph, weights, { [INPUT]: normalise(graph, pixels) }, tap));
}

/**
 * The network from known nodes on. A frozen lower part can so be computed once, outside of the gradient.
 *
 * @param known outputs of nodes by tap or node id ("input" for normalised pixels); left to the caller
 * @returns [batch, rows, columns, channels], a tensor of its own even when `tap` is among the known
 */
export function encodeFrom(
  graph: EncoderGraph,
  weights: ReadonlyMap<string, tf.Tensor>,
  known: Readonly<Record<string, tf.Tensor4D>>,
  tap = 'last',
): tf.Tensor4D {
  const nodes = nodesBetween(graph, Object.keys(known), tap);
  const target = nodeOf(graph, tap);
  const lastUse = new Map(nodes.flatMap((node, i) => node.in.map((id) => [id, i] as const)));
  return tf.tidy(() => {
    const values = new Map(Object.entries(known).map(([name, tensor]) => [nodeOf(graph, name), tensor]));
    const own = new Set<string>();
    nodes.forEach((node, i) => {
      const inputs = node.in.map((id) => values.get(id) as tf.Tensor4D);
      values.set(node.id, compute(node, inputs, weights));
      own.add(node.id);
      // Large batches would not fit if every layer's output lived to the end; the gradient keeps its own references.
      for (const id of node.in) {
        if (own.has(id) && id !== target && lastUse.get(id) === i) values.get(id)?.dispose();
      }
    });
    const value = values.get(target) as tf.Tensor4D;
    return own.has(target) ? value : value.clone();
  });
}

function compute(node: EncoderNode, inputs: tf.Tensor4D[], weights: ReadonlyMap<string, tf.Tensor>): tf.Tensor4D {
  const x = inputs[0] as tf.Tensor4D;
  switch (node.op) {
    case 'conv': {
      const options = {
        stride: node.stride,
        pad: padOf(node),
        activation: activationOf(node),
        depthwise: isDepthwise(node),
      };
      const kernel = weight(weights, node.w) as tf.Tensor4D;
      const around = typeof node.pad === 'number' ? zerosAround(x, node.pad) : x;
      return convolution(around, kernel, weight(weights, node.b) as tf.Tensor1D, options);
    }
    case 'add': {
      const sum = tf.add<tf.Tensor4D>(x, inputs[1] as tf.Tensor4D);
      return node.act === 'relu' ? tf.relu(sum) : sum;
    }
    case 'max':
      return tf.maxPool(zerosAround(x, node.pad), node.size, node.stride, 'valid');
    case 'grid':
      return tf.tidy(() => {
        const [photos, height, width, channels] = x.shape;
        const { columns, rows } = node;
        const across = tf.matMul(meansOf(width, columns), tf.reshape(x, [photos * height, width, channels]));
        const flat = tf.reshape(across, [photos, height, columns * channels]);
        return tf.reshape<tf.Rank.R4>(tf.matMul(meansOf(height, rows), flat), [photos, rows, columns, channels]);
      });
    case 'concat':
      return tf.concat([x, inputs[1] as tf.Tensor4D], 3);
    case 'gap':
      return tf.mean(x, [1, 2], true);
  }
}

function zerosAround(x: tf.Tensor4D, count: number): tf.Tensor4D {
  if (count === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [count, count],
    [count, count],
    [0, 0],
  ]);
}

/** What makes `count` means of `size` numbers, see `GridNode`: [1, count, size]. */
function meansOf(size: number, count: number): tf.Tensor3D {
  const parts = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const [from, to] = [Math.floor((i * size) / count), Math.ceil(((i + 1) * size) / count)];
    parts.fill(1 / (to - from), i * size + from, i * size + to);
  }
  return tf.tensor3d(parts, [1, count, size]);
}

function weight(weights: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const tensor = weights.get(name);
  if (!tensor) throw new Error(`The encoder's weight ${name} is missing.`);
  return tensor;
}

/**
 * Checks what was read from a graph.json.
 * @throws Error that names the first thing that is wrong
 */
export function parseEncoderGraph(value: unknown): EncoderGraph {
  const fail = (what: string): never => {
    throw new Error(`Not an encoder graph: ${what}.`);
  };
  if (!isRecord(value)) return fail('expected an object');
  const { name, input, taps, nodes, output } = value;
  if (typeof name !== 'string') return fail('"name" is not a string');
  if (!isRecord(input)) return fail('"input" is missing');
  if (!isCount(input.size)) return fail('"input.size" is not a positive whole number');
  if (input.channels !== 'RGB') return fail('"input.channels" is not "RGB"');
  for (const key of ['mean', 'scale'] as const) {
    const numbers = input[key];
    if (!Array.isArray(numbers) || numbers.length !== 3 || !numbers.every(Number.isFinite)) {
      return fail(`"input.${key}" is not three numbers`);
    }
  }
  if (!Array.isArray(nodes) || nodes.length === 0) return fail('"nodes" is missing or empty');

  const seen = new Set([INPUT]);
  for (const node of nodes as unknown[]) {
    if (!isRecord(node) || typeof node.id !== 'string') return fail('a node without an "id"');
    const problem = problemOf(node, seen);
    if (problem) return fail(`node "${node.id}" ${problem}`);
    seen.add(node.id);
  }
  if (!isRecord(taps)) return fail('"taps" is missing');
  for (const [tap, id] of Object.entries(taps)) {
    if (typeof id !== 'string' || !seen.has(id)) return fail(`the tap "${tap}" names no node`);
  }
  if (!('last' in taps)) return fail('there is no tap "last"');
  // A network that does not classify may say so by null.
  const { output: _, ...rest } = value;
  if (output === undefined || output === null) return rest as unknown as EncoderGraph;
  if (typeof output !== 'string' || !seen.has(output)) return fail('"output" names no node');
  return value as unknown as EncoderGraph;
}

function problemOf(node: Record<string, unknown>, seen: ReadonlySet<string>): string | undefined {
  if (seen.has(node.id as string)) return 'appears twice';
  const arity = node.op === 'add' || node.op === 'concat' ? 2 : 1;
  if (!(['conv', 'add', 'concat', 'gap', 'max', 'grid'] as unknown[]).includes(node.op)) {
    return `has the unknown op "${String(node.op)}"`;
  }
  if (!Array.isArray(node.in) || node.in.length !== arity) return `needs ${arity === 1 ? 'one input' : 'two inputs'}`;
  for (const id of node.in as unknown[]) {
    if (typeof id !== 'string' || !seen.has(id)) return `takes "${String(id)}", which does not come before it`;
  }
  if (node.op === 'add' && node.act !== undefined && node.act !== 'relu') return 'has an unknown "act"';
  if (node.op === 'grid' && !(isSmallCount(node.rows) && isSmallCount(node.columns))) {
    return 'has "rows" and "columns" that are not whole numbers from 1 to 64';
  }
  if (node.op === 'max' && !(isSmallCount(node.size) && isSmallCount(node.stride) && isPadding(node.pad))) {
    return 'has a "size", "stride" or "pad" that is no small whole number';
  }
  if (node.op !== 'conv') return undefined;
  if (typeof node.w !== 'string' || typeof node.b !== 'string') return 'names no weights "w" and "b"';
  if (!isCount(node.stride)) return 'has no positive "stride"';
  if (node.groups !== undefined && !isCount(node.groups)) return 'has "groups" that are not a positive whole number';
  if (node.pad !== undefined && node.pad !== 'same' && node.pad !== 'valid' && !isPadding(node.pad)) {
    return 'has an unknown "pad"';
  }
  if (node.act !== undefined && node.act !== 'relu' && node.act !== 'relu6') return 'has an unknown "act"';
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

const isSmallCount = (value: unknown): boolean => isCount(value) && value <= 64;

const isPadding = (value: unknown): boolean => value === 0 || isSmallCount(value);
