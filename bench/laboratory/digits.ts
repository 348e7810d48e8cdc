import { writeFile } from 'node:fs/promises';
import { DIGIT_DEFAULTS, DigitRun } from '../../src/engine/laboratory/digit-run.ts';
import { DIGIT_ATTENTIONS, type DigitAttention } from '../../src/engine/laboratory/digit-task.ts';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { GO_ON, KeptRows } from './kept-rows.ts';
import { markdownTable, mean } from './markdown-table.ts';

const LENGTHS = [2, 4, 6, 8, 10, 12, 15, 20, 25];
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
  longest: number;
  /** Of the updates alone. */
  seconds: number;
  loss: number;
  exact: { length: number; share: number }[];
}

/**
 * Trains each kind on the reversal task as Learn does, and writes table, numbers and plot to docs/laboratory.
 * @param options kinds that are measured anew, the others stay (none: all are); or `--go-on`
 */
export async function measureDigits(options: readonly string[] = []): Promise<void> {
  await startTraining();
  const anew = options.filter((option) => option !== GO_ON);
  const keeps = options.length > 0;
  const kept = await KeptRows.open<Row>('digits', ({ attention, longest, updates }) => {
    const isOld = updates !== DIGIT_DEFAULTS.updates || longest !== DIGIT_DEFAULTS.longest;
    return keeps && !isOld && !anew.includes(attention);
  });
  for (const attention of DIGIT_ATTENTIONS) await kept.row({ attention }, () => measure(attention));
  const rows = await kept.finish();
  await writeFile('docs/laboratory/digits.svg', plot(rows));
  console.log(table(rows));
}

async function measure(attention: DigitAttention): Promise<Row> {
  const run = new DigitRun({ task: 'reverse', attention });
  const losses: number[] = [];
  const begin = performance.now();
  while (!run.isOver) losses.push(run.update());
  const seconds = Math.round((performance.now() - begin) / 1000);
  const exact: Row['exact'] = [];
  for (const length of LENGTHS) exact.push({ length, share: await run.exact(length) });
  const { longest } = run.options;
  const loss = Number(mean(losses.slice(-50)).toFixed(3));
  const { done: updates, weights } = run;
  run.dispose();
  return { attention, weights, updates, longest, seconds, loss, exact };
}

function plot(rows: readonly Row[]): string {
  return plotLines({
    title: 'Reversing digits',
    subtitle: `The share of 24 new strings that come out right to the last digit, by their length; trained on 1 to ${DIGIT_DEFAULTS.longest}`,
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
    ['attention', 'weights', 'seconds', 'loss', ...LENGTHS.map(String)],
    rows.map(({ attention, exact, loss, seconds, weights }) => [
      attention,
      weights,
      seconds,
      loss,
      ...exact.map(({ share }) => share.toFixed(2)),
    ]),
  );
}
