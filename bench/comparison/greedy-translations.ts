import { readTextLines } from '../../src/files/read-file.ts';

/**
 * Reads what scripts/torch/train_comparison.py writes: a line for each run and test set, `test2016` or
 * `test2016-joined-3`.
 * @returns translations by run, by how many neighbours are one line
 */
export async function readGreedy(path: string): Promise<Map<string, Map<number, readonly string[]>>> {
  const found = new Map<string, Map<number, readonly string[]>>();
  for (const line of await readTextLines(path)) {
    if (line.trim() === '') continue;
    const { run, test, translations } = JSON.parse(line) as { run: string; test: string; translations: string[] };
    const count = Number(/-joined-(\d+)$/.exec(test)?.[1] ?? 1);
    found.set(run, (found.get(run) ?? new Map<number, readonly string[]>()).set(count, translations));
  }
  return found;
}
