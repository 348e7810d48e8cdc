import { writeFile } from 'node:fs/promises';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { META_SHAPES, META_TASKS, type MetaTask } from '../../src/engine/laboratory/meta-learning/episodes.ts';
import { SnailRun } from '../../src/engine/laboratory/meta-learning/snail-run.ts';
import { SNAIL_PARTS, type SnailParts } from '../../src/engine/models/snail.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { GO_ON, KeptRows } from './kept-rows.ts';
import { markdownTable, mean, SEEDS, share, spread } from './markdown-table.ts';

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
  seed: number;
  weights: number;
  /** Processor time of the updates alone. */
  seconds: number;
  right: number;
  curve: { updates: number; right: number }[];
}

/** Trains SNAIL and its two ablations on both tasks, and writes table, numbers and a plot for each to docs/laboratory. */
export async function measureSnail(options: readonly string[] = []): Promise<void> {
  await startTraining();
  const kept = await KeptRows.open<Row>('snail', () => options.includes(GO_ON));
  for (const task of META_TASKS)
    for (const parts of SNAIL_PARTS)
      for (const seed of SEEDS) await kept.row({ task, parts, seed }, () => measure(task, parts, seed));
  const rows = await kept.finish();
  for (const task of META_TASKS) await writeFile(`docs/laboratory/snail-${task}.svg`, plot(rows, task));
  console.log(table(rows));
}

function measure(task: MetaTask, parts: SnailParts, seed: number): Row {
  const run = new SnailRun({ task, parts, seed });
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
  const { weights } = run;
  run.dispose();
  return { task, parts, seed, weights, seconds: Math.round(seconds), right, curve };
}

const of = (rows: readonly Row[], task: MetaTask, parts: SnailParts): Row[] =>
  rows.filter((row) => row.task === task && row.parts === parts);

function plot(rows: readonly Row[], task: MetaTask): string {
  return plotLines({
    title: TITLES[task],
    subtitle: `The share of right answers, by updates; guessing gives ${share(1 / META_SHAPES[task].classes)}; mean of ${SEEDS.length} seeds`,
    x: { name: 'updates', from: 0 },
    left: { name: 'right', from: 0, to: 1 },
    lines: SNAIL_PARTS.map((parts) => ({
      name: NAMES[parts],
      colour: COLOURS[parts],
      points: meanCurve(of(rows, task, parts)),
    })),
  });
}

/** Of all seeds. */
const meanCurve = (rows: readonly Row[]): { x: number; y: number }[] =>
  (rows[0]?.curve ?? []).map(({ updates }, i) => ({
    x: updates,
    y: mean(rows.map(({ curve }) => curve[i]?.right ?? 0)),
  }));

function table(rows: readonly Row[]): string {
  return markdownTable(
    ['', ...META_TASKS.flatMap((task) => [task, 'weights', 'CPU s'])],
    SNAIL_PARTS.map((parts) => [
      NAMES[parts],
      ...META_TASKS.flatMap((task) => {
        const own = of(rows, task, parts);
        return [
          spread(own.map(({ right }) => right)),
          (own[0]?.weights ?? 0).toLocaleString('en'),
          Math.round(mean(own.map(({ seconds }) => seconds))),
        ];
      }),
    ]),
  );
}
