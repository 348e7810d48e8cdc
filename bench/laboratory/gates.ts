import { writeFile } from 'node:fs/promises';
import { DIGITS, RecallRun } from '../../src/engine/laboratory/gates/recall-run.ts';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { CELLS, type CellName } from '../../src/engine/layers/recurrent-cell.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { markdownTable, share } from './markdown-table.ts';

const LENGTHS = [5, 10, 15, 20, 30];
/** Of the strings whose gradients are drawn. */
const LONGEST = 30;
const COLOURS: Readonly<Record<CellName, string>> = { plain: '#c2570c', gru: '#0f8577', lstm: '#2457c5' };

interface Row {
  cell: CellName;
  /** How many are right once trained on strings of that length. */
  right: { length: number; share: number }[];
  /** Of the loss with respect to each digit, the last one first, before any training. */
  gradients: number[];
  /** Processor time of all updates. */
  seconds: number;
}

/** Gradients over time and what can be learnt over it, of each recurrent cell; writes table, numbers and plot to docs/laboratory. */
export async function measureGates(): Promise<void> {
  await startTraining();
  const rows: Row[] = [];
  for (const cell of CELLS) {
    const fresh = new RecallRun({ cell, length: LONGEST });
    const gradients = fresh.gradients().map((norm) => Number(norm.toPrecision(3)));
    fresh.dispose();
    const right: Row['right'] = [];
    const begin = process.cpuUsage();
    for (const length of LENGTHS) {
      const run = new RecallRun({ cell, length });
      while (!run.isOver) run.update();
      right.push({ length, share: run.accuracy() });
      run.dispose();
    }
    const { system, user } = process.cpuUsage(begin);
    rows.push({ cell, right, gradients, seconds: Math.round((user + system) / 1e6) });
    console.log(JSON.stringify(rows.at(-1)));
  }
  await writeFile('docs/laboratory/gates.json', `${JSON.stringify(rows, null, 2)}\n`);
  await writeFile('docs/laboratory/gates.svg', plot(rows));
  console.log(table(rows));
}

function plot(rows: readonly Row[]): string {
  const powers = [-12, -10, -8, -6, -4, -2, 0];
  return plotLines({
    title: 'Gradients over time',
    subtitle:
      'How much the loss at the end depends on the digit that was read so many steps before, before any training',
    x: { name: 'steps before the end', from: 0, to: LONGEST },
    left: {
      name: 'norm of the gradient',
      ticks: powers.map((power) => ({ at: power, label: `1e${power}` })),
    },
    lines: rows.map(({ cell, gradients }) => ({
      name: cell,
      colour: COLOURS[cell],
      points: gradients.flatMap((norm, x) => (norm > 0 ? [{ x, y: Math.log10(norm) }] : [])),
    })),
  });
}

function table(rows: readonly Row[]): string {
  const norm = (value: number | undefined): string => (value ?? 0).toExponential(0);
  const head = ['cell', 'CPU s', 'gradient, last digit', '10 before', '29 before', ...LENGTHS.map(String)];
  const cells = rows.map(({ cell, gradients, right, seconds }) => [
    cell,
    seconds,
    ...[0, 10, 29].map((step) => norm(gradients[step])),
    ...right.map((one) => share(one.share)),
  ]);
  return `Guessing: ${share(1 / DIGITS)}\n${markdownTable(head, cells)}`;
}
