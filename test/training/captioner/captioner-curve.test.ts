import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import type { TrainingEvent } from '../../../src/training/captioner/captioner-run.ts';
import { captionerCurve } from '../../../src/training/captioner/captioner-curve.ts';

const step = (stage: string, number: number, loss: number, reward?: number): TrainingEvent => ({
  kind: 'step',
  stage,
  epoch: 0,
  step: number,
  steps: 3,
  loss,
  rate: 0.1,
  norm: 1,
  tokensPerSecond: 1,
  secondsLeft: 1,
  ...(reward === undefined ? {} : { reward }),
});
const epoch = (stage: string, ciderD: number): TrainingEvent => ({
  kind: 'epoch',
  stage,
  epoch: 0,
  loss: 1,
  seconds: 1,
  ciderD,
  bleu4: 0.2,
  words: 10,
  best: true,
  example: 'a dog',
});

describe('captionerCurve', () => {
  it('draws loss, scores and the borders of the stages', () => {
    const svg = captionerCurve([
      step('one', 1, 4),
      step('one', 2, 3),
      epoch('one', 0.4),
      step('two & more', 1, 0, 0.5),
      epoch('two & more', 0.6),
    ]);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain('two &amp; more');
    expect(svg).toContain('3 steps');
  });

  it('counts a step that an interruption repeated once', () => {
    const svg = captionerCurve([step('one', 1, 4), step('one', 2, 3), step('one', 2, 3)]);
    expect(svg).toContain('2 steps');
  });

  it('is a picture even of an empty log', async () => {
    const { width, height } = await sharp(Buffer.from(captionerCurve([]))).metadata();
    expect([width, height]).toEqual([960, 480]);
  });
});
