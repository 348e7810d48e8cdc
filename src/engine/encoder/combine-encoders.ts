import type * as tf from '@tensorflow/tfjs-core';
import { INPUT, nodeOf, nodesBetween, weightNames, type EncoderGraph, type EncoderNode } from './encoder-graph.ts';

/** A network with its weights, by the names of its graph. */
export interface EncoderParts {
  graph: EncoderGraph;
  weights: Map<string, tf.Tensor>;
}

/**
 * Several networks as one, whose grid has the channels of all of them, one behind the other. Photos go in at the size of
 * the first. Its only tap is `last`: no single layer of it is all that a frozen part gives.
 *
 * @param encoders their weights become those of the whole; what no grid needs (classifiers) is freed
 * @throws Error where they see pixels on different scales, or there is none
 */
export function combineEncoders(encoders: readonly EncoderParts[]): EncoderParts {
  const [first, ...others] = encoders;
  if (!first) throw new Error('There is no encoder to combine.');
  if (others.length === 0) return first;
  const weights = new Map<string, tf.Tensor>();
  const nodes: EncoderNode[] = [];
  let last: string | undefined;
  for (const { graph, weights: own } of encoders) {
    if (
      JSON.stringify([graph.input.mean, graph.input.scale]) !==
      JSON.stringify([first.graph.input.mean, first.graph.input.scale])
    ) {
      throw new Error(`The encoders ${first.graph.name} and ${graph.name} see pixels on different scales.`);
    }
    const prefix = `${graph.name.replaceAll('.', '_')}.`;
    const named = (name: string): string => (name === INPUT ? INPUT : `${prefix}${name}`);
    const needed = nodesBetween(graph, [INPUT], 'last');
    nodes.push(...needed.map((node) => renamed(node, named)));
    const kept = new Set(weightNames(needed));
    for (const [name, tensor] of own) {
      if (kept.has(name)) weights.set(named(name), tensor);
      else tensor.dispose();
    }
    const end = named(nodeOf(graph, 'last'));
    if (last === undefined) {
      last = end;
    } else {
      const id = `${prefix}beside`;
      nodes.push({ id, op: 'concat', in: [last, end] });
      last = id;
    }
  }
  const names = encoders.map(({ graph }) => graph.name);
  return {
    graph: { name: names.join(' + '), input: first.graph.input, taps: { last: last as string }, nodes },
    weights,
  };
}

function renamed(node: EncoderNode, named: (name: string) => string): EncoderNode {
  const [x, y] = node.in.map(named) as [string, string];
  switch (node.op) {
    case 'conv':
      return { ...node, id: named(node.id), in: [x], w: named(node.w), b: named(node.b) };
    case 'gap':
    case 'max':
    case 'grid':
      return { ...node, id: named(node.id), in: [x] };
    case 'add':
    case 'concat':
      return { ...node, id: named(node.id), in: [x, y] };
  }
}
