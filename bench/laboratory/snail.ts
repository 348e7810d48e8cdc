import { writeFile } from 'node:fs/promises';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { META_SHAPES, META_TASKS, type MetaTask } from '../../src/engine/laboratory/meta-learning/episodes.ts';
import { SnailRun } from '../../src/engine/laboratory/meta-learning/snail-run.ts';
import { SNAIL_PARTS, type SnailParts } from '../../src/engine/models/snail.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { markdownTable, share } from './markdown-table.ts';

/** Updates between two measurements on the way. */
const MEASURE = 250;
const NAMES: Readonly<Record<SnailParts, string>> = {
  both: 'SNAIL',
  attention: 'without convolutions',
  convolutions: 'without attention',
};
const COLOURS: Readonly<Record<SnailParts, string>> = {
  both: '#2457c5',
  attention: '#0f8577',
  convolutions: '#c2570c',
};
const TITLES: Readonly<Record<MetaTask, string>> = {
  glyphs: 'Five glyphs of an alphabet that was never seen, each shown once',
  succession: 'Who follows whom, told by example',
};

interface Row {
  task: MetaTask;
  parts: SnailParts;
  weights: number;
  /** Processor time of the updates alone. */
  seconds: number;
  right: number;
  curve: { updates: number; right: number }[];
}

/** Trains SNAIL and its two ablations on both tasks, and writes table, numbers and a plot for each to docs/laboratory. */
export async function measureSnail(): Promise<void> {
  await startTraining();
  const rows: Row[] = [];
  for (const task of META_TASKS) {
    for (const parts of SNAIL_PARTS) {
      const run = new SnailRun({ task, parts });
      const curve: Row['curve'] = [];
      let seconds = 0;
      while (!run.isOver) {
        const begin = process.cpuUsage();
        run.update();
        const { system, user } = process.cpuUsage(begin);
        seconds += (user + system) / 1e6;
        if (run.done % MEASURE === 0) curve.push({ updates: run.done, right: Number(run.accuracy().toFixed(3)) });
      }
      const right = Number(run.accuracy(1000).toFixed(3));
      rows.push({ task, parts, weights: run.weights, seconds: Math.round(seconds), right, curve });
      console.log(JSON.stringify(rows.at(-1)));
      run.dispose();
    }
  }
  await writeFile('docs/laboratory/snail.json', `${JSON.stringify(rows, null, 2)}\n`);
  for (const task of META_TASKS) await writeFile(`docs/laboratory/snail-${task}.svg`, plot(rows, task));
  console.log(table(rows));
}

const of = (rows: readonly Row[], task: MetaTask, parts: SnailParts): Row | undefined =>
  rows.find((row) => row.task === task && row.parts === parts);

function plot(rows: readonly Row[], task: MetaTask): string {
  return plotLines({
    title: TITLES[task],
    subtitle: `The share of right answers, by updates; guessing gives ${share(1 / META_SHAPES[task].classes)}`,
    x: { name: 'updates', from: 0 },
    left: { name: 'right', from: 0, to: 1 },
    lines: SNAIL_PARTS.map((parts) => ({
      name: NAMES[parts],
      colour: COLOURS[parts],
      points: (of(rows, task, parts)?.curve ?? []).map(({ right, updates }) => ({ x: updates, y: right })),
    })),
  });
}

function table(rows: readonly Row[]): string {
  return markdownTable(
    ['', ...META_TASKS.flatMap((task) => [task, 'weights', 'CPU s'])],
    SNAIL_PARTS.map((parts) => [
      NAMES[parts],
      ...META_TASKS.flatMap((task) => {
        const row = of(rows, task, parts);
        return row ? [share(row.right), row.weights.toLocaleString('en'), row.seconds] : ['–', '–', '–'];
      }),
    ]),
  );
}
