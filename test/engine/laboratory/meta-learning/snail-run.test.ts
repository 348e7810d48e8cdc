import { beforeAll, describe, expect, it } from 'vitest';
import { startTraining } from '../../../../src/engine/laboratory/gradients.ts';
import { drawEpisodes, META_SHAPES, META_TASKS } from '../../../../src/engine/laboratory/meta-learning/episodes.ts';
import {
  ALPHABET_SIZE,
  drawAlphabet,
  drawGlyph,
  GLYPH_SIDE,
} from '../../../../src/engine/laboratory/meta-learning/glyphs.ts';
import { SnailRun } from '../../../../src/engine/laboratory/meta-learning/snail-run.ts';
import { Random } from '../../../../src/engine/random.ts';
import { expectNoLeak } from '../../../support/backend.ts';

beforeAll(startTraining);

const distance = (a: Float32Array, b: Float32Array): number => a.reduce((sum, ink, i) => sum + (ink - b[i]!) ** 2, 0);

describe('glyphs', () => {
  it('are ink on paper, never twice the same, and nearer to each other than to other glyphs', () => {
    const random = new Random(1);
    let nearer = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const alphabet = drawAlphabet(seed);
      expect(alphabet).toHaveLength(ALPHABET_SIZE);
      const [one, again, other] = [alphabet[0]!, alphabet[0]!, alphabet[1]!].map((glyph) =>
        drawGlyph(glyph, random),
      ) as [Float32Array, Float32Array, Float32Array];
      expect(one).toHaveLength(GLYPH_SIDE ** 2);
      expect(one.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
      expect(Math.max(...one)).toBeGreaterThan(0.5);
      expect(again).not.toEqual(one);
      if (distance(one, again) < distance(one, other)) nearer++;
    }
    expect(nearer).toBeGreaterThan(14);
  });

  it('of one seed are the same alphabet', () => {
    expect(drawAlphabet(4)).toEqual(drawAlphabet(4));
    expect(drawAlphabet(4)).not.toEqual(drawAlphabet(5));
  });
});

describe('sequences to learn within', () => {
  it('ask for the name of the glyph that is drawn again', () => {
    const { classes, length } = META_SHAPES.glyphs;
    const { asked, images, labels, targets } = drawEpisodes('glyphs', 20, new Random(2), false);
    const pixels = GLYPH_SIDE ** 2;
    let right = 0;
    for (let row = 0; row < 20; row++) {
      expect(asked[row]).toBe(row * length + length - 1);
      const drawing = (step: number): Float32Array =>
        images!.subarray((row * length + step) * pixels, (row * length + step + 1) * pixels);
      const names = Array.from({ length }, (_, step) =>
        labels.subarray((row * length + step) * classes, (row * length + step + 1) * classes).indexOf(1),
      );
      expect(names[length - 1]).toBe(-1);
      expect([...names].sort()).toEqual([-1, 0, 1, 2, 3, 4]);
      const away = names.slice(0, classes).map((_, step) => distance(drawing(step), drawing(classes)));
      if (names[away.indexOf(Math.min(...away))] === targets[row]) right++;
    }
    expect(right).toBeGreaterThan(8);
  });

  it('ask for the symbol that followed when this one was there the last time', () => {
    const { classes, length } = META_SHAPES.succession;
    const { asked, labels, targets } = drawEpisodes('succession', 30, new Random(2), false);
    const symbol = (at: number): number => labels.subarray(at * classes, (at + 1) * classes).indexOf(1);
    expect(asked.length).toBeGreaterThan(100);
    for (const [i, at] of asked.entries()) {
      let before = at - 1;
      while (symbol(before) !== symbol(at)) before--;
      expect(Math.floor(before / length)).toBe(Math.floor(at / length));
      expect(symbol(before + 1)).toBe(targets[i]);
    }
  });
});

describe('SNAIL in training', () => {
  it('learns who follows whom within a sequence', () => {
    const run = new SnailRun({ task: 'succession', parts: 'both', updates: 150, batch: 8, rate: 0.008 });
    const before = run.accuracy(50);
    while (!run.isOver) run.update();
    expect(before).toBeLessThan(0.4);
    expect(run.accuracy(50)).toBeGreaterThan(0.8);
    run.dispose();
  }, 120_000);

  it.each(META_TASKS)('is the same again with the same seed, and leaves no tensors behind: %s', async (task) => {
    const train = (): number[] => {
      const run = new SnailRun({ task, parts: 'both', batch: 2 });
      const losses = [run.update(), run.update()];
      run.accuracy(2);
      run.dispose();
      return losses;
    };
    const first = await expectNoLeak(train);
    expect(train()).toEqual(first);
  });
});
