import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { WordClassifier } from '../../../src/engine/models/word-classifier.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { Random } from '../../../src/engine/random.ts';
import { AdamW } from '../../../src/engine/training/adam-w.ts';
import { describeNative, expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { expectGradients } from '../../support/finite-differences.ts';
import { draw } from '../../support/tensors.ts';

useTestBackend();

function classifier(featureSize: number, words: number): { parameters: Parameters; model: WordClassifier } {
  const parameters = new Parameters(new Random(1).next);
  return { parameters, model: new WordClassifier(parameters, featureSize, words) };
}

it('pools the scores of the cells by log-mean-exp, and gives each cell its share in that', () => {
  const { model, parameters } = classifier(4, 3);
  const grid = draw(new Random(2), [2, 5, 4]) as tf.Tensor3D;
  const [kernel, bias] = parameters.entries().map(([, variable]) => variable.arraySync()) as [number[][], number[]];
  const values = grid.arraySync();
  const found = { logOdds: model.logOdds(grid).arraySync(), maps: model.maps(grid).arraySync() };
  for (const photo of [0, 1]) {
    for (const word of [0, 1, 2]) {
      const exp = values[photo]!.map((x) =>
        Math.exp(x.reduce((sum, value, i) => sum + value * kernel[i]![word]!, bias[word]!)),
      );
      const total = exp.reduce((a, b) => a + b);
      expect(found.logOdds[photo]![word]).toBeCloseTo(Math.log(total / 5), 4);
      for (const [cell, own] of exp.entries()) expect(found.maps[photo]![word]![cell]).toBeCloseTo(own / total, 5);
    }
  }
});

it('leaves no tensors behind', async () => {
  const { model } = classifier(4, 3);
  const grid = draw(new Random(2), [2, 5, 4]) as tf.Tensor3D;
  const present = tf.zeros<tf.Rank.R2>([2, 3]);
  await expectNoLeak(() => tf.dispose([model.logOdds(grid), model.maps(grid), model.loss(grid, present)]));
});

describeNative('a word classifier in training', () => {
  it('has the binary cross entropy and its gradient', () => {
    const { model, parameters } = classifier(4, 3);
    const grid = draw(new Random(3), [2, 5, 4]) as tf.Tensor3D;
    const present = tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3]);
    const odds = [...model.logOdds(grid).dataSync()];
    const p = odds.map((x) => 1 / (1 + Math.exp(-x)));
    const expected = [...present.dataSync()].map((y, i) => -(y * Math.log(p[i]!) + (1 - y) * Math.log(1 - p[i]!)));
    expect(model.loss(grid, present).dataSync()[0]).toBeCloseTo(expected.reduce((a, b) => a + b) / 6, 4);
    expectGradients(parameters.entries(), () => model.loss(grid, present));
  });

  it('finds where things are, having been told only which photos have them', () => {
    const [things, locations, size] = [3, 6, 5];
    const random = new Random(5);
    const photos = 60;
    const { model, parameters } = classifier(size, things);
    const values = Float32Array.from({ length: photos * locations * size }, () => 0.3 * random.next());
    const present = new Float32Array(photos * things);
    const place = new Int32Array(photos * things).fill(-1);
    for (let photo = 0; photo < photos; photo++) {
      for (let thing = 0; thing < things; thing++) {
        if (random.next() < 0.5) continue;
        const cell = random.integer(locations);
        present[photo * things + thing] = 1;
        place[photo * things + thing] = cell;
        values[(photo * locations + cell) * size + thing]! += 1;
      }
    }
    const grid = tf.tensor3d(values, [photos, locations, size]);
    const optimiser = new AdamW(parameters.entries());
    for (let step = 0; step < 150; step++) {
      const { value, grads } = tf.variableGrads(
        () => model.loss(grid, tf.tensor2d(present, [photos, things])),
        optimiser.variables,
      );
      optimiser.apply(grads, 0.1);
      tf.dispose([value, grads]);
    }
    const peaks = [...tf.argMax(model.maps(grid), 2).dataSync()];
    const asked = [...place.entries()].filter(([, cell]) => cell >= 0);
    const right = asked.filter(([i, cell]) => peaks[i] === cell);
    expect(right.length / asked.length).toBeGreaterThan(0.95);
  });
});
