import { writeFile } from 'node:fs/promises';
import { DigitRun } from '../../src/engine/laboratory/digit-run.ts';
import { DIGIT_ATTENTIONS, type DigitAttention } from '../../src/engine/laboratory/digit-task.ts';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { markdownTable, mean } from './markdown-table.ts';

const LENGTHS = [2, 4, 6, 8, 10, 12, 15, 20];
const COLOURS: Readonly<Record<DigitAttention, string>> = {
  none: '#5f6368',
  additive: '#2457c5',
  dot: '#c2570c',
  'key-query': '#0f8577',
  'plain-none': '#7a5a10',
  'plain-additive': '#9a3fb5',
};

interface Row {
  attention: DigitAttention;
  weights: number;
  updates: number;
  /** Processor time of the updates alone. */
  seconds: number;
  loss: number;
  exact: { length: number; share: number }[];
}

/** Trains each kind on the reversal task as Learn does, and writes table, numbers and plot to docs/laboratory. */
export async function measureDigits(): Promise<void> {
  await startTraining();
  const rows: Row[] = [];
  for (const attention of DIGIT_ATTENTIONS) {
    const run = new DigitRun({ task: 'reverse', attention });
    const begin = process.cpuUsage();
    const losses: number[] = [];
    while (!run.isOver) {
      losses.push(run.update());
      if (run.done % 100 === 0) console.log(attention, run.done, mean(losses.slice(-50)).toFixed(3));
    }
    const { system, user } = process.cpuUsage(begin);
    const exact: Row['exact'] = [];
    for (const length of LENGTHS) exact.push({ length, share: await run.exact(length) });
    rows.push({
      attention,
      weights: run.weights,
      updates: run.done,
      seconds: Math.round((user + system) / 1e6),
      loss: Number(mean(losses.slice(-50)).toFixed(3)),
      exact,
    });
    console.log(JSON.stringify(rows.at(-1)));
    run.dispose();
  }
  await writeFile('docs/laboratory/digits.json', `${JSON.stringify(rows, null, 2)}\n`);
  await writeFile('docs/laboratory/digits.svg', plot(rows));
  console.log(table(rows));
}

function plot(rows: readonly Row[]): string {
  return plotLines({
    title: 'Reversing digits',
    subtitle: 'The share of 24 new strings that come out right to the last digit, by their length; trained on 1 to 15',
    x: { name: 'digits' },
    left: { name: 'right', from: 0, to: 1 },
    lines: rows.map(({ attention, exact }) => ({
      name: attention,
      colour: COLOURS[attention],
      dots: true,
      points: exact.map(({ length, share }) => ({ x: length, y: share })),
    })),
  });
}

function table(rows: readonly Row[]): string {
  return markdownTable(
    ['attention', 'weights', 'CPU s', 'loss', ...LENGTHS.map(String)],
    rows.map(({ attention, exact, loss, seconds, weights }) => [
      attention,
      weights,
      seconds,
      loss,
      ...exact.map(({ share }) => share.toFixed(2)),
    ]),
  );
}
