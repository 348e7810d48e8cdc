import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { OnnxGraph, OnnxNode } from '../engine/graph/onnx-graph.ts';
import { FLOAT } from '../engine/graph/onnx-writer.ts';
import { toOnnx } from '../engine/graph/to-onnx.ts';
import type { Traced } from '../engine/graph/trace.ts';
import { placeOf, type WeightPlace } from '../engine/graph/weight-place.ts';
import { numbersIn } from './foresee-search.ts';
import type { GraphRunner, Halves } from './whole-graph.ts';

/** A stack of layers that are alike, run by one graph. */
export interface LayerGraph {
  /** @param layer from 0 @returns the caller's to dispose */
  run(layer: number, inputs: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor>;
  dispose(): void;
}

/**
 * One graph for all layers of a stack, to which each run hands the layer's weights, read from their files: of a stack that is run
 * once a sentence only one layer is in memory then, and that in float16, for about as long as reading it takes.
 *
 * @param layers recorded alike, each with its own weights
 * @returns nothing where weights do not lie in files in float16, or what runs graphs cannot be handed any
 */
export async function loadLayerGraph(
  layers: readonly Traced[],
  name: string,
  runner: GraphRunner,
): Promise<LayerGraph | undefined> {
  const places = layers.map(({ weights }) => [...weights.values()].map((weight) => placeOf(weight)));
  const areHalves = places.flat().every((place) => place?.file !== undefined && place.type === 'float16');
  const [first] = layers;
  if (!first || !areHalves || !runner.open) return undefined;
  const names = [...first.weights.keys()];
  const shapes = [...first.weights.values()].map(({ shape }) => shape);
  const session = await runner.open(() => withHalves(toOnnx(first.graph, name).graph, names), name);
  // The same room for every layer: what is left of each would lie there until JavaScript next collects.
  const room = shapes.map((shape) => new Uint16Array(tf.util.sizeFromShape(shape)));

  // Open until the end, so that they stay the files whose checksums were read.
  const files = openFiles(places.flat().map((place) => pathOf(place!)));
  const weightsOf = (layer: number): Record<string, Halves> => {
    const feeds = names.map((weight, i): [string, Halves] => {
      const place = places[layer]![i]!;
      const bits = room[i]!;
      const read = readSync(files.get(pathOf(place))!, bits, 0, bits.byteLength, place.file!.offset);
      if (read !== bits.byteLength) throw new Error(`${pathOf(place)} was cut off while it was in use.`);
      return [half(weight), { type: 'float16', data: bits, dims: shapes[i]! }];
    });
    return Object.fromEntries(feeds);
  };
  return {
    run(layer, inputs) {
      const given = Object.entries(inputs).map(([key, tensor]) => [key, numbersIn(tensor)] as const);
      const results = session.run({ ...Object.fromEntries(given), ...weightsOf(layer) });
      return Object.fromEntries(
        Object.entries(results).map(([key, { data, dims, type }]) => [key, tf.tensor(data, [...dims], type)]),
      );
    },
    dispose() {
      session.dispose();
      for (const file of files.values()) closeSync(file);
    },
  };
}

const pathOf = ({ file }: WeightPlace): string => join(file!.folder, file!.name);

/** @returns numbers of files by their paths, each once */
function openFiles(paths: readonly string[]): Map<string, number> {
  const files = new Map<string, number>();
  try {
    for (const path of new Set(paths)) files.set(path, openSync(path, 'r'));
    return files;
  } catch (error) {
    for (const file of files.values()) closeSync(file);
    throw error;
  }
}

const half = (weight: string): string => `${weight}/half`;

/** A graph that takes weights in float16, and widens each at every run: before all else, see `OnnxWriter`. */
function withHalves(graph: OnnxGraph, weights: readonly string[]): OnnxGraph {
  const widenings = weights.map((weight): OnnxNode => ({
    op: 'Cast',
    inputs: [half(weight)],
    outputs: [weight],
    attributes: { to: { int: FLOAT } },
  }));
  const inputs = graph.inputs.map((input) =>
    weights.includes(input.name) ? { ...input, name: half(input.name), type: 'float16' as const } : input,
  );
  return { ...graph, inputs, nodes: [...widenings, ...graph.nodes] };
}
