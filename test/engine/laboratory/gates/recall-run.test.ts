import { beforeAll, describe, expect, it } from 'vitest';
import { RecallRun } from '../../../../src/engine/laboratory/gates/recall-run.ts';
import { startTraining } from '../../../../src/engine/laboratory/gradients.ts';
import { CELLS } from '../../../../src/engine/layers/recurrent-cell.ts';
import { expectNoLeak } from '../../../support/backend.ts';

beforeAll(startTraining);

describe('saying at the end how it began', () => {
  it('is learnt by a gated cell', () => {
    const run = new RecallRun({ cell: 'gru', length: 4, updates: 150, rate: 0.01 });
    const before = run.accuracy();
    while (!run.isOver) run.update();
    expect(before).toBeLessThan(0.4);
    expect(run.accuracy()).toBeGreaterThan(0.9);
    run.dispose();
  });

  it.each(CELLS)('depends on the last digit more than on the first, before it is learnt: %s', async (cell) => {
    const gradients = await expectNoLeak(() => {
      const run = new RecallRun({ cell, length: 20 });
      const norms = run.gradients();
      run.dispose();
      return norms;
    });
    expect(gradients).toHaveLength(20);
    expect(gradients[0]!).toBeGreaterThan(10 * gradients[19]!);
    expect(gradients[19]!).toBeGreaterThan(0);
  });
});
