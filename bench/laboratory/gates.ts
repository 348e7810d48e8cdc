import { writeFile } from 'node:fs/promises';
import { DIGITS, RecallRun } from '../../src/engine/laboratory/gates/recall-run.ts';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { CELLS, type CellName } from '../../src/engine/layers/recurrent-cell.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { GO_ON, KeptRows } from './kept-rows.ts';
import { markdownTable, mean, SEEDS, share, spread } from './markdown-table.ts';

const LENGTHS = [5, 10, 15, 20, 30];
/** Of the strings whose gradients are drawn. */
const LONGEST = 30;
const COLOURS: Readonly<Record<CellName, string>> = { plain: '#c2570c', gru: '#0f8577', lstm: '#2457c5' };

interface Row {
  cell: CellName;
  seed: number;
  /** How many are right once trained on strings of that length. */
  right: { length: number; share: number }[];
  /** Of the loss with respect to each digit, the last one first, before any training. */
  gradients: number[];
  /** Processor time of all updates. */
  seconds: number;
}

/** Gradients over time and what can be learnt over it, of each recurrent cell; writes table, numbers and plot to docs/laboratory. */
export async function measureGates(options: readonly string[] = []): Promise<void> {
  await startTraining();
  const kept = await KeptRows.open<Row>('gates', () => options.includes(GO_ON));
  for (const cell of CELLS) for (const seed of SEEDS) await kept.row({ cell, seed }, () => measure(cell, seed));
  const rows = await kept.finish();
  await writeFile('docs/laboratory/gates.svg', plot(rows));
  console.log(table(rows));
}

function measure(cell: CellName, seed: number): Row {
  const fresh = new RecallRun({ cell, length: LONGEST, seed });
  const gradients = fresh.gradients().map((norm) => Number(norm.toPrecision(3)));
  fresh.dispose();
  const begin = process.cpuUsage();
  const right = LENGTHS.map((length) => {
    const run = new RecallRun({ cell, length, seed });
    while (!run.isOver) run.update();
    const share = run.accuracy();
    run.dispose();
    return { length, share };
  });
  const { system, user } = process.cpuUsage(begin);
  return { cell, seed, right, gradients, seconds: Math.round((user + system) / 1e6) };
}

const ofCell = (rows: readonly Row[], cell: CellName): Row[] => rows.filter((row) => row.cell === cell);

/** The gradients of all seeds, [steps before the end]: their mean. */
const meanGradients = (rows: readonly Row[]): number[] =>
  Array.from({ length: LONGEST }, (_, step) => mean(rows.map(({ gradients }) => gradients[step] ?? 0)));

function plot(rows: readonly Row[]): string {
  const powers = [-12, -10, -8, -6, -4, -2, 0];
  return plotLines({
    title: 'Gradients over time',
    subtitle: `How much the loss at the end depends on the digit that was read so many steps before, before any training; mean of ${SEEDS.length} seeds`,
    x: { name: 'steps before the end', from: 0, to: LONGEST },
    left: {
      name: 'norm of the gradient',
      ticks: powers.map((power) => ({ at: power, label: `1e${power}` })),
    },
    lines: CELLS.map((cell) => ({
      name: cell,
      colour: COLOURS[cell],
      points: meanGradients(ofCell(rows, cell)).flatMap((norm, x) => (norm > 0 ? [{ x, y: Math.log10(norm) }] : [])),
    })),
  });
}

function table(rows: readonly Row[]): string {
  const head = ['cell', 'CPU s', 'gradient, last digit', '10 before', '29 before', ...LENGTHS.map(String)];
  const cells = CELLS.map((cell) => {
    const own = ofCell(rows, cell);
    const gradients = meanGradients(own);
    return [
      cell,
      Math.round(mean(own.map(({ seconds }) => seconds))),
      ...[0, 10, 29].map((step) => (gradients[step] ?? 0).toExponential(0)),
      ...LENGTHS.map((_, i) => spread(own.map(({ right }) => right[i]?.share ?? 0))),
    ];
  });
  return `Guessing: ${share(1 / DIGITS)}\n${markdownTable(head, cells)}`;
}
