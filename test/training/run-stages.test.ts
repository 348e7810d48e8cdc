import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runStages, stageFolder } from '../../src/training/training-loop.ts';

const home = mkdtempSync(join(tmpdir(), 'attend-test-'));
afterAll(() => rmSync(home, { recursive: true }));

const STAGES = [{ name: 'decoder' }, { name: 'encoder' }];

async function trained(prepare: (next: string) => void): Promise<string[]> {
  const run = mkdtempSync(join(home, 'run-'));
  prepare(join(stageFolder(run, STAGES[1] as { name: string }, 1), 'state'));
  const names: string[] = [];
  await runStages(run, STAGES, ({ name }) => Promise.resolve(names.push(name) > 0));
  return names;
}

test('a stage whose successor was begun is over', async () => {
  expect(
    await trained((state) => {
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, 'model.json'), '{}');
    }),
  ).toEqual(['encoder']);
});

test('a stage ended in the middle of its successor’s first save is gone on with: its result is nowhere else', async () => {
  expect(
    await trained((state) => {
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, 'weights-1.bin'), '');
    }),
  ).toEqual(['decoder', 'encoder']);
});
