import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTraining } from '../../../src/engine/laboratory/gradients.ts';
import { CausalConvolution } from '../../../src/engine/layers/causal-convolution.ts';
import { ConvolutionalSequence, reach, SEQUENCE_KINDS } from '../../../src/engine/models/convolutional-sequence.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { crossEntropy } from '../../../src/engine/training/losses.ts';
import { expectNoLeak } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

beforeAll(startTraining);

const TOKENS = Int32Array.of(0, 3, 1, 4, 2, 2, 4, 0, 1, 3);
const ROWS = 2;

function sequence(kind: (typeof SEQUENCE_KINDS)[number], depth = 2) {
  const parameters = new Parameters(new Random(6).next);
  // Two numbers have nothing left to tell once they are normalised, so half of the size is more than that.
  const size = kind === 'bytenet' ? 12 : 4;
  const model = new ConvolutionalSequence({ kind, vocabularySize: 5, size, depth, width: 3 }, parameters);
  return { model, parameters };
}

describe('a causal convolution', () => {
  it.each([1, 2, 4])('is the sum over the steps that it sees, dilation %i', (dilation) => {
    const [rows, length, input, output, width] = [2, 5, 3, 2, 3];
    const random = new Random(2);
    const parameters = new Parameters(random.next);
    const layer = new CausalConvolution(parameters, 'c', input, output, { width, dilation });
    const x = Array.from({ length: rows * length * input }, () => random.next() - 0.5);
    const own = tf.tidy(() => layer.apply(tf.tensor3d(x, [rows, length, input])).dataSync());
    const kernel = (new Map(parameters.entries()).get('c.kernel') as tf.Tensor2D).arraySync();
    for (let row = 0; row < rows; row++) {
      for (let t = 0; t < length; t++) {
        for (let o = 0; o < output; o++) {
          let sum = 0;
          for (let j = 0; j < width; j++) {
            const at = t - j * dilation;
            for (let i = 0; i < input && at >= 0; i++)
              sum += x[(row * length + at) * input + i]! * kernel[j * input + i]![o]!;
          }
          expect(own[(row * length + t) * output + o]).toBeCloseTo(sum, 5);
        }
      }
    }
    parameters.dispose();
  });
});

describe('a stack of convolutions over tokens', () => {
  it.each(SEQUENCE_KINDS)('has the gradients of finite differences: %s', (kind) => {
    const { model, parameters } = sequence(kind);
    const targets = Int32Array.from(TOKENS, (token) => (token + 1) % 5);
    // A ReLU is smooth where what it is given is far from 0.
    for (const [name, bias] of parameters.entries()) {
      if (!/norm\.\d\.bias$/.test(name)) continue;
      const far = Array.from({ length: bias.size }, (_, i) => (i % 3 === 0 ? -5 : 5));
      tf.tidy(() => bias.assign(tf.tensor1d(far)));
    }
    const loss = (): tf.Scalar =>
      tf.tidy(() => tf.mul(tf.mean(crossEntropy(model.apply(TOKENS, ROWS).logits, targets)), 0.3));
    expectGradients(parameters.entries(), loss, 5e-4, 3);
    parameters.dispose();
  });

  it.each(SEQUENCE_KINDS)('sees nothing of the future: %s', (kind) => {
    const { model, parameters } = sequence(kind);
    const read = (tokens: Int32Array): number[][] => tf.tidy(() => model.apply(tokens, 1).logits.arraySync());
    const before = read(Int32Array.of(0, 1, 2, 3, 4));
    const after = read(Int32Array.of(0, 1, 2, 4, 4));
    for (const t of [0, 1, 2]) expect(after[t]).toEqual(before[t]);
    expect(after[3]).not.toEqual(before[3]);
    parameters.dispose();
  });

  it.each(['plain', 'dilated', 'bytenet'] as const)('sees as far as it is said to, and no further: %s', (kind) => {
    const { model, parameters } = sequence(kind, 3);
    const far = reach({ kind, depth: 3, width: 3 });
    expect(far).toBe(kind === 'plain' ? 6 : 14);
    const tokens = new Int32Array(20);
    const last = (changed: number): number[] => {
      const own = tokens.slice();
      own[changed] = 3;
      return tf.tidy(() => model.apply(own, 1).logits.arraySync()[19] as number[]);
    };
    const [unchanged] = tf.tidy(() => [model.apply(tokens, 1).logits.arraySync()[19] as number[]]);
    expect(last(19 - far)).not.toEqual(unchanged);
    expect(last(19 - far - 1)).toEqual(unchanged);
    parameters.dispose();
  });

  it('looks at what was read, in shares, and leaves no tensors behind', async () => {
    const { model, parameters } = sequence('attention', 1);
    const weights = await expectNoLeak(() =>
      tf.tidy(() => (model.apply(TOKENS, ROWS).weights[0] as tf.Tensor3D).arraySync()),
    );
    for (const row of weights) {
      for (const [t, shares] of row.entries()) {
        expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        expect(shares.slice(t + 1).every((share) => share === 0)).toBe(true);
      }
    }
    parameters.dispose();
  });
});
