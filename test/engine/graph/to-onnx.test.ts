import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { MultiHeadAttention } from '../../../src/engine/attention/multi-head.ts';
import { encoderGraphModel } from '../../../src/engine/encoder/encoder-graph-model.ts';
import { onnxBytes } from '../../../src/engine/graph/onnx-bytes.ts';
import type { OnnxGraph, OnnxNode } from '../../../src/engine/graph/onnx-graph.ts';
import { bake, trace } from '../../../src/engine/graph/trace.ts';
import { toOnnx } from '../../../src/engine/graph/to-onnx.ts';
import { LayerNorm } from '../../../src/engine/layers/layer-norm.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { setPlace } from '../../../src/engine/graph/weight-place.ts';
import { fromGraphModel } from '../../../src/engine/graph/tfjs-graph-model.ts';
import { useTestBackend } from '../../support/backend.ts';
import { toyEncoder } from '../encoder/toy-encoder.ts';

useTestBackend();

const float = (...shape: (number | string)[]) => ({ dataType: 'float32' as const, shape });

const nodesOf = ({ nodes }: OnnxGraph, op: string): OnnxNode[] => nodes.filter((node) => node.op === op);

/** The same tensor as one whose numbers lie in a file in float16. */
function inFile<T extends tf.Tensor>(tensor: T, i: number): T {
  const bytes = 2 * tensor.size;
  const file = { folder: 'folder', name: 'weights', offset: i * bytes };
  setPlace(tensor, { file, bytes, type: 'float16', read: () => new Uint8Array(bytes) });
  return tensor;
}

/** The names of the inputs in the bytes of a model (onnx.proto: ModelProto.graph, GraphProto.input, ValueInfoProto.name). */
function inputsIn(bytes: Uint8Array): string[] {
  const parts = (message: Uint8Array, wanted: number): Uint8Array[] => {
    const reader = new BinaryReader(message);
    const found: Uint8Array[] = [];
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === wanted) found.push(reader.bytes());
      else reader.skip(type);
    }
    return found;
  };
  const inputs = parts(bytes, 7).flatMap((graph) => parts(graph, 11));
  return inputs.flatMap((value) => parts(value, 1)).map((name) => new TextDecoder().decode(name));
}

describe('a graph as ONNX', () => {
  test('keeps names and open sizes, and calls no output like an input', () => {
    const traced = trace({ h: float('rows', 4), x: float('rows', 'places', 4) }, ({ h, x }) => ({
      h: tf.tanh(h),
      sums: tf.sum(x, 2),
      flat: tf.reshape(x, [-1, 4]),
    }));
    const { graph, outputs } = toOnnx(traced.graph, 'step');
    expect(graph.inputs).toEqual([
      { name: 'h', type: 'float32', shape: ['rows', 4] },
      { name: 'x', type: 'float32', shape: ['rows', 'places', 4] },
    ]);
    expect(graph.outputs).toEqual([
      { name: 'next_h', type: 'float32', shape: ['rows', 4] },
      { name: 'sums', type: 'float32', shape: ['rows', 'places'] },
      { name: 'flat', type: 'float32', shape: ['flat_0', 4] },
    ]);
    expect(outputs).toEqual({ h: 'next_h', sums: 'sums', flat: 'flat' });
  });

  test('has no two values of one name, and none that nothing takes', async () => {
    const { graph, weights } = toyEncoder();
    const { graph: onnx, outputs } = toOnnx(fromGraphModel(await encoderGraphModel(graph, weights)), 'encoder');
    const names = [
      ...onnx.inputs.map(({ name }) => name),
      ...onnx.initializers.map(({ name }) => name),
      ...onnx.nodes.flatMap(({ outputs }) => outputs),
    ];
    expect(new Set(names).size).toBe(names.length);
    const taken = new Set(onnx.nodes.flatMap(({ inputs }) => inputs));
    expect(names.filter((name) => !taken.has(name))).toEqual(Object.values(outputs));
  });

  test('turns channels to the front once and back once, whatever stands between', async () => {
    const { graph, weights } = toyEncoder();
    const { graph: onnx } = toOnnx(fromGraphModel(await encoderGraphModel(graph, weights)), 'encoder');
    expect(nodesOf(onnx, 'Conv').length).toBeGreaterThan(2);
    // A weight in half precision becomes a whole one first.
    const known = new Set(onnx.initializers.map(({ name }) => name.replace(/\/half$/, '')));
    const turned = nodesOf(onnx, 'Transpose').filter(({ inputs }) => !known.has(inputs[0] as string));
    expect(turned.map(({ attributes }) => attributes['perm'])).toEqual([
      { ints: [0, 3, 1, 2] },
      { ints: [0, 2, 3, 1] },
    ]);
  });

  test('says layer normalisation in one operation, and products of single rows as products', () => {
    const parameters = new Parameters(new Random(1).next);
    const norm = new LayerNorm(parameters, 'norm', 4, 1e-6);
    const heads = new MultiHeadAttention(parameters, 'heads', 4, 2);
    const { graph } = trace({ x: float('rows', 4) }, ({ x }) => {
      const rows = x.shape[0];
      const y = norm.apply(x as tf.Tensor2D);
      return { y, ...heads.attend(y, rows, heads.memory(y, rows)) };
    });
    const onnx = toOnnx(graph, 'step').graph;
    expect(nodesOf(onnx, 'LayerNormalization').map(({ attributes }) => attributes)).toEqual([
      { axis: { int: -1 }, epsilon: { float: 1e-6 } },
    ]);
    expect(nodesOf(onnx, 'ReduceSum')).toEqual([]);
    expect(nodesOf(onnx, 'MatMul')).toHaveLength(4 + 2);
    parameters.dispose();
  });

  test('gives a result its name where it is computed, and copies only what is fed or is told twice', () => {
    const { graph } = trace({ x: float('rows', 4) }, ({ x }) => {
      const y = tf.exp(x);
      return { x, y, again: y, z: tf.tanh(y) };
    });
    const { nodes } = toOnnx(graph, 'step').graph;
    expect(nodes.map(({ inputs, op, outputs }) => [op, ...inputs, ...outputs])).toEqual([
      ['Exp', 'x', 'y'],
      ['Tanh', 'y', 'z'],
      ['Identity', 'x', 'next_x'],
      ['Identity', 'y', 'again'],
    ]);
  });

  test('refuses an operation that nobody has said in ONNX, by its name', () => {
    const traced = trace({ x: float('rows', 2) }, ({ x }) => ({ y: tf.exp(x) }));
    const nodes = traced.graph.nodes.map((node) => (node.op === 'Exp' ? { ...node, op: 'Erfinv' } : node));
    expect(() => toOnnx({ ...traced.graph, nodes }, 'step')).toThrow('The operation Erfinv');
  });

  test('takes every so manyeth matrix that lies in a file in halves for one that may be fed, and widens it before all else', () => {
    const weights = Array.from({ length: 4 }, (_, i) => inFile(tf.ones([3, 3]), i));
    const bias = inFile(tf.ones([3]), 4);
    const traced = trace({ x: float('rows', 3) }, ({ x }) => ({
      y: tf.add(
        weights.reduce((product, weight) => tf.matMul(product, weight), x as tf.Tensor2D),
        bias,
      ),
    }));
    const { graph } = toOnnx(bake(traced), 'encoder', 0.5);
    const fed = ['weight/1/half', 'weight/3/half'];
    expect(graph.initializers.filter(({ type }) => type === 'float16')).toHaveLength(5);
    expect(graph.initializers.filter(({ mayBeFed }) => mayBeFed).map(({ name }) => name)).toEqual(fed);
    expect(inputsIn(onnxBytes(graph))).toEqual(['x', ...fed]);
    expect(graph.nodes.slice(0, 2).map(({ inputs, op }) => [op, ...inputs])).toEqual(fed.map((half) => ['Cast', half]));
    expect(nodesOf(graph, 'Cast')).toHaveLength(5);
    expect(inputsIn(onnxBytes(toOnnx(bake(traced), 'encoder').graph))).toEqual(['x']);
    tf.dispose([weights, bias]);
  });

  test('leaves out inputs that nothing needs', () => {
    const traced = trace({ x: float('rows', 2), y: float('rows', 2) }, ({ x }) => ({ z: tf.exp(x) }));
    expect(Object.keys(toOnnx(bake(traced), 'step').inputs)).toEqual(['x']);
  });
});
