import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readTrainingLog, TrainingLog } from '../../src/training/training-log.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'log.jsonl');
});
afterEach(() => folder.remove());

it('has no events before the first', () => {
  expect(new TrainingLog(path).events()).toEqual([]);
  expect(readTrainingLog(path)).toEqual([]);
});

it('goes on with the log of an earlier run, also where its last line was cut off', async () => {
  await writeFile(path, '{"step":1}\n{"step":2}\n{"st');
  const log = new TrainingLog<{ step: number }>(path);
  log.append({ step: 2 });
  log.append({ step: 3 });
  expect(log.events()).toEqual([
    { step: 1 },
    { step: 2 },
    { step: 2, time: expect.any(Number) },
    { step: 3, time: expect.any(Number) },
  ]);
});
