import type { WeightPlace } from './weight-place.ts';

/**
 * A model as ONNX has it (onnx.ai/onnx/repo-docs/IR.html), in plain values: what `toOnnx` makes and `onnxBytes` writes.
 */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  /** Values that are known: weights and constants. */
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  /** ONNX's name of the operation: "Conv". */
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly graph: OnnxGraph };

export type OnnxType = 'float16' | 'float32' | 'int32' | 'int64' | 'bool';

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** Of int64 as ordinary numbers: sizes and places, all far below 2^53. */
  readonly data: Float32Array | Int32Array | Uint8Array | readonly number[];
  /** Where the numbers lie, if that is known; `data` then reads their bytes at each call. */
  readonly place?: WeightPlace;
  /**
   * Whether it is listed among the graph's inputs, too: one that has a value already and so need not be fed (IR.html,
   * "Graph inputs"). Whoever loads the graph must then take the value for one that may change, and computes nothing of it beforehand.
   */
  readonly mayBeFed?: boolean;
}

/** A tensor that goes in or out. A word in its shape is a size that differs from run to run: the same word, the same size. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}
