import { describe, expect, it } from 'vitest';
import { areaUnderRoc, calibrationError, riskAt, type Judged } from '../../../src/engine/metrics/confidence-scores.ts';

const judged = (...items: [confidence: number, isRight: boolean, times?: number][]): Judged[] =>
  items.map(([confidence, isRight, times = 1]) => ({ confidence, isRight, times }));

describe('the area under the ROC curve', () => {
  it("is that of scikit-learn's example", () => {
    // roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) in its user guide.
    expect(areaUnderRoc(judged([0.1, false], [0.4, false], [0.35, true], [0.8, true]))).toBeCloseTo(0.75, 12);
  });

  it('counts equal confidences half', () => {
    expect(areaUnderRoc(judged([0.5, false], [0.5, true]))).toBe(0.5);
    // Pairs: (0.2, 0.2) half, (0.2, 0.9) whole, (0.4, 0.2) not, (0.4, 0.9) whole.
    expect(areaUnderRoc(judged([0.2, false], [0.4, false], [0.2, true], [0.9, true]))).toBeCloseTo(2.5 / 4, 12);
  });

  it('takes what counts twice for two', () => {
    const twice = judged([0.1, false, 2], [0.4, false], [0.3, true], [0.2, true, 2]);
    const written = judged([0.1, false], [0.1, false], [0.4, false], [0.3, true], [0.2, true], [0.2, true]);
    expect(areaUnderRoc(twice)).toBeCloseTo(areaUnderRoc(written), 12);
  });

  it('is nothing where all is right', () => {
    expect(areaUnderRoc(judged([0.1, true], [0.4, true]))).toBeNaN();
  });
});

describe('the expected calibration error', () => {
  it('is the mean distance between confidence and accuracy, by bins', () => {
    // Bin 0.9 to 1: mean confidence 0.95, half right: 0.45, weight 2 / 4. Bin 0.2 to 0.3: 0.25 and none right, weight 1 / 4.
    // Bin 0.6 to 0.7: 0.6 and all right: 0.4, weight 1 / 4.
    const items = judged([0.94, true], [0.96, false], [0.25, false], [0.6, true]);
    expect(calibrationError(items)).toBeCloseTo(0.45 / 2 + 0.25 / 4 + 0.4 / 4, 12);
  });

  it('is 0 where as many hold as it says, and takes 1 into the last bin', () => {
    expect(calibrationError(judged([0.25, true], [0.25, false, 3], [1, true]))).toBeCloseTo(0, 12);
  });
});

describe('risk at a coverage', () => {
  const items = judged([0.9, true], [0.8, true], [0.7, false], [0.6, true], [0.5, false]);

  it('is the share that is wrong among the surest', () => {
    expect(riskAt(items, 0.4)).toBe(0);
    expect(riskAt(items, 0.6)).toBeCloseTo(1 / 3, 12);
    expect(riskAt(items, 1)).toBeCloseTo(2 / 5, 12);
  });

  it('does not hang on the order of equal confidences', () => {
    expect(riskAt(judged([0.5, true], [0.5, false]), 0.5)).toBeCloseTo(0.5, 12);
    expect(riskAt(judged([0.5, false], [0.5, true]), 0.5)).toBeCloseTo(0.5, 12);
  });
});
