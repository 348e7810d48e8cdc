import * as tf from '@tensorflow/tfjs-core';
import { isDepthwise } from './encoder-graph.ts';
import type { ConvolutionNode, EncoderGraph } from './encoder-graph.ts';
import type { PublishedTensor } from '../published/safetensors.ts';

/**
 * The weights of a published network in the layout of this engine.
 *
 * Kernels come as [out, in, height, width] (of depthwise convolutions [channels, 1, height, width]) and
 * become [height, width, in, out] ([height, width, channels, 1]); a depthwise kernel's two orders are
 * the same turn of the axes but for the last two.
 *
 * @param nodes those whose weights are wanted; all of the graph's where left out
 * @returns tensors by the names in the graph; the caller's to dispose
 */
export function pretrainedWeights(
  graph: EncoderGraph,
  tensors: ReadonlyMap<string, PublishedTensor>,
  nodes = graph.nodes,
): Map<string, tf.Tensor> {
  const weights = new Map<string, tf.Tensor>();
  for (const node of nodes) {
    if (node.op !== 'conv') continue;
    weights.set(node.w, kernel(node, tensorOf(tensors, node.w)));
    weights.set(node.b, tf.tensor1d(tensorOf(tensors, node.b).data));
  }
  return weights;
}

function kernel(node: ConvolutionNode, { shape, data }: PublishedTensor): tf.Tensor4D {
  const [out, inputs] = shape;
  if (shape.length !== 4 || (isDepthwise(node) && (inputs !== 1 || out !== node.groups))) {
    throw new Error(`The kernel ${node.w} has the shape [${shape.join(', ')}], which does not fit its node.`);
  }
  return tf.tidy(() => {
    const given = tf.tensor4d(data, shape as [number, number, number, number]);
    return isDepthwise(node) ? tf.transpose(given, [2, 3, 0, 1]) : tf.transpose(given, [2, 3, 1, 0]);
  });
}

function tensorOf(tensors: ReadonlyMap<string, PublishedTensor>, name: string): PublishedTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`The file of weights lacks ${name}.`);
  return tensor;
}
