import * as tf from '@tensorflow/tfjs-core';
import { constantOf, type ConstantTensor, type NodeDef } from '../graph/graph-def.ts';
import { fromGraphModel } from '../graph/tfjs-graph-model.ts';
import { INPUT, parseEncoderGraph, type EncoderGraph, type EncoderNode } from './encoder-graph.ts';
import { EMBEDDING_NODE, layerOf, RESCALING, SCOPE, type EncoderMetadata } from './encoder-graph-model.ts';

/**
 * The network in a graph model that `encoderGraphModel` made: the way back, so that a shipped encoder can be trained.
 *
 * Its taps are `last`, `pre` (what the last layer takes) and, where there is one, `s16` (the last sum of two layers at a
 * sixteenth of the photo's size).
 *
 * @returns weights by name, as half precision left them; the caller's to dispose
 * @throws Error where the graph model is another one
 */
export function readEncoderModel(artifacts: tf.io.ModelArtifacts): {
  graph: EncoderGraph;
  weights: Map<string, tf.Tensor>;
} {
  const metadata = (artifacts.userDefinedMetadata as { encoder?: EncoderMetadata } | undefined)?.encoder;
  if (!metadata) throw new Error('The graph model is not an encoder: it does not say which node holds the grid.');
  const definitions = fromGraphModel(artifacts).nodes;
  const constants = new Map(
    definitions.flatMap((node) => (node.op === 'Const' ? [[node.name, constantOf(node)] as const] : [])),
  );
  const layers = definitions.filter(
    ({ name, op }) => op !== 'Const' && name.startsWith(`${SCOPE}/`) && name !== EMBEDDING_NODE,
  );
  const nodes = layers.map((layer) => toLayer(layer, constants));
  const graph = parseEncoderGraph({
    name: metadata.name,
    input: { size: metadata.inputSize, channels: 'RGB', ...scaling(constants) },
    taps: tapsOf(nodes, layerOf(metadata.gridNode)),
    nodes,
  });

  const weights = new Map<string, tf.Tensor>();
  for (const [i, node] of nodes.entries()) {
    if (node.op !== 'conv') continue;
    const [, kernel = '', bias = ''] = (layers[i] as NodeDef).inputs;
    for (const [name, from] of [
      [node.w, kernel],
      [node.b, bias],
    ] as const) {
      const constant = constants.get(from);
      if (!constant) throw new Error(`The encoder's layer ${node.id} has no weights.`);
      weights.set(name, tf.tensor(constant.data, [...constant.shape]));
    }
  }
  return { graph, weights };
}

function toLayer(
  { attributes, inputs, name, op }: NodeDef,
  constants: ReadonlyMap<string, ConstantTensor>,
): EncoderNode {
  const id = layerOf(name);
  const [x = '', y = ''] = inputs.map((input) => (input.startsWith(`${SCOPE}/`) ? layerOf(input) : INPUT));
  if (op === 'AddV2') return { id, op: 'add', in: [x, y] };
  if (op === 'ConcatV2') return { id, op: 'concat', in: [x, y] };
  if (op === 'Mean') return { id, op: 'gap', in: [x] };
  const { strides, padding, fused_ops: fused } = attributes;
  const stride = strides && 'ints' in strides ? strides.ints[1] : undefined;
  if (stride === undefined || !fused || !('texts' in fused))
    throw new Error(`The encoder has the unknown layer ${name}.`);
  return {
    id,
    op: 'conv',
    in: [x],
    w: `${id}.w`,
    b: `${id}.b`,
    stride,
    ...(op === 'FusedDepthwiseConv2dNative' && { groups: constants.get(inputs[1] ?? '')?.shape[2] ?? 0 }),
    ...(padding && 'text' in padding && padding.text === 'SAME' && { pad: 'same' as const }),
    ...(fused.texts.includes('Relu') && { act: 'relu' as const }),
    ...(fused.texts.includes('Relu6') && { act: 'relu6' as const }),
  };
}

/** The network sees x · factor + offset with x = pixel / 127.5 − 1, which is (pixel − mean) · scale. */
function scaling(constants: ReadonlyMap<string, ConstantTensor>): { mean: number[]; scale: number[] } {
  const factors = [...(constants.get(RESCALING.factor)?.data ?? [1, 1, 1])];
  const offsets = [...(constants.get(RESCALING.offset)?.data ?? [0, 0, 0])];
  const scale = factors.map((factor) => factor / 127.5);
  return { scale, mean: scale.map((by, channel) => 127.5 - (offsets[channel] as number) / by) };
}

function tapsOf(nodes: readonly EncoderNode[], last: string): Record<string, string> {
  /** How many times smaller than the photo each layer's output is. */
  const reduction = new Map<string, number>([[INPUT, 1]]);
  for (const node of nodes) {
    reduction.set(node.id, (reduction.get(node.in[0]) ?? 1) * (node.op === 'conv' ? node.stride : 1));
  }
  const end = nodes.find(({ id }) => id === last);
  // Two networks side by side have no one layer before the last, and none at a sixteenth of the size.
  if (end?.op === 'concat') return { last };
  const pre = end?.in[0];
  const s16 = nodes.findLast(({ id, op }) => op === 'add' && reduction.get(id) === 16)?.id;
  return { last, ...(pre === undefined || pre === INPUT ? {} : { pre }), ...(s16 === undefined ? {} : { s16 }) };
}
