import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTraining } from '../../../src/engine/laboratory/gradients.ts';
import { MemoryNetwork, type MemoryBatch } from '../../../src/engine/models/memory-network.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { crossEntropy } from '../../../src/engine/training/losses.ts';
import { expectNoLeak } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';

beforeAll(startTraining);

const CONFIG = { vocabularySize: 7, size: 4, memories: 3 };
const BATCH: MemoryBatch = {
  facts: [
    [
      [1, 2, 3],
      [4, 5],
    ],
    [[6, 1], [2], [3, 3, 4]],
  ],
  questions: [
    [5, 1],
    [2, 6, 0],
  ],
};

function network(hops: number): { model: MemoryNetwork; parameters: Parameters; table: (name: string) => number[][] } {
  const random = new Random(4);
  const parameters = new Parameters(random.next);
  const model = new MemoryNetwork({ ...CONFIG, hops }, parameters);
  // Larger than they are drawn, and times that are not 0, so that every part counts.
  for (const [, variable] of parameters.entries()) {
    const values = Float32Array.from({ length: variable.size }, () => 2 * random.next() - 1);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  const table = (name: string): number[][] => (new Map(parameters.entries()).get(name) as tf.Tensor2D).arraySync();
  return { model, parameters, table };
}

/** The equations of the paper, number by number. */
function byHand(hops: number, table: (name: string) => number[][], facts: number[][], question: number[]) {
  const d = CONFIG.size;
  const embed = (tokens: number[], embedding: number[][]): number[] =>
    Array.from({ length: d }, (_, i) => {
      const [k, J] = [i + 1, tokens.length];
      return tokens.reduce((sum, x, at) => {
        const j = at + 1;
        const l = 1 - j / J - (k / d) * (1 - (2 * j) / J);
        return sum + l * embedding[x]![i]!;
      }, 0);
    });
  const recency = (i: number): number => facts.length - 1 - i;
  let u = embed(question, table('memory.embedding.0'));
  const looks: number[][] = [];
  for (let k = 0; k < hops; k++) {
    const [a, c] = [table(`memory.embedding.${k}`), table(`memory.embedding.${k + 1}`)];
    const [ta, tc] = [table(`memory.time.${k}`), table(`memory.time.${k + 1}`)];
    const m = facts.map((x, i) => embed(x, a).map((value, j) => value + ta[recency(i)]![j]!));
    const o = facts.map((x, i) => embed(x, c).map((value, j) => value + tc[recency(i)]![j]!));
    const scores = m.map((one) => Math.exp(one.reduce((sum, value, j) => sum + value * u[j]!, 0)));
    const p = scores.map((score) => score / scores.reduce((x, y) => x + y, 0));
    u = u.map((value, j) => value + p.reduce((sum, weight, i) => sum + weight * o[i]![j]!, 0));
    looks.push(p);
  }
  const logits = table(`memory.embedding.${hops}`).map((row) => row.reduce((sum, value, j) => sum + value * u[j]!, 0));
  return { logits, looks };
}

describe('the memory network', () => {
  it.each([1, 2, 3])('computes what the equations say, with %i hops', (hops) => {
    const { model, parameters, table } = network(hops);
    const { logits, weights } = tf.tidy(() => {
      const output = model.apply(BATCH);
      return { logits: output.logits.arraySync(), weights: output.weights.map((p) => p.arraySync()) };
    });
    expect(weights).toHaveLength(hops);
    for (const [row, facts] of BATCH.facts.entries()) {
      const right = byHand(hops, table, facts as number[][], BATCH.questions[row] as number[]);
      for (const [word, logit] of right.logits.entries()) expect(logits[row]![word]).toBeCloseTo(logit, 4);
      for (const [hop, p] of right.looks.entries()) {
        for (const [i, weight] of p.entries()) {
          expect(weights[hop]![row]![facts.length - 1 - i]).toBeCloseTo(weight, 5);
        }
        expect(weights[hop]![row]!.slice(facts.length)).toEqual(Array(CONFIG.memories - facts.length).fill(0));
      }
    }
    parameters.dispose();
  });

  it.each([false, true])('has the gradients of finite differences (linear: %s)', (linear) => {
    const { model, parameters } = network(2);
    const targets = Int32Array.of(3, 5);
    const loss = (): tf.Scalar =>
      tf.tidy(() => tf.mul(tf.mean(crossEntropy(model.apply(BATCH, { linear }).logits, targets)), 0.3));
    expectGradients(parameters.entries(), loss, 5e-4);
    parameters.dispose();
  });

  it('has one table more than hops, shared as the paper has it', () => {
    const { parameters } = network(3);
    expect(parameters.entries().map(([name]) => name)).toEqual([
      ...[0, 1, 2, 3].map((k) => `memory.embedding.${k}`),
      ...[0, 1, 2, 3].map((k) => `memory.time.${k}`),
    ]);
    parameters.dispose();
  });

  it('refuses a story without facts or with too many, and leaves no tensors behind', async () => {
    const { model, parameters } = network(1);
    const read = (facts: number[][]): tf.Tensor =>
      tf.tidy(() => model.apply({ facts: [facts], questions: [[1]] }).logits);
    expect(() => read([])).toThrow('0 facts, not 1 to 3');
    expect(() => read([[1], [2], [3], [4]])).toThrow('4 facts, not 1 to 3');
    await expectNoLeak(() => tf.tidy(() => model.apply(BATCH).logits.dataSync()));
    parameters.dispose();
  });
});
