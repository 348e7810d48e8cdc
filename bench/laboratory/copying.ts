import { readFile, writeFile } from 'node:fs/promises';
import { COPY_DEFAULTS, COPY_VOCABULARY, COPY_WIDTH, CopyRun } from '../../src/engine/laboratory/copying/copy-run.ts';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { reach, SEQUENCE_KINDS, type SequenceKind } from '../../src/engine/models/convolutional-sequence.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { markdownTable, share } from './markdown-table.ts';

const NEAR = [2, 4, 6, 8, 12, 16];
/** With attention the way is as long to everywhere, so the ends are enough. */
const DISTANCES: Readonly<Record<SequenceKind, readonly number[]>> = {
  plain: NEAR,
  dilated: NEAR,
  bytenet: NEAR,
  attention: [2, 32],
};
const ALL = [...NEAR, 32];
/** From which share on a depth is enough. */
const ENOUGH = 0.95;
/** Stacks that are tried. */
const DEPTHS = [1, 2, 3, 4, 6, 8];
const COLOURS: Readonly<Record<SequenceKind, string>> = {
  plain: '#c2570c',
  dilated: '#2457c5',
  bytenet: '#8250df',
  attention: '#0f8577',
};

interface Row {
  kind: SequenceKind;
  distance: number;
  depth: number;
  /** How far the convolutions of that depth see. */
  reach: number;
  right: number;
  seconds: number;
}

/**
 * Finds how many layers it takes to repeat what was read d steps ago: of each kind and distance the deepest stack that does not
 * see so far, and deeper ones until one is enough. Writes table, numbers and plot to docs/laboratory.
 * @param wanted kinds; of others the numbers that are there stay. None: all
 */
export async function measureCopying(wanted: readonly string[] = []): Promise<void> {
  await startTraining();
  const isWanted = (kind: SequenceKind): boolean => wanted.length === 0 || wanted.includes(kind);
  const kept = JSON.parse(await readFile('docs/laboratory/copying.json', 'utf8').catch(() => '[]')) as Row[];
  const rows: Row[] = [];
  for (const kind of SEQUENCE_KINDS) {
    if (!isWanted(kind)) {
      rows.push(...kept.filter((row) => row.kind === kind));
      continue;
    }
    for (const distance of DISTANCES[kind]) {
      for (const depth of DEPTHS.slice(firstOf(kind, distance))) {
        const run = new CopyRun({ kind, distance, depth });
        const begin = process.cpuUsage();
        while (!run.isOver) run.update();
        const { system, user } = process.cpuUsage(begin);
        const right = Number(run.accuracy().toFixed(2));
        const reached = reach({ kind, depth, width: COPY_WIDTH });
        rows.push({ kind, distance, depth, reach: reached, right, seconds: Math.round((user + system) / 1e6) });
        console.log(JSON.stringify(rows.at(-1)));
        run.dispose();
        if (right >= ENOUGH) break;
      }
    }
  }
  await writeFile('docs/laboratory/copying.json', `${JSON.stringify(rows, null, 2)}\n`);
  await writeFile('docs/laboratory/copying.svg', plot(rows));
  console.log(table(rows));
}

/** With attention all of them see far enough. */
function firstOf(kind: SequenceKind, distance: number): number {
  if (kind === 'attention') return 0;
  const sees = DEPTHS.findIndex((depth) => reach({ kind, depth, width: COPY_WIDTH }) >= distance);
  return Math.max(0, sees - 1);
}

const enough = (rows: readonly Row[], kind: SequenceKind, distance: number): Row | undefined =>
  rows.find((row) => row.kind === kind && row.distance === distance && row.right >= ENOUGH);

function plot(rows: readonly Row[]): string {
  const log2 = (labels: readonly number[]): { at: number; label: string }[] =>
    labels.map((value) => ({ at: Math.log2(value), label: String(value) }));
  return plotLines({
    title: 'How deep to repeat what was read d steps ago',
    subtitle: `The fewest layers of width ${COPY_WIDTH} that are right ${ENOUGH * 100} times of 100; both scales are logarithmic`,
    x: { name: 'distance d', ticks: log2(ALL) },
    left: { name: 'layers', from: 0, to: 3, ticks: log2([1, 2, 3, 4, 6, 8]) },
    lines: SEQUENCE_KINDS.map((kind) => ({
      name: kind,
      colour: COLOURS[kind],
      dots: true,
      points: DISTANCES[kind].flatMap((distance) => {
        const row = enough(rows, kind, distance);
        return row ? [{ x: Math.log2(distance), y: Math.log2(row.depth) }] : [];
      }),
    })),
  });
}

/** The fewest layers that are enough, and what fewer give; where none is, what those that were tried give. */
function table(rows: readonly Row[]): string {
  const chance = share(1 / COPY_VOCABULARY);
  const cell = (kind: SequenceKind, distance: number): string => {
    const row = enough(rows, kind, distance);
    const tried = rows.filter((one) => one.kind === kind && one.distance === distance);
    if (!row) return tried.map(({ depth, right }) => `(${depth}: ${share(right)})`).join(' ');
    const before = rows[rows.indexOf(row) - 1];
    return row.depth === 1 || !before ? String(row.depth) : `${row.depth} (${before.depth}: ${share(before.right)})`;
  };
  return [
    `${COPY_DEFAULTS.updates} updates; chance is ${chance}`,
    markdownTable(
      ['layers', ...ALL.map((distance) => `d = ${distance}`)],
      SEQUENCE_KINDS.map((kind) => [kind, ...ALL.map((distance) => cell(kind, distance))]),
    ),
  ].join('\n');
}
