import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { encoderGraphModel } from '../../../src/engine/encoder/encoder-graph-model.ts';
import type { OnnxGraph, OnnxNode } from '../../../src/engine/graph/onnx-graph.ts';
import { bake, trace } from '../../../src/engine/graph/trace.ts';
import { toOnnx } from '../../../src/engine/graph/to-onnx.ts';
import { fromGraphModel } from '../../../src/engine/graph/tfjs-graph-model.ts';
import { useTestBackend } from '../../support/backend.ts';
import { toyEncoder } from '../encoder/toy-encoder.ts';

useTestBackend();

const float = (...shape: (number | string)[]) => ({ dataType: 'float32' as const, shape });

const nodesOf = ({ nodes }: OnnxGraph, op: string): OnnxNode[] => nodes.filter((node) => node.op === op);

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

  test('refuses an operation that nobody has said in ONNX, by its name', () => {
    const traced = trace({ x: float('rows', 2) }, ({ x }) => ({ y: tf.exp(x) }));
    const nodes = traced.graph.nodes.map((node) => (node.op === 'Exp' ? { ...node, op: 'Erfinv' } : node));
    expect(() => toOnnx({ ...traced.graph, nodes }, 'step')).toThrow('The operation Erfinv');
  });

  test('leaves out inputs that nothing needs', () => {
    const traced = trace({ x: float('rows', 2), y: float('rows', 2) }, ({ x }) => ({ z: tf.exp(x) }));
    expect(Object.keys(toOnnx(bake(traced), 'step').inputs)).toEqual(['x']);
  });
});
