import type { Attribute, GraphDef, NodeDef } from './graph-def.ts';

const PLAIN: Record<string, string> = {
  _FusedConv2D: 'Conv2D',
  FusedDepthwiseConv2dNative: 'DepthwiseConv2dNative',
};

/**
 * The graph with every fused convolution taken apart into convolution, BiasAdd and activation.
 *
 * The fused operations are what tfjs runs fastest; TensorFlow has other ones under its own names, which
 * differ between versions, and puts them in by itself when it sees the plain three in a row.
 */
export function unfuse(graph: GraphDef): GraphDef {
  return { ...graph, nodes: graph.nodes.flatMap(apart) };
}

function apart(node: NodeDef): NodeDef[] {
  const op = PLAIN[node.op];
  if (!op) return [node];
  const { fused_ops: fused, strides, padding, data_format, dilations } = node.attributes;
  const [x, kernel, bias] = node.inputs;
  const followers = fused && 'texts' in fused ? fused.texts : [];
  const [first, activation, ...others] = followers;
  if (first !== 'BiasAdd' || others.length > 0 || !x || !kernel || !bias || node.inputs.length !== 3) {
    throw new Error(`The fused convolution ${node.name} has another form than BiasAdd and an activation.`);
  }
  const T: Attribute = { type: 'float32' };
  const convolution = `${node.name}/convolution`;
  const sum = activation ? `${node.name}/BiasAdd` : node.name;
  const placing = Object.fromEntries(
    Object.entries({ strides, padding, data_format, dilations }).filter((entry): entry is [string, Attribute] =>
      Boolean(entry[1]),
    ),
  );
  return [
    { name: convolution, op, inputs: [x, kernel], attributes: { T, ...placing } },
    { name: sum, op: 'BiasAdd', inputs: [convolution, bias], attributes: { T, data_format: { text: 'NHWC' } } },
    ...(activation ? [{ name: node.name, op: activation, inputs: [sum], attributes: { T } }] : []),
  ];
}
