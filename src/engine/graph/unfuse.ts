import { constant, exactFloats, integers, type Attribute, type GraphDef, type NodeDef } from './graph-def.ts';

const PLAIN: Record<string, string> = {
  _FusedConv2D: 'Conv2D',
  FusedDepthwiseConv2dNative: 'DepthwiseConv2dNative',
};

/**
 * An attribute of a product of stacks of matrices whose first ones have but one row each, as queries at every step of a
 * search: of how many axes the result is. TensorFlow lets whoever writes graphs have attributes that begin with a line.
 */
export const ONE_ROW = '_one_row';

const FLOAT: Attribute = { type: 'float32' };

/**
 * The graph with what TensorFlow has no operation for, or a slow one, said in plain operations:
 *
 * - every fused convolution taken apart into convolution, BiasAdd and activation. The fused operations are what tfjs runs
 *   fastest; TensorFlow has other ones under its own names, which differ between versions, and puts them in by itself when
 *   it sees the plain three in a row;
 * - layer normalisation, which is one operation in graphs;
 * - products of single rows: for TensorFlow they are so small that getting ready for them takes longer than they do.
 */
export function unfuse(graph: GraphDef): GraphDef {
  return { ...graph, nodes: graph.nodes.flatMap(apart) };
}

function apart(node: NodeDef): NodeDef[] {
  const op = PLAIN[node.op];
  if (op) return convolution(node, op);
  if (node.op === '_LayerNorm') return layerNorm(node);
  return ONE_ROW in node.attributes ? productOfRows(node) : [node];
}

function convolution(node: NodeDef, op: string): NodeDef[] {
  const { fused_ops: fused, strides, padding, data_format, dilations } = node.attributes;
  const [x, kernel, bias] = node.inputs;
  const followers = fused && 'texts' in fused ? fused.texts : [];
  const [first, activation, ...others] = followers;
  if (first !== 'BiasAdd' || others.length > 0 || !x || !kernel || !bias || node.inputs.length !== 3) {
    throw new Error(`The fused convolution ${node.name} has another form than BiasAdd and an activation.`);
  }
  const convolution = `${node.name}/convolution`;
  const sum = activation ? `${node.name}/BiasAdd` : node.name;
  const placing = Object.fromEntries(
    Object.entries({ strides, padding, data_format, dilations }).filter((entry): entry is [string, Attribute] =>
      Boolean(entry[1]),
    ),
  );
  return [
    { name: convolution, op, inputs: [x, kernel], attributes: { T: FLOAT, ...placing } },
    { name: sum, op: 'BiasAdd', inputs: [convolution, bias], attributes: { T: FLOAT, data_format: { text: 'NHWC' } } },
    ...(activation ? [{ name: node.name, op: activation, inputs: [sum], attributes: { T: FLOAT } }] : []),
  ];
}

/** (x − mean) / sqrt(variance + ε) · gain + bias, over the last axis: see `LayerNorm`. */
function layerNorm({ attributes, inputs, name }: NodeDef): NodeDef[] {
  const [x, gain, bias] = inputs as [string, string, string];
  const epsilon = attributes['epsilon'] as { readonly float: number };
  const part = (of: string): string => `${name}/${of}`;
  const plain = (to: string, op: string, ...from: string[]): NodeDef => ({
    name: to,
    op,
    inputs: from,
    attributes: { T: FLOAT },
  });
  return [
    integers(part('axis'), [-1]),
    exactFloats(part('epsilon'), [epsilon.float]),
    reduced(part('mean'), 'Mean', x, part('axis')),
    plain(part('centred'), 'Sub', x, part('mean')),
    plain(part('squares'), 'Square', part('centred')),
    reduced(part('variance'), 'Mean', part('squares'), part('axis')),
    plain(part('sum'), 'AddV2', part('variance'), part('epsilon')),
    plain(part('scale'), 'Rsqrt', part('sum')),
    plain(part('n'), 'Mul', part('centred'), part('scale')),
    plain(part('scaled'), 'Mul', part('n'), gain),
    plain(name, 'AddV2', part('scaled'), bias),
  ];
}

/** [..., 1, inner] times [..., inner, columns], or [..., columns, inner] turned: sums of products number by number. */
function productOfRows({ attributes, inputs, name }: NodeDef): NodeDef[] {
  const [a, b] = inputs as [string, string];
  const { adj_y: turned, [ONE_ROW]: axes } = attributes;
  const rank = (axes as { readonly int: number }).int;
  const order = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const turn = (to: string, from: string): NodeDef[] => [
    constant(`${to}/order`, { dataType: 'int32', shape: [rank], data: Int32Array.from(order) }),
    {
      name: to,
      op: 'Transpose',
      inputs: [from, `${to}/order`],
      attributes: { T: FLOAT, Tperm: { type: 'int32' } },
    },
  ];
  const product = (from: string): NodeDef => ({
    name: `${name}/products`,
    op: 'Mul',
    inputs: [from, b],
    attributes: { T: FLOAT },
  });
  const sum = (to: string, axis: number): NodeDef[] => [
    integers(`${name}/axis`, [axis]),
    reduced(to, 'Sum', `${name}/products`, `${name}/axis`),
  ];
  if (turned && 'bool' in turned && turned.bool) {
    return [product(a), ...sum(`${name}/column`, -1), ...turn(name, `${name}/column`)];
  }
  return [...turn(`${name}/column`, a), product(`${name}/column`), ...sum(name, -2)];
}

/** @param op "Mean" or "Sum"; the axis stays, with one place */
const reduced = (name: string, op: string, x: string, axis: string): NodeDef => ({
  name,
  op,
  inputs: [x, axis],
  attributes: { T: FLOAT, Tidx: { type: 'int32' }, keep_dims: { bool: true } },
});
