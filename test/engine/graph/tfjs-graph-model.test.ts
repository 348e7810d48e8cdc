import { describe, expect, test } from 'vitest';
import {
  binary,
  constant,
  constantOf,
  exactFloats,
  floats,
  integers,
  placeholder,
  prune,
} from '../../../src/engine/graph/graph-def.ts';
import type { GraphDef, NodeDef } from '../../../src/engine/graph/graph-def.ts';
import { fromFiles, fromGraphModel, toFiles, toGraphModel } from '../../../src/engine/graph/tfjs-graph-model.ts';
import { unfuse } from '../../../src/engine/graph/unfuse.ts';

const everyKind: NodeDef = {
  name: 'everything',
  op: 'Everything',
  inputs: ['x', 'kernel:1', '^flags'],
  attributes: {
    a: { type: 'float32' },
    b: { types: ['int32', 'bool'] },
    c: { int: -3 },
    d: { ints: [1, 2] },
    e: { float: 0.5 },
    f: { bool: false },
    g: { text: 'SAME' },
    h: { texts: ['BiasAdd', 'Relu'] },
    i: { shape: [-1, 4] },
  },
};

const graphOf = (...nodes: NodeDef[]): GraphDef => ({
  nodes: [placeholder('x', 'float32', [-1, 2]), ...nodes],
  inputs: { x: { node: 'x', dataType: 'float32', shape: [-1, 2] } },
  outputs: { y: { node: nodes.at(-1)?.name ?? 'x', dataType: 'float32', shape: [] } },
});

const exactOf = (node: NodeDef): Iterable<number> => constantOf(node).data;

describe('a graph model', () => {
  test('says all that the graph says', () => {
    const flags = constant('flags', { dataType: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) });
    const graph = graphOf(
      // Of an odd number of bytes, so that what follows does not lie on a multiple of four.
      flags,
      floats('kernel', [2, 1], Float32Array.of(0.25, -2)),
      exactFloats('exact', [1.0039370059967041]),
      integers('axes', [1, -2]),
      everyKind,
    );
    const read = fromGraphModel(toGraphModel(graph));
    // How a constant is stored is no part of what it says.
    const plain = (nodes: readonly NodeDef[]): unknown =>
      nodes.map((node) => {
        if (node.name === 'exact') return exactFloats('exact', [...exactOf(node)]);
        if (node.name === 'kernel') return floats('kernel', constantOf(node).shape, Float32Array.from(exactOf(node)));
        return node;
      });
    expect(plain(read.nodes)).toEqual(graph.nodes);
    expect([read.inputs, read.outputs]).toEqual([graph.inputs, graph.outputs]);
  });

  test('refuses a weight that half precision cannot hold', () => {
    const graph = graphOf(floats('kernel', [1], Float32Array.of(70000)));
    expect(() => toGraphModel(graph)).toThrow('The weight kernel holds 70000, which half precision cannot hold');
  });

  test('refuses weights that end too early', () => {
    const model = toGraphModel(graphOf(floats('kernel', [2], Float32Array.of(1, 2))));
    expect(() => fromGraphModel({ ...model, weightData: new ArrayBuffer(2) })).toThrow('weights end inside kernel');
  });

  test.each([
    ['writes files', { ...everyKind, op: 'WriteFile' }, 'the operation "WriteFile", which no encoder needs'],
    ['runs a function', { ...everyKind, op: 'StatefulPartitionedCall' }, '"StatefulPartitionedCall"'],
  ])('is not read from files where it %s', (_, node, message) => {
    const files = toFiles(toGraphModel(graphOf(node)), 'weights.bin');
    expect(() => fromFiles(files)).toThrow(message);
  });

  test('is read from files that an encoder is made of', () => {
    const sum = binary('sum', 'AddV2', 'x', 'kernel');
    const files = toFiles(toGraphModel(graphOf(floats('kernel', [2], Float32Array.of(1, 2)), sum)), 'weights.bin');
    expect(fromGraphModel(fromFiles(files)).nodes.map(({ op }) => op)).toEqual(['Placeholder', 'Const', 'AddV2']);
  });

  test('refuses a way of storing weights that it does not know', () => {
    const model = toGraphModel(graphOf(integers('axes', [1])));
    const weightSpecs = [{ name: 'axes', shape: [1], dtype: 'complex64' as const }];
    expect(() => fromGraphModel({ ...model, weightSpecs, weightData: new ArrayBuffer(8) })).toThrow(/axes is stored/);
  });
});

describe('prune', () => {
  test('leaves out what no output needs', () => {
    const graph = graphOf(integers('unused', [1]), everyKind, integers('flags', [1]), integers('kernel', [1]));
    const names = (output: string): string[] =>
      prune({ ...graph, outputs: { y: { node: output, dataType: 'float32', shape: [] } } }).nodes.map((n) => n.name);
    expect(names('everything:2')).toEqual(['x', 'everything', 'flags', 'kernel']);
    expect(names('kernel')).toEqual(['kernel']);
    expect(() => names('nowhere')).toThrow('The graph has no node nowhere');
  });
});

describe('unfuse', () => {
  const fused = (name: string, texts: string[]): NodeDef => ({
    name,
    op: '_FusedConv2D',
    inputs: ['x', 'w', 'b'],
    attributes: { strides: { ints: [1, 1, 1, 1] }, padding: { text: 'SAME' }, fused_ops: { texts } },
  });

  test.each([
    ['with an activation', ['BiasAdd', 'Relu6'], ['Conv2D n/convolution', 'BiasAdd n/BiasAdd', 'Relu6 n']],
    ['without one', ['BiasAdd'], ['Conv2D n/convolution', 'BiasAdd n']],
  ])('takes a fused convolution %s apart under the same name', (_, texts, expected) => {
    const { nodes } = unfuse({ nodes: [fused('n', texts)], inputs: {}, outputs: {} });
    expect(nodes.map(({ op, name }) => `${op} ${name}`)).toEqual(expected);
  });

  test('takes layer normalisation and products of single rows apart under their names', () => {
    const nodes: NodeDef[] = [
      { name: 'n', op: '_LayerNorm', inputs: ['x', 'gain', 'bias'], attributes: { epsilon: { float: 1e-5 } } },
      {
        name: 'qk',
        op: 'BatchMatMulV2',
        inputs: ['q', 'k'],
        attributes: { adj_y: { bool: true }, _one_row: { int: 4 } },
      },
      {
        name: 'av',
        op: 'BatchMatMulV2',
        inputs: ['a', 'v'],
        attributes: { adj_y: { bool: false }, _one_row: { int: 4 } },
      },
      { name: 'ab', op: 'BatchMatMulV2', inputs: ['a', 'b'], attributes: {} },
    ];
    const all = unfuse({ nodes, inputs: {}, outputs: {} }).nodes.filter(({ op }) => op !== 'Const');
    expect(all.map(({ op, name }) => `${op} ${name}`)).toEqual([
      'Mean n/mean',
      'Sub n/centred',
      'Square n/squares',
      'Mean n/variance',
      'AddV2 n/sum',
      'Rsqrt n/scale',
      'Mul n/n',
      'Mul n/scaled',
      'AddV2 n',
      'Mul qk/products',
      'Sum qk/column',
      'Transpose qk',
      'Transpose av/column',
      'Mul av/products',
      'Sum av',
      'BatchMatMulV2 ab',
    ]);
  });

  test('refuses another kind of fusion', () => {
    const graph = { nodes: [fused('n', ['FusedBatchNorm'])], inputs: {}, outputs: {} };
    expect(() => unfuse(graph)).toThrow('The fused convolution n has another form');
  });
});
