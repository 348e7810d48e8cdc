import { nodeName, prune, type GraphDef, type NodeDef, type TensorInfo } from './graph-def.ts';
import { OnnxWriter } from './onnx-writer.ts';
import { ONNX_OPERATIONS } from './onnx-operations.ts';
import type { OnnxGraph, OnnxValue } from './onnx-graph.ts';

/** A graph as ONNX, and what its inputs and outputs are called there. */
export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** By the names of the GraphDef. Its constants are inside; an input that nothing needs is not there. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * A graph of TensorFlow's operations as ONNX (opset 18).
 *
 * Names stay what they are; only an output that is called like an input becomes `next_NAME`, because in ONNX a name is one
 * value. Convolutions, and what follows them number by number, run with channels first, as ONNX has them: what goes in
 * and comes out has them last, as in TensorFlow.
 *
 * @param name what the graph is called
 * @param halves how many of the matrices that lie in a file in float16 are widened at each run, from 0 to 1: see `OnnxWriter`
 * @throws Error that names an operation that nobody has said in ONNX
 */
export function toOnnx(graph: GraphDef, name: string, halves = 0): OnnxModel {
  const { nodes } = prune(graph);
  const writer = new OnnxWriter(nodes, halves);
  const needed = new Set(nodes.map((node) => node.name));
  const fed = Object.entries(graph.inputs).filter(([, { node }]) => needed.has(node));
  for (const [key, info] of fed) writer.input(info.node, key, info);
  const inputs = Object.fromEntries(fed.map(([key]) => [key, key]));

  for (const node of nodes) if (node.op !== 'Const' && node.op !== 'Placeholder') write(writer, node);

  const outputs = Object.fromEntries(
    Object.keys(graph.outputs).map((key) => [key, key in inputs ? `next_${key}` : key]),
  );
  const results = new Map<string, string>();
  for (const [key, { node }] of Object.entries(graph.outputs)) {
    const [value, output] = [writer.plain(node), outputs[key] as string];
    // A value that is computed gets the name of the output that it is: a copy of what has been written so far would be
    // made at each step of a search. What is fed, or is two outputs, has to be copied.
    if (writer.isComputed(value) && !results.has(value)) results.set(value, output);
    else writer.emit('Identity', [value], output);
  }
  const named = (name: string): string => results.get(name) ?? name;
  const written = [...writer.widenings, ...writer.nodes].map((node) => ({
    ...node,
    inputs: node.inputs.map(named),
    outputs: node.outputs.map(named),
  }));
  // A constant may have become another on the way, and whoever loads the graph would warn of the first.
  const taken = new Set(written.flatMap((node) => node.inputs));
  return {
    graph: {
      name,
      nodes: written,
      initializers: [...writer.initializers.values()].filter((tensor) => taken.has(tensor.name)),
      inputs: fed.map(([key, info]) => valueOf(key, key, info)),
      outputs: Object.entries(graph.outputs).map(([key, info]) => valueOf(outputs[key] as string, key, info)),
    },
    inputs,
    outputs,
  };
}

function write(writer: OnnxWriter, node: NodeDef): void {
  const operation = ONNX_OPERATIONS.get(node.op);
  if (!operation) throw new Error(`The operation ${node.op} (${nodeName(node.name)}) cannot be written as ONNX.`);
  operation(writer, node);
}

const valueOf = (name: string, key: string, { dataType, shape, sizes = shape }: TensorInfo): OnnxValue => ({
  name,
  type: dataType,
  shape: sizes.map((size, axis) => (size === -1 ? `${key}_${axis}` : size)),
});
