import type * as tf from '@tensorflow/tfjs-core';
import { binary, constant, exactFloats, floats, integers, placeholder, prune } from '../graph/graph-def.ts';
import type { Attribute, GraphDef, NodeDef } from '../graph/graph-def.ts';
import { toGraphModel } from '../graph/tfjs-graph-model.ts';
import { INPUT, activationOf, isDepthwise, nodeOf, nodesBetween, padOf } from './encoder-graph.ts';
import type { ConvolutionNode, EncoderGraph, EncoderNode } from './encoder-graph.ts';

/** Where the published MobileNet v2 graph keeps its layers, and so where @tensorflow-models/mobilenet looks. */
export const SCOPE = 'module_apply_default/MobilenetV2';
/** The node that @tensorflow-models/mobilenet fetches as the embedding. */
export const EMBEDDING_NODE = `${SCOPE}/Logits/AvgPool`;
/** The node that is fed: pixels in -1..1. */
export const IMAGES_NODE = 'images';

/** The nodes between the pixels in -1..1 and a network that was trained on another scale. */
export const RESCALING = {
  factor: 'rescale/factor',
  offset: 'rescale/offset',
  product: 'rescale/Mul',
  sum: 'rescale/AddV2',
} as const;

/** What a caption engine must know about an encoder beside its graph. */
export interface EncoderMetadata {
  /** Which network, from which layer: "mobilenet_edgetpu_1.0_224, last". */
  name: string;
  tap: string;
  /** The node with the annotation vectors, [batch, rows, columns, channels]. */
  gridNode: string;
  /** Width and height of the photos that go in. */
  inputSize: number;
  rows: number;
  columns: number;
  channels: number;
}

/**
 * Our converter: a network as a tfjs graph model that @tensorflow-models/mobilenet loads.
 *
 * That package feeds pixels scaled to -1..1 and fetches the pooled vector as [batch, 1, 1, channels]
 * under the name that the published MobileNet v2 has for it; the grid is the node `metadata.encoder.gridNode`.
 * A network that was trained on another scale gets the difference as the graph's first two operations.
 * (It cannot go into the first layer's weights: the padding's zeros are zeros of the network's scale.)
 * What lies beyond the tap (the classifier) is left out; the embedding is the tap's mean over the grid.
 *
 * @param weights by name, in the layout of this engine (see `pretrainedWeights`)
 * @param inputSize the side of the photos; the published size where left out
 */
export async function encoderGraphModel(
  graph: EncoderGraph,
  weights: ReadonlyMap<string, tf.Tensor>,
  tap = 'last',
  inputSize = graph.input.size,
): Promise<tf.io.ModelArtifacts> {
  const nodes = nodesBetween(graph, [INPUT], tap);
  const names = new Map(nodes.map((node) => [node.id, published(node)]));
  const gridNode = names.get(nodeOf(graph, tap));
  if (!gridNode) throw new Error("The encoder's tap must be one of its layers.");

  const images = placeholder(IMAGES_NODE, 'float32', [-1, -1, -1, 3]);
  const scaling = rescaling(graph);
  names.set(INPUT, scaling.at(-1)?.name ?? images.name);
  const built = await Promise.all(nodes.map((node) => build(node, names, weights)));
  const [rows, columns, channels] = sizes(nodes, weights, inputSize).get(nodeOf(graph, tap)) as Sizes;
  const def: GraphDef = {
    nodes: [images, ...scaling, ...built.flat(), ...pooling(EMBEDDING_NODE, gridNode)],
    inputs: { images: { node: images.name, dataType: 'float32', shape: [-1, -1, -1, 3] } },
    outputs: { embedding: { node: EMBEDDING_NODE, dataType: 'float32', shape: [-1, 1, 1, channels] } },
  };
  const encoder: EncoderMetadata = { name: graph.name, tap, gridNode, inputSize, rows, columns, channels };
  return toGraphModel(prune(def), { encoder });
}

/** "Conv_1" with a ReLU6 is "module_apply_default/MobilenetV2/Conv_1/Relu6"; see `layerOf`. */
function published(node: EncoderNode): string {
  const path = `${SCOPE}/${node.id.replaceAll('.', '/')}`;
  if (node.op !== 'conv') return path;
  return `${path}/${{ linear: 'BiasAdd', relu: 'Relu', relu6: 'Relu6' }[activationOf(node)]}`;
}

/** The id of the layer that has the published name. */
export function layerOf(name: string): string {
  return name
    .slice(SCOPE.length + 1)
    .replace(/\/(BiasAdd|Relu6?)$/, '')
    .replaceAll('/', '.');
}

/** From x = p / 127.5 - 1 to (p - mean) * scale = x * 127.5 * scale + (127.5 - mean) * scale. */
function rescaling({ input }: EncoderGraph): NodeDef[] {
  const factor = input.scale.map((scale) => 127.5 * scale);
  const offset = input.scale.map((scale, i) => (127.5 - (input.mean[i] as number)) * scale);
  const isSame = factor.every((f, i) => Math.abs(f - 1) < 1e-7 && Math.abs(offset[i] as number) < 1e-7);
  if (isSame) return [];
  const { factor: by, offset: plus, product, sum } = RESCALING;
  return [
    exactFloats(by, factor),
    exactFloats(plus, offset),
    binary(product, 'Mul', IMAGES_NODE, by),
    binary(sum, 'AddV2', product, plus),
  ];
}

async function build(
  node: EncoderNode,
  names: ReadonlyMap<string, string>,
  weights: ReadonlyMap<string, tf.Tensor>,
): Promise<NodeDef[]> {
  const name = names.get(node.id) as string;
  const [x, y] = node.in.map((id) => names.get(id) as string) as [string, string];
  switch (node.op) {
    case 'conv': {
      const scope = name.slice(0, name.lastIndexOf('/'));
      const kernel = await stored(`${scope}/weights`, weights, node.w);
      const bias = await stored(`${scope}/biases`, weights, node.b);
      return [kernel, bias, fusedConvolution(name, node, [x, kernel.name, bias.name])];
    }
    case 'add':
      return [binary(name, 'AddV2', x, y)];
    case 'concat':
      return concatenation(name, [x, y]);
    case 'gap':
      return pooling(name, x);
    case 'max':
    case 'grid':
      throw new Error(`Layers such as ${node.id} ("${node.op}") run operation by operation only.`);
  }
}

async function stored(name: string, weights: ReadonlyMap<string, tf.Tensor>, from: string): Promise<NodeDef> {
  const tensor = weights.get(from);
  if (!tensor) throw new Error(`The encoder's weight ${from} is missing.`);
  return floats(name, tensor.shape, await tensor.data<'float32'>());
}

function fusedConvolution(name: string, node: ConvolutionNode, inputs: string[]): NodeDef {
  const activation = { linear: [], relu: ['Relu'], relu6: ['Relu6'] }[activationOf(node)];
  const attributes: Record<string, Attribute> = {
    T: { type: 'float32' },
    strides: { ints: [1, node.stride, node.stride, 1] },
    padding: { text: padOf(node).toUpperCase() },
    data_format: { text: 'NHWC' },
    dilations: { ints: [1, 1, 1, 1] },
    fused_ops: { texts: ['BiasAdd', ...activation] },
    num_args: { int: 1 },
    epsilon: { float: 0 },
  };
  return { name, op: isDepthwise(node) ? 'FusedDepthwiseConv2dNative' : '_FusedConv2D', inputs, attributes };
}

/** Of channels. */
function concatenation(name: string, inputs: readonly string[]): NodeDef[] {
  const axis = constant(`${name}/axis`, { dataType: 'int32', shape: [], data: Int32Array.of(3) });
  const attributes: Record<string, Attribute> = {
    N: { int: inputs.length },
    T: { type: 'float32' },
    Tidx: { type: 'int32' },
  };
  return [axis, { name, op: 'ConcatV2', inputs: [...inputs, axis.name], attributes }];
}

function pooling(name: string, x: string): NodeDef[] {
  const axes = integers(`${name}/axes`, [1, 2]);
  const attributes: Record<string, Attribute> = {
    T: { type: 'float32' },
    Tidx: { type: 'int32' },
    keep_dims: { bool: true },
  };
  return [axes, { name, op: 'Mean', inputs: [x, axes.name], attributes }];
}

type Sizes = readonly [rows: number, columns: number, channels: number];

/** Rows, columns and channels of every node for a square photo. */
function sizes(
  nodes: readonly EncoderNode[],
  weights: ReadonlyMap<string, tf.Tensor>,
  inputSize: number,
): Map<string, Sizes> {
  const known = new Map<string, Sizes>([[INPUT, [inputSize, inputSize, 3]]]);
  for (const node of nodes) {
    const [rows, columns, channels] = known.get(node.in[0]) as Sizes;
    if (node.op === 'conv') {
      const [height, width, inputs, outputs] = (weights.get(node.w) as tf.Tensor).shape as [
        number,
        number,
        number,
        number,
      ];
      const after = (size: number, kernel: number): number =>
        Math.ceil((padOf(node) === 'same' ? size : size - kernel + 1) / node.stride);
      known.set(node.id, [after(rows, height), after(columns, width), isDepthwise(node) ? inputs : outputs]);
    } else if (node.op === 'concat') {
      const [, , more] = known.get(node.in[1]) as Sizes;
      known.set(node.id, [rows, columns, channels + more]);
    } else {
      known.set(node.id, node.op === 'gap' ? [1, 1, channels] : [rows, columns, channels]);
    }
  }
  return known;
}
