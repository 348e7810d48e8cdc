import type { WeightPlace } from './weight-place.ts';

/*
 * What this folder is for.
 *
 * tfjs runs a model operation by operation: each is a call from JavaScript into the backend, and the native backend
 * pays for every call. TensorFlow itself runs a whole graph with one call, fuses operations and shares memory. A graph,
 * though, has to be written down first. Here is how:
 *
 *     a convolutional network (engine/encoder) ── encoder-graph-model ──┐
 *                                                                       ├─→ GraphDef ─→ tfjs graph model   (a file, for any backend)
 *     a function of tensors (a captioner's step) ── trace ──────────────┘       ├─────→ SavedModel         (src/native, run whole)
 *                                                                               └─────→ ONNX               (the same; a file for others)
 *
 * - `graph-def`: the common form in the middle, TensorFlow's own, as plain values: nodes with an operation, inputs and
 *   attributes. Whoever makes graphs makes these; whoever writes or runs them reads these.
 * - `trace`: runs a function once more on a backend that computes nothing and only writes down what it is asked to
 *   (`recorder`). It does so twice, with two different batch sizes: where the two records differ, a batch size was at
 *   work and stays open; where they differ in anything else, the function cannot be a graph, and that is an error.
 * - `recorded-kernels`: how each of tfjs's operations is called in TensorFlow. An operation that is not there cannot be
 *   recorded, and says so by name.
 * - `tfjs-graph-model`: a GraphDef as the files that `tf.loadGraphModel` reads (floats in half precision), and back.
 * - `to-onnx`: a GraphDef in ONNX's operations (`onnx-operations` has them one by one), `onnx-bytes`: that as a file.
 * - `search-graph`: a recorded start and step with a whole beam search around them, one ONNX graph.
 * - `unfuse`: says in plain operations what TensorFlow fuses in its own way (convolutions), has not (layer normalisation) or is slow at.
 *
 * Weights are not part of a traced graph. They stay where they are; TensorFlow is fed them at each call, which costs nothing
 * (memory is shared) and keeps the graph a few kilobytes. `bake` puts them in where a graph must stand by itself, as in ONNX.
 *
 * What a traced function may not do: read numbers (`dataSync`), branch on them, use another number of operations for
 * another batch size, or make a tensor whose shape has the batch size other than by reshaping or from its inputs.
 */

/**
 * A computation as data: TensorFlow's GraphDef in plain values. Operations and attributes are TensorFlow's.
 */
export interface GraphDef {
  readonly nodes: readonly NodeDef[];
  /** What is fed, by a name for the caller. */
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  /** What is fetched, by a name for the caller. */
  readonly outputs: Readonly<Record<string, TensorInfo>>;
}

export interface NodeDef {
  readonly name: string;
  /** TensorFlow's name of the operation: "Conv2D". */
  readonly op: string;
  /** "node" for its first output, "node:1" for another, "^node" for "after it". */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export type DataType = 'float32' | 'int32' | 'bool';

/** One attribute of an operation. */
export type Attribute =
  | { readonly type: DataType }
  | { readonly types: readonly DataType[] }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly shape: readonly number[] }
  | { readonly tensor: ConstantTensor };

/** The value of a constant. */
export interface ConstantTensor {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
  /** Kept in full precision in files; other floats are halved. */
  readonly exact?: boolean;
  /** Where the numbers lie, if that is known; `data` then reads them at each call. */
  readonly place?: WeightPlace;
}

/** A tensor that goes in or out. -1 in a shape stands for any size. */
export interface TensorInfo {
  /** The node, with ":index" where it is not the first output. */
  readonly node: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** The shape with words in place of any sizes, where they have some: equal words are equal sizes. */
  readonly sizes?: readonly (number | string)[];
}

/** A node that is fed by the caller. */
export const placeholder = (name: string, dataType: DataType, shape: readonly number[]): NodeDef => ({
  name,
  op: 'Placeholder',
  inputs: [],
  attributes: { dtype: { type: dataType }, shape: { shape } },
});

/** A node with a fixed value. */
export const constant = (name: string, value: ConstantTensor): NodeDef => ({
  name,
  op: 'Const',
  inputs: [],
  attributes: { dtype: { type: value.dataType }, value: { tensor: value } },
});

/** A float32 constant that files hold in half precision. */
export const floats = (name: string, shape: readonly number[], data: Float32Array): NodeDef =>
  constant(name, { dataType: 'float32', shape, data });

/** A float32 vector that files hold in full precision. */
export const exactFloats = (name: string, values: readonly number[]): NodeDef =>
  constant(name, { dataType: 'float32', shape: [values.length], data: Float32Array.from(values), exact: true });

/** An int32 constant of one dimension. */
export const integers = (name: string, values: readonly number[]): NodeDef =>
  constant(name, { dataType: 'int32', shape: [values.length], data: Int32Array.from(values) });

/** An operation on two float32 tensors (broadcast). */
export const binary = (name: string, op: 'AddV2' | 'Mul' | 'Sub', a: string, b: string): NodeDef => ({
  name,
  op,
  inputs: [a, b],
  attributes: { T: { type: 'float32' } },
});

/** The value of a Const node. */
export function constantOf(node: NodeDef): ConstantTensor {
  const value = node.attributes.value;
  if (node.op !== 'Const' || !value || !('tensor' in value)) throw new Error(`The node ${node.name} is no constant.`);
  return value.tensor;
}

/** The graph without the nodes that no output needs. */
export function prune(graph: GraphDef): GraphDef {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const open = Object.values(graph.outputs).map((output) => nodeName(output.node));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    const node = byName.get(name);
    if (!node) throw new Error(`The graph has no node ${name}.`);
    needed.add(name);
    open.push(...node.inputs.map(nodeName));
  }
  return { ...graph, nodes: graph.nodes.filter((node) => needed.has(node.name)) };
}

/** "node" of "node", "node:1" and "^node". */
export const nodeName = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');
