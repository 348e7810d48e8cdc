import type * as tf from '@tensorflow/tfjs-core';
import type { DataType, GraphDef } from '../engine/graph/graph-def.ts';
import type { OnnxGraph } from '../engine/graph/onnx-graph.ts';
import type { Traced } from '../engine/graph/trace.ts';

/** A graph that is run with one call, by what fuses its operations in its own way. */
export interface WholeGraph {
  /**
   * @param inputs by the names in the graph's `inputs`; left to the caller
   * @param rarely results of many numbers that hardly anybody asks for, and their shapes: where that saves something, they
   *   are computed when somebody does
   * @returns by the names in the graph's `outputs`; the caller's to dispose
   */
  run(
    inputs: Readonly<Record<string, tf.Tensor>>,
    rarely?: Readonly<Record<string, readonly number[]>>,
  ): Record<string, tf.Tensor>;
  dispose(): void;
}

/** What graphs are made from, where that is known: by it a graph that was kept is found again. */
export interface GraphOrigin {
  /** The checksums of a model's files. */
  readonly key: string;
  /** The weights that were read from them. */
  readonly weights: readonly tf.Tensor[];
}

/** How a recorded computation is loaded. */
export interface TracedLoading {
  /** It may be loaded when it runs first, for the weights stay; since searches mostly run as a whole (`open`). */
  readonly later?: boolean;
  readonly origin?: GraphOrigin | undefined;
  /**
   * How many of the matrices that lie in files in float16 stay so in memory, from 0 (none, the default) to 1 (all), where
   * ONNX Runtime runs it: each is widened at every run. For what runs once a photo or sentence, not for every token.
   */
  readonly halves?: number;
}

/** What runs whole graphs: TensorFlow (`savedModels`) or ONNX Runtime (`onnxRuntime`). */
export interface GraphRunner {
  /** @param name what the graph does: "encoder", "step" @param graph asked for where it was not kept */
  load(graph: () => GraphDef, name: string, origin?: GraphOrigin): Promise<WholeGraph>;
  /**
   * The same for a recorded computation and the weights that it used.
   * @param traced a function: it may be recorded later, of the `origin`'s weights
   * @returns a graph whose `run` throws where a weight was changed: some are kept in another form beside themselves
   */
  loadTraced(traced: Traced | (() => Traced), name: string, how?: TracedLoading): Promise<WholeGraph>;
  /**
   * Loads a graph that has loops; of what has such graphs alone.
   * @param build puts it together of what was recorded, whose weights `bake` puts in
   */
  loadLoop?: (build: (bake: (traced: Traced) => GraphDef) => OnnxGraph, name: string) => Promise<WholeGraph>;
  /** Begins to read graphs that may be kept and will soon be asked for. @param names of each @param key of their origin */
  expect?: (names: readonly string[], key: string) => void;
  /** Loads a graph that is ONNX already; of ONNX Runtime alone. @param graph asked for where it was not kept */
  open?: (graph: () => OnnxGraph, name: string, origin?: GraphOrigin) => Promise<OnnxSession>;
}

/** A tensor as ONNX Runtime has it. */
export interface Numbers {
  readonly type: DataType;
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly dims: readonly number[];
}

/** Numbers in half precision, as their bits: only handed in. */
export interface Halves {
  readonly type: 'float16';
  readonly data: Uint16Array;
  readonly dims: readonly number[];
}

/** A graph in ONNX's own terms. */
export interface OnnxSession {
  /** @param inputs and results by their names in the graph @param wanted some of these; left out: all */
  run(
    inputs: Readonly<Record<string, Halves | Numbers>>,
    wanted?: readonly string[],
  ): Readonly<Record<string, Numbers>>;
  dispose(): void;
}

/** @returns a function that throws where one of some weights was changed since */
export function unchanged(weights: Iterable<tf.Tensor>): () => void {
  const recorded = Array.from(weights, (weight) => ({ weight, data: weight.dataId }));
  return () => {
    if (recorded.some(({ data, weight }) => weight.dataId !== data)) {
      throw new Error('The weights were changed after their graph was made.');
    }
  };
}
