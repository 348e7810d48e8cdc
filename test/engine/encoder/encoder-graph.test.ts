import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  encode,
  encodeFrom,
  nodesAfter,
  parseEncoderGraph,
  weightNames,
} from '../../../src/engine/encoder/encoder-graph.ts';
import { describeNative, expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { farthest, readJson, syntheticPixels, toyCases, toyEncoder } from './toy-encoder.ts';

useTestBackend();

describe('encode', () => {
  for (const { size, batch, outputs } of toyCases) {
    for (const [tap, { shape, values }] of Object.entries(outputs)) {
      test(`gives ONNX Runtime's "${tap}" for photos of ${size}x${size}`, async () => {
        const { graph, weights } = toyEncoder();
        const output = encode(graph, weights, syntheticPixels(batch, size), tap);
        expect(output.shape).toEqual(shape);
        expect(farthest(await output.data(), values)).toBeLessThan(1e-4);
      });
    }
  }

  test('takes whole-number pixels', async () => {
    const { graph, weights } = toyEncoder();
    const pixels = syntheticPixels(1, 12);
    const a = await encode(graph, weights, tf.cast(pixels, 'int32')).data();
    const b = await encode(graph, weights, pixels).data();
    expect(farthest(a, b)).toBe(0);
  });

  test('goes on from a cached layer to the same grid', async () => {
    const { graph, weights } = toyEncoder();
    const pixels = syntheticPixels(2, 12);
    const s16 = encode(graph, weights, pixels, 's16');
    expect(
      farthest(await encodeFrom(graph, weights, { s16 }).data(), await encode(graph, weights, pixels).data()),
    ).toBe(0);
    expect(s16.isDisposed).toBe(false);
  });

  test('gives a tensor of its own when the layer is given', async () => {
    const { graph, weights } = toyEncoder();
    const s16 = encode(graph, weights, syntheticPixels(1, 12), 's16');
    const same = encodeFrom(graph, weights, { s16 }, 's16');
    s16.dispose();
    expect(await same.data()).toHaveLength(6 * 6 * 4);
  });

  test('leaves no tensors behind', async () => {
    const { graph, weights } = toyEncoder();
    const pixels = syntheticPixels(2, 12);
    await expectNoLeak(() => encode(graph, weights, pixels).dispose());
  });

  test('names a missing weight', () => {
    const { graph, weights } = toyEncoder();
    weights.delete('block.project.w');
    expect(() => encode(graph, weights, syntheticPixels(1, 12))).toThrow("encoder's weight block.project.w is missing");
  });

  test('names the taps when it is asked for another', () => {
    const { graph, weights } = toyEncoder();
    expect(() => encode(graph, weights, syntheticPixels(1, 12), 'first')).toThrow(
      'has no tap and no node "first". Its taps are: last, pre, s16',
    );
  });
});

describe('nodesAfter', () => {
  test('lists what is left to compute', () => {
    const { graph } = toyEncoder();
    const nodes = nodesAfter(graph, 's16');
    expect(nodes.map((node) => node.id)).toEqual(['block.halve', 'block.shrink', 'Conv_1']);
    expect(weightNames(nodes).slice(0, 2)).toEqual(['block.halve.w', 'block.halve.b']);
  });

  test('refuses a layer from which the rest cannot be computed', () => {
    const { graph } = toyEncoder();
    expect(() => nodesAfter(graph, 'block.depthwise')).toThrow('cannot be computed from block.depthwise alone');
  });
});

describeNative('the gradient of encode', () => {
  test('is that of separate operations, for every weight', async () => {
    const { graph, weights } = toyEncoder();
    const pixels = syntheticPixels(2, 13);
    const variables = new Map([...weights].map(([name, value]) => [name, tf.variable(value)]));
    const by = (network: () => tf.Tensor): tf.NamedTensorMap =>
      tf.variableGrads(() => tf.tidy(() => tf.sum<tf.Scalar>(tf.square(network()))), [...variables.values()]).grads;
    const fused = by(() => encode(graph, variables, pixels, 'Logits'));
    const separate = by(() => {
      const values = new Map<string, tf.Tensor4D>();
      values.set('input', tf.mul(tf.sub(pixels, 128), 0.0078740157));
      for (const node of graph.nodes) {
        const [x, y] = node.in.map((id) => values.get(id)) as [tf.Tensor4D, tf.Tensor4D];
        if (node.op === 'add') values.set(node.id, tf.add(x, y));
        else if (node.op === 'gap') values.set(node.id, tf.mean(x, [1, 2], true));
        else if (node.op === 'conv') {
          const kernel = variables.get(node.w) as tf.Tensor as tf.Tensor4D;
          const convolve = node.groups === 4 ? tf.depthwiseConv2d : tf.conv2d;
          const sum = tf.add<tf.Tensor4D>(
            convolve(x, kernel, node.stride, node.pad ?? 'valid'),
            variables.get(node.b) as tf.Tensor,
          );
          values.set(node.id, node.act === 'relu' ? tf.relu(sum) : node.act === 'relu6' ? tf.relu6(sum) : sum);
        }
      }
      return values.get('Logits') as tf.Tensor4D;
    });
    for (const [name, variable] of variables) {
      const [a, b] = [await fused[variable.name]!.data(), await separate[variable.name]!.data()];
      const scale = Math.max(...b.map(Math.abs));
      expect(scale, name).toBeGreaterThan(0);
      expect(farthest(a, b) / scale, name).toBeLessThan(1e-4);
    }
  });

  test('leaves no tensors behind but itself', async () => {
    const { graph, weights } = toyEncoder();
    const pixels = syntheticPixels(2, 12);
    const s16 = encode(graph, weights, pixels, 's16');
    const trained = weightNames(nodesAfter(graph, 's16')).map((name) => tf.variable(weights.get(name) as tf.Tensor));
    const all = new Map(weights);
    weightNames(nodesAfter(graph, 's16')).forEach((name, i) => all.set(name, trained[i] as tf.Tensor));
    await expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(encodeFrom(graph, all, { s16 })), trained);
      tf.dispose([value, grads]);
    });
  });
});

describe('parseEncoderGraph', () => {
  type Json = Record<string, unknown> & { nodes: Record<string, unknown>[] };
  const cases: [string, (graph: Json) => unknown, string][] = [
    ['no object', () => [], 'expected an object'],
    ['no size', (g) => ({ ...g, input: { channels: 'RGB' } }), '"input.size" is not a positive whole number'],
    [
      'two means',
      (g) => ({ ...g, input: { ...(g.input as object), mean: [1, 2] } }),
      '"input.mean" is not three numbers',
    ],
    ['no nodes', (g) => ({ ...g, nodes: [] }), '"nodes" is missing or empty'],
    ['an unknown op', (g) => ({ ...g, nodes: [{ ...g.nodes[0], op: 'lrn' }] }), 'node "Conv" has the unknown op "lrn"'],
    ['an id twice', (g) => ({ ...g, nodes: [g.nodes[0], g.nodes[0]] }), 'node "Conv" appears twice'],
    ['a wrong order', (g) => ({ ...g, nodes: g.nodes.toReversed() }), 'takes "gap", which does not come before it'],
    ['stride 0', (g) => ({ ...g, nodes: [{ ...g.nodes[0], stride: 0 }] }), 'has no positive "stride"'],
    ['a lost tap', (g) => ({ ...g, taps: { last: 'Conv_2' } }), 'the tap "last" names no node'],
    ['no last tap', (g) => ({ ...g, taps: {} }), 'there is no tap "last"'],
  ];
  test('takes a graph that says by null that it does not classify', () => {
    const toy = readJson('toy/graph.json') as Json;
    expect(parseEncoderGraph({ ...toy, output: null })).not.toHaveProperty('output');
  });

  test.each(cases)('refuses a graph with %s', (_, change, message) => {
    expect(() => parseEncoderGraph(change(readJson('toy/graph.json') as Json))).toThrow(message);
  });
});
