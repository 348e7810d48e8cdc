import { describe, expect, it } from 'vitest';
import { fitLogistic, logistic } from '../../../src/engine/training/logistic-regression.ts';

const logit = (p: number): number => Math.log(p / (1 - p));

describe('a logistic regression', () => {
  it('of one yes-or-no feature has the closed form: the logits of the two shares', () => {
    // 1 of 4 are right without the feature, 3 of 5 with it.
    const features = [0, 0, 0, 0, 1, 1, 1, 1, 1].map((x) => [x]);
    const answers = [true, false, false, false, true, true, true, false, false];
    const { intercept, slopes } = fitLogistic(features, answers, 0);
    expect(intercept).toBeCloseTo(logit(1 / 4), 8);
    expect(slopes[0]).toBeCloseTo(logit(3 / 5) - logit(1 / 4), 8);
    expect(logistic({ intercept, slopes }, [1])).toBeCloseTo(0.6, 8);
  });

  it('comes to the minimum that 400,000 steps of gradient descent in numpy came to', () => {
    const features = [
      [1.69, -0.47],
      [0.03, 0.41],
      [-0.79, 0],
      [0, -1.75],
      [1.02, 0.6],
      [-0.63, -0.17],
      [0.51, -0.26],
      [-0.24, -1.45],
      [0.55, 0.12],
      [0.27, -1.53],
      [1.65, 0.15],
      [-0.39, 2.03],
    ];
    const answers = [1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0].map(Boolean);
    const { intercept, slopes } = fitLogistic(features, answers, 0.5);
    expect(intercept).toBeCloseTo(0.904104, 5);
    expect(slopes[0]).toBeCloseTo(1.265678, 5);
    expect(slopes[1]).toBeCloseTo(-1.30116, 5);
  });

  it('stays finite where one feature tells all answers', () => {
    const { intercept, slopes } = fitLogistic([[-2], [-1], [1], [2]], [false, false, true, true], 0.1);
    expect(Number.isFinite(intercept) && Number.isFinite(slopes[0])).toBe(true);
    expect(slopes[0]).toBeGreaterThan(1);
  });

  it('refuses examples from which nothing can be learnt', () => {
    expect(() => fitLogistic([], [])).toThrow('nothing to learn from');
    expect(() => fitLogistic([[1], [2]], [true, true])).toThrow('the same answer');
  });
});
