import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { GraphDef, NodeDef } from '../../../src/engine/graph/graph-def.ts';
import { constantOf } from '../../../src/engine/graph/graph-def.ts';
import { trace } from '../../../src/engine/graph/trace.ts';
import { TFJS_BACKEND, expectNoLeak, useTestBackend } from '../../support/backend.ts';

useTestBackend();

const float = (...shape: (number | string)[]) => ({ dataType: 'float32' as const, shape });

const nodesOf = (graph: GraphDef, op: string): NodeDef[] => graph.nodes.filter((node) => node.op === op);
const byName = (graph: GraphDef, name: string | undefined): NodeDef =>
  graph.nodes.find((node) => node.name === name) as NodeDef;

describe('trace', () => {
  test('leaves the sizes open that differ from run to run', () => {
    const { graph } = trace({ x: float('photos', 6, 4) }, ({ x }) => ({
      flat: tf.reshape(x, [x.shape[0] * 6, 4]),
      mean: tf.mean(x, 1),
      tail: tf.slice(x, [0, 2, 0], [x.shape[0], 4, 4]),
    }));
    expect(graph.inputs['x']?.shape).toEqual([-1, 6, 4]);
    expect(Object.fromEntries(Object.entries(graph.outputs).map(([key, { shape }]) => [key, shape]))).toEqual({
      flat: [-1, 4],
      mean: [-1, 4],
      tail: [-1, 4, 4],
    });
    const [reshape, slice] = [nodesOf(graph, 'Reshape')[0], nodesOf(graph, 'Slice')[0]];
    expect([...constantOf(byName(graph, reshape?.inputs[1])).data]).toEqual([-1, 4]);
    expect([...constantOf(byName(graph, slice?.inputs[2])).data]).toEqual([-1, -1, -1]);
  });

  test('takes two sizes apart', () => {
    const { graph } = trace({ x: float('rows', 2), table: float('words', 2) }, ({ x, table }) => ({
      scores: tf.matMul(x as tf.Tensor2D, table as tf.Tensor2D, false, true),
      again: tf.reshape(x, [-1]),
    }));
    expect(graph.outputs['scores']?.shape).toEqual([-1, -1]);
    expect(graph.outputs['again']?.shape).toEqual([-1]);
  });

  test('reads sizes off the inputs where a shape has several of them', () => {
    const { graph } = trace({ x: float('rows', 'length', 6) }, ({ x }) => {
      const [rows, length] = x.shape as [number, number];
      return { heads: tf.reshape(x, [rows, length, 2, 3]), pairs: tf.reshape(x, [rows, 3, 2 * length]) };
    });
    expect(graph.outputs['heads']?.shape).toEqual([-1, -1, 2, 3]);
    const [heads, pairs] = nodesOf(graph, 'Reshape').map(({ inputs }) => byName(graph, inputs[1]));
    const piecesOf = (node: NodeDef | undefined): NodeDef[] =>
      node!.inputs.slice(0, -1).map((input) => byName(graph, input));
    const axisOf = (piece: NodeDef): number => constantOf(byName(graph, piece.inputs[1])).data[0]!;
    expect(piecesOf(heads).map(({ op }) => op)).toEqual(['GatherV2', 'GatherV2', 'Const', 'Const']);
    expect(piecesOf(heads).slice(0, 2).map(axisOf)).toEqual([0, 1]);
    expect(byName(graph, piecesOf(heads)[0]!.inputs[0])).toMatchObject({ op: 'Shape', inputs: ['x'] });
    // Twice the length is no input's size: it is whatever is left.
    expect(constantOf(piecesOf(pairs)[2]!).data[0]).toBe(-1);
  });

  test('makes inputs of the weights that were used, each once, and leaves them where they are', async () => {
    const kernel = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const bias = tf.tensor1d([5, 6]);
    const { graph, weights } = await expectNoLeak(() =>
      trace({ x: float('rows', 2) }, ({ x }) => {
        const once = tf.add(tf.matMul(x as tf.Tensor2D, kernel), bias);
        return { y: tf.add(tf.matMul(once as tf.Tensor2D, kernel), tf.clone(bias)) };
      }),
    );
    expect([...weights.values()]).toEqual([kernel, bias]);
    expect(Object.keys(graph.inputs)).toEqual(['x', 'weight/0', 'weight/1']);
    expect([...kernel.dataSync()]).toEqual([1, 2, 3, 4]);
  });

  test('writes down numbers that the computation brings along', () => {
    const { graph } = trace({ x: float(3) }, ({ x }) => ({ y: tf.mul(x, 2.5) }));
    const [product] = nodesOf(graph, 'Mul');
    expect(product?.inputs[0]).toBe('x');
    expect(constantOf(byName(graph, product?.inputs[1]))).toEqual({
      dataType: 'float32',
      shape: [],
      data: Float32Array.of(2.5),
    });
  });

  test.each<[string, (x: tf.Tensor) => tf.Tensor, string]>([
    ['an unknown operation', (x) => tf.softplus(x), 'The operation Softplus cannot be recorded'],
    ['a look at the numbers', (x) => tf.add(x, x.dataSync()[0]!), 'reads numbers out of tensors'],
    ['numbers that depend on the size', (x) => tf.mul(x, x.shape[0]), 'depends on the size of an input'],
    ['as many zeros as there are rows', (x) => tf.add(x, tf.zeros(x.shape)), 'depends on the size of an input'],
    ['half of the rows', (x) => tf.slice(x, 0, (x.shape[0] - 1) / 2), 'depends on the size of an input'],
    ['other operations for other sizes', (x) => (x.shape[0] > 1500 ? tf.tanh(x) : tf.exp(x)), 'depends on the size'],
    ['other weights at each call', (x) => tf.add(x, outside()), 'other weights at each call'],
    [
      'two open sizes in one shape that no input has',
      (x) => tf.reshape(tf.matMul(x, x, false, true), twiceOf(x)),
      'more than one place',
    ],
    ['an error of its own', () => fail(), 'mine'],
  ])('refuses %s, and leaves the backend as it was', async (_, compute, message) => {
    const before = tf.getBackend();
    await expectNoLeak(() => {
      expect(() => trace({ x: float('rows', 2) }, ({ x }) => ({ y: compute(x) }))).toThrow(message);
      tf.dispose(made.splice(0));
    });
    expect(tf.getBackend()).toBe(before);
    expect(tf.engine().backendNames()).not.toContain('recorder');
    expect([...tf.add(tf.tensor1d([1, 2]), 1).dataSync()]).toEqual([2, 3]);
  });
});

const made: tf.Tensor[] = [];

/** The shape of twice as many rows as there are, and half as many columns: neither is the size of an input. */
const twiceOf = ({ shape: [rows = 0] }: tf.Tensor): [number, number] => [2 * rows, rows / 2];

/** A tensor of the real backend, another one each time. */
function outside(): tf.Tensor {
  const recorder = tf.getBackend();
  void tf.setBackend(TFJS_BACKEND);
  const tensor = tf.keep(tf.tensor1d([1, 2]));
  void tf.setBackend(recorder);
  made.push(tensor);
  return tensor;
}

function fail(): never {
  throw new Error('mine');
}
