import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { AdditiveScore } from '../../../src/engine/attention/additive.ts';
import { attend } from '../../../src/engine/attention/attend.ts';
import { ConcatScore } from '../../../src/engine/attention/concat.ts';
import { DotScore } from '../../../src/engine/attention/dot.ts';
import { GeneralScore } from '../../../src/engine/attention/general.ts';
import { SelfAttentiveScore } from '../../../src/engine/attention/self-attentive.ts';
import { KeyQueryScore } from '../../../src/engine/attention/key-query.ts';
import { scaled } from '../../../src/engine/attention/scaled.ts';
import { ScaledDotScore } from '../../../src/engine/attention/scaled-dot.ts';
import type { Score } from '../../../src/engine/attention/score.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { describeNative, expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

useTestBackend();

type Make = (parameters: Parameters, annotationSize: number, querySize: number) => Score;

/** A score, its weights for the case below, and its energies there, worked by hand. */
interface Case {
  name: string;
  make: Make;
  weights: Record<string, number[][] | number[]>;
  energies: [number, number];
  /** Without weights of its own it needs a query as long as the annotations. */
  sameSize?: boolean;
}

// a_1 = (1, 0), a_2 = (0, 2), h = (3, 1) throughout.
const A = [
  [1, 0],
  [0, 2],
];
const H = [3, 1];
const { tanh, SQRT2 } = Math;

const cases: Case[] = [
  {
    name: 'dot',
    make: () => new DotScore(),
    weights: {},
    // h·a_1 = 3·1 + 1·0, h·a_2 = 3·0 + 1·2
    energies: [3, 2],
    sameSize: true,
  },
  {
    name: 'scaled dot',
    make: () => new ScaledDotScore(),
    weights: {},
    energies: [3 / SQRT2, 2 / SQRT2],
    sameSize: true,
  },
  {
    name: 'general',
    make: (parameters, annotation, query) => new GeneralScore(parameters, 's', annotation, query),
    // a_1 → (1, 2), a_2 → 2·(−1, 0.5) = (−2, 1)
    weights: {
      's.annotations': [
        [1, 2],
        [-1, 0.5],
      ],
    },
    energies: [3 + 2, -6 + 1],
  },
  {
    name: 'key-query',
    make: (parameters, annotation, query) => new KeyQueryScore(parameters, 's', annotation, query, query + 1),
    // h → (3 + 1, 3·0 + 1, 3·2 + 0) = (4, 1, 6); a_1 → (1, 0, 0.5), a_2 → 2·(0, −1, 0.25) = (0, −2, 0.5)
    weights: {
      's.query': [
        [1, 0, 2],
        [1, 1, 0],
      ],
      's.key': [
        [1, 0, 0.5],
        [0, -1, 0.25],
      ],
    },
    energies: [4 + 0 + 3, 0 - 2 + 3],
  },
  {
    name: 'scaled general',
    make: (parameters, annotation, query) => scaled(new GeneralScore(parameters, 's', annotation, query)),
    weights: {
      's.annotations': [
        [1, 2],
        [-1, 0.5],
      ],
    },
    // Both are mapped to 2 numbers, which are multiplied.
    energies: [(3 + 2) / SQRT2, (-6 + 1) / SQRT2],
  },
  {
    name: 'scaled key-query',
    make: (parameters, annotation, query) => scaled(new KeyQueryScore(parameters, 's', annotation, query, query + 1)),
    weights: {
      's.query': [
        [1, 0, 2],
        [1, 1, 0],
      ],
      's.key': [
        [1, 0, 0.5],
        [0, -1, 0.25],
      ],
    },
    // Keys and queries have 3 numbers, more than what they are made of.
    energies: [(4 + 0 + 3) / Math.sqrt(3), (0 - 2 + 3) / Math.sqrt(3)],
  },
  {
    name: 'concat',
    make: (parameters, annotation, query) => new ConcatScore(parameters, 's', annotation, query, 2),
    // W_h h = 3·(0.1, 0) + 1·(0, 0.2) = (0.3, 0.2); W_a a_1 = (1, 0.5), W_a a_2 = 2·(−0.25, 0.1) = (−0.5, 0.2)
    weights: {
      's.kernel': [
        [0.1, 0],
        [0, 0.2],
        [1, 0.5],
        [-0.25, 0.1],
      ],
      's.v': [[2], [-1]],
    },
    energies: [2 * tanh(1.3) - tanh(0.7), 2 * tanh(-0.2) - tanh(0.4)],
  },
  {
    name: 'additive',
    make: (parameters, annotation, query) => new AdditiveScore(parameters, 's', annotation, query, 2),
    // As concat, with the bias (0.05, −0.1).
    weights: {
      's.query': [
        [0.1, 0],
        [0, 0.2],
      ],
      's.annotations': [
        [1, 0.5],
        [-0.25, 0.1],
      ],
      's.bias': [0.05, -0.1],
      's.v': [[2], [-1]],
    },
    energies: [2 * tanh(1.35) - tanh(0.6), 2 * tanh(-0.15) - tanh(0.3)],
  },
  {
    name: 'self-attentive',
    make: (parameters, annotation) => new SelfAttentiveScore(parameters, 's', annotation, 2),
    weights: {
      's.kernel': [
        [1, 0.5],
        [-0.25, 0.1],
      ],
      's.v': [[2], [-1]],
    },
    energies: [2 * tanh(1) - tanh(0.5), 2 * tanh(-0.5) - tanh(0.2)],
  },
];

const kept: { dispose(): void }[] = [];
const keep = <T extends { dispose(): void }>(thing: T): T => (kept.push(thing), thing);
afterEach(() => {
  for (const thing of kept.splice(0)) thing.dispose();
});

const random = (): (() => number) => {
  const { next } = new Random(5);
  return () => 2 * next() - 1;
};
const draw = (shape: number[], next: () => number): tf.Tensor =>
  tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape);

describe.each(cases)('the $name score', ({ make, weights, energies, sameSize }) => {
  const ANNOTATION = 3;
  const QUERY = sameSize ? ANNOTATION : 2;
  const BATCH = 2;
  const LOCATIONS = 4;

  it('gives the energies, weights and context worked by hand', () => {
    const given = new Map(Object.entries(weights).map(([name, values]) => [name, keep(tf.tensor(values))]));
    const score = make(keep(new Parameters(Math.random, given)), 2, 2);
    tf.tidy(() => {
      const annotations = tf.tensor3d([A]);
      const query = tf.tensor2d([H]);
      const keys = score.keys(annotations);
      const [e1, e2] = energies;
      const found = score.energies(keys, query);
      expect(found.shape).toEqual([1, 2]);
      expect(found.dataSync()[0]).toBeCloseTo(e1, 5);
      expect(found.dataSync()[1]).toBeCloseTo(e2, 5);

      // With two locations the softmax is a sigmoid: α_1 = 1 / (1 + exp(e_2 − e_1)).
      const alpha = 1 / (1 + Math.exp(e2 - e1));
      const attended = attend(score, keys, annotations, query);
      expect(attended.weights.dataSync()[0]).toBeCloseTo(alpha, 5);
      expect(attended.weights.dataSync()[1]).toBeCloseTo(1 - alpha, 5);
      // ẑ = α_1 (1, 0) + α_2 (0, 2)
      expect(attended.context.dataSync()[0]).toBeCloseTo(alpha, 5);
      expect(attended.context.dataSync()[1]).toBeCloseTo(2 * (1 - alpha), 5);
    });
  });

  it('asks for exactly the weights that its description names', () => {
    const parameters = keep(new Parameters(Math.random));
    make(parameters, 2, 2);
    const shapeOf = (values: number[] | number[][]): number[] =>
      Array.isArray(values[0]) ? [values.length, values[0].length] : [values.length];
    const expected = Object.entries(weights).map(([name, values]) => [name, shapeOf(values)]);
    expect(new Map(parameters.entries().map(([name, { shape }]) => [name, shape]))).toEqual(new Map(expected as never));
  });

  describeNative('its gradient for weights, annotations and query', () => {
    it.each([
      ['', undefined],
      [
        ' behind a mask',
        [
          [1, 0, 1, 1],
          [0, 1, 1, 0],
        ],
      ],
    ])('equals finite differences%s', (_, mask) => {
      const next = random();
      const parameters = keep(new Parameters(() => (next() + 1) / 2));
      const score = make(parameters, ANNOTATION, QUERY);
      const annotations = keep(tf.tidy(() => tf.variable(draw([BATCH, LOCATIONS, ANNOTATION], next))));
      const query = keep(tf.tidy(() => tf.variable(draw([BATCH, QUERY], next))));
      const maskTensor = mask && keep(tf.tensor2d(mask));
      const ofContext = keep(draw([BATCH, ANNOTATION], next));
      const ofWeights = keep(draw([BATCH, LOCATIONS], next));
      const loss = (): tf.Scalar => {
        const values = annotations as tf.Tensor as tf.Tensor3D;
        const attended = attend(score, score.keys(values), values, query as tf.Tensor as tf.Tensor2D, maskTensor);
        return tf.add(tf.sum(tf.mul(attended.context, ofContext)), tf.sum(tf.mul(attended.weights, ofWeights)));
      };
      const inputs: [string, tf.Variable][] = [['annotations', annotations]];
      // A score without a query has no gradient for it.
      if (!(score instanceof SelfAttentiveScore)) inputs.push(['query', query]);
      expectGradients([...parameters.entries(), ...inputs], loss);
    });
  });

  it('gives masked locations exactly no weight, and rows that sum to 1', async () => {
    const parameters = keep(new Parameters(new Random(2).next));
    const score = make(parameters, ANNOTATION, QUERY);
    const mask = [
      [1, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    await expectNoLeak(() => {
      const result = tf.tidy(() => {
        const annotations = draw([BATCH, LOCATIONS, ANNOTATION], random()) as tf.Tensor3D;
        const query = draw([BATCH, QUERY], random()) as tf.Tensor2D;
        return attend(score, score.keys(annotations), annotations, query, tf.tensor2d(mask)).weights.arraySync();
      });
      result.forEach((row, b) => {
        expect(row.reduce((a, x) => a + x, 0)).toBeCloseTo(1, 6);
        row.forEach((weight, i) => (mask[b]?.[i] ? expect(weight).toBeGreaterThan(0) : expect(weight).toBe(0)));
      });
      expect(result[1]).toEqual([0, 0, 0, 1]);
    });
  });

  it('leaves the annotations to the caller and only its keys behind', async () => {
    const score = make(keep(new Parameters(new Random(2).next)), ANNOTATION, QUERY);
    const annotations = keep(tf.zeros<tf.Rank.R3>([BATCH, LOCATIONS, ANNOTATION]));
    const query = keep(tf.zeros<tf.Rank.R2>([BATCH, QUERY]));
    await expectNoLeak(() => {
      const keys = score.keys(annotations);
      score.energies(keys, query).dispose();
      keys.dispose();
    });
    expect(annotations.isDisposed).toBe(false);
  });
});

describe('wrong shapes are named', () => {
  const parameters = new Parameters(Math.random);
  it.each<[string, () => Score, number[], number[], string]>([
    [
      'a dot product of two sizes',
      () => new DotScore(),
      [2, 4, 3],
      [2, 2],
      'The query must be of size 3, not 2 (shape [2, 2]).',
    ],
    ['two batches', () => new DotScore(), [2, 4, 3], [5, 3], 'There are keys of 2 rows and queries of 5.'],
    [
      'annotations of another size',
      () => new GeneralScore(parameters, 'g', 3, 2),
      [2, 4, 7],
      [2, 2],
      'The annotations must be of size 3, not 7 (shape [2, 4, 7]).',
    ],
    [
      'a query of another size',
      () => new ConcatScore(parameters, 'c', 3, 2, 5),
      [2, 4, 3],
      [2, 3],
      'The query must be of size 2, not 3',
    ],
    [
      'a query of another size',
      () => new KeyQueryScore(parameters, 'k', 3, 2, 5),
      [2, 4, 3],
      [2, 5],
      'The query must be of size 2, not 5',
    ],
    [
      'two batches',
      () => new AdditiveScore(parameters, 'a', 3, 2, 5),
      [2, 4, 3],
      [1, 2],
      'keys of 2 rows and queries of 1',
    ],
    [
      'a query of another size',
      () => new AdditiveScore(parameters, 'b', 3, 2, 5),
      [2, 4, 3],
      [2, 3],
      'The query must be of size 2, not 3',
    ],
    [
      'annotations of another size',
      () => new SelfAttentiveScore(parameters, 'i', 3, 2),
      [2, 4, 2],
      [2, 2],
      'The annotations must be of size 3, not 2',
    ],
  ])('%s', (_, make, annotations, query, message) => {
    tf.tidy(() => {
      const score = make();
      expect(() => score.energies(score.keys(tf.zeros(annotations as never)), tf.zeros(query as never))).toThrow(
        message,
      );
    });
    parameters.dispose();
  });
});

describe('scaled', () => {
  it('refuses a score that is no product', () => {
    expect(() => scaled(new SelfAttentiveScore(keep(new Parameters(Math.random)), 's', 2, 2))).toThrow(/products/);
  });
});
