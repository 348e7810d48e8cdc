import { beforeAll, describe, expect, it } from 'vitest';
import { CopyRun, type CopyRunOptions } from '../../../../src/engine/laboratory/copying/copy-run.ts';
import { startTraining } from '../../../../src/engine/laboratory/gradients.ts';
import { expectNoLeak } from '../../../support/backend.ts';

beforeAll(startTraining);

function trained(options: CopyRunOptions): number {
  const run = new CopyRun(options);
  while (!run.isOver) run.update();
  const right = run.accuracy();
  run.dispose();
  return right;
}

describe('repeating what was read some steps ago', () => {
  it('takes as many plain layers as their steps reach', () => {
    const options = { kind: 'plain', distance: 4, updates: 120, rate: 0.01 } as const;
    expect(trained({ ...options, depth: 2 })).toBeGreaterThan(0.9);
    expect(trained({ ...options, depth: 1 })).toBeLessThan(0.25);
  });

  it('takes fewer dilated ones', () => {
    const options = { distance: 6, depth: 2, updates: 120, rate: 0.01 } as const;
    expect(trained({ ...options, kind: 'dilated' })).toBeGreaterThan(0.9);
    expect(trained({ ...options, kind: 'plain' })).toBeLessThan(0.25);
  });

  it('is the same again with the same seed, and leaves no tensors behind', async () => {
    const train = (): number[] => {
      const run = new CopyRun({ kind: 'attention', distance: 3, depth: 1, batch: 2 });
      const losses = [run.update(), run.update()];
      run.accuracy();
      run.dispose();
      return losses;
    };
    const first = await expectNoLeak(train);
    expect(train()).toEqual(first);
  });
});
