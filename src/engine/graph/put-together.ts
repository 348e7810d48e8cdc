import type { OnnxGraph, OnnxTensor } from './onnx-graph.ts';

/**
 * A graph whose names begin with `prefix/`, but for some that are given, so that several can be put together.
 * @param keepsInputs whether what is fed keeps its name
 */
export function renamed(
  graph: OnnxGraph,
  prefix: string,
  given: Readonly<Record<string, string>>,
  keepsInputs = false,
): OnnxGraph {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const nameOf = (name: string): string =>
    name === '' ? '' : (given[name] ?? (keepsInputs && inputs.has(name) ? name : `${prefix}/${name}`));
  return {
    name: graph.name,
    nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(nameOf), outputs: node.outputs.map(nameOf) })),
    // Not spread: that would read what lies in files.
    initializers: graph.initializers.map((tensor) => ({
      name: nameOf(tensor.name),
      type: tensor.type,
      shape: tensor.shape,
      ...(tensor.place && { place: tensor.place }),
      get data() {
        return tensor.data;
      },
    })),
    inputs: graph.inputs.map((value) => ({ ...value, name: nameOf(value.name) })),
    outputs: graph.outputs.map((value) => ({ ...value, name: nameOf(value.name) })),
  };
}

/** Each name once. */
export function unique(tensors: readonly OnnxTensor[]): OnnxTensor[] {
  return [...new Map(tensors.map((tensor) => [tensor.name, tensor])).values()];
}
