import { writeFile } from 'node:fs/promises';
import { COPY_DEFAULTS, COPY_VOCABULARY, COPY_WIDTH, CopyRun } from '../../src/engine/laboratory/copying/copy-run.ts';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { reach, SEQUENCE_KINDS, type SequenceKind } from '../../src/engine/models/convolutional-sequence.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { GO_ON, KeptRows } from './kept-rows.ts';
import { markdownTable, mean, SEEDS, share } from './markdown-table.ts';

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
  seed: number;
  /** How far the convolutions of that depth see. */
  reach: number;
  right: number;
  seconds: number;
}

/**
 * Finds how many layers it takes to repeat what was read d steps ago: of each kind and distance the deepest stack that does not
 * see so far, and deeper ones until one is enough. Writes table, numbers and plot to docs/laboratory.
 * @param options kinds that are measured anew, the others stay (none: all are); or `--go-on`
 */
export async function measureCopying(options: readonly string[] = []): Promise<void> {
  await startTraining();
  const anew = options.filter((option) => option !== GO_ON);
  const keeps = options.length > 0;
  const kept = await KeptRows.open<Row>('copying', ({ kind }) => keeps && !anew.includes(kind));
  for (const kind of SEQUENCE_KINDS) {
    for (const distance of DISTANCES[kind]) {
      for (const seed of SEEDS) {
        for (const depth of DEPTHS.slice(firstOf(kind, distance))) {
          const key = { kind, distance, depth, seed };
          const { right } = await kept.row(key, () => measure(key));
          if (right >= ENOUGH) break;
        }
      }
    }
  }
  const rows = await kept.finish();
  await writeFile('docs/laboratory/copying.svg', plot(rows));
  console.log(table(rows));
}

function measure(key: Pick<Row, 'kind' | 'distance' | 'depth' | 'seed'>): Row {
  const run = new CopyRun(key);
  const begin = process.cpuUsage();
  while (!run.isOver) run.update();
  const { system, user } = process.cpuUsage(begin);
  const right = Number(run.accuracy().toFixed(2));
  run.dispose();
  const reached = reach({ kind: key.kind, depth: key.depth, width: COPY_WIDTH });
  return { ...key, reach: reached, right, seconds: Math.round((user + system) / 1e6) };
}

/** With attention all of them see far enough. */
function firstOf(kind: SequenceKind, distance: number): number {
  if (kind === 'attention') return 0;
  const sees = DEPTHS.findIndex((depth) => reach({ kind, depth, width: COPY_WIDTH }) >= distance);
  return Math.max(0, sees - 1);
}

/** Of each seed the fewest layers that are enough; where none is, there is none. */
const enough = (rows: readonly Row[], kind: SequenceKind, distance: number): number[] =>
  rows.filter((row) => row.kind === kind && row.distance === distance && row.right >= ENOUGH).map(({ depth }) => depth);

function plot(rows: readonly Row[]): string {
  const log2 = (labels: readonly number[]): { at: number; label: string }[] =>
    labels.map((value) => ({ at: Math.log2(value), label: String(value) }));
  return plotLines({
    title: 'How deep to repeat what was read d steps ago',
    subtitle: `The fewest layers of width ${COPY_WIDTH} that are right ${ENOUGH * 100} times of 100; both scales are logarithmic; of ${SEEDS.length} seeds the one that takes most`,
    x: { name: 'distance d', ticks: log2(ALL) },
    left: { name: 'layers', from: 0, to: 3, ticks: log2([1, 2, 3, 4, 6, 8]) },
    lines: SEQUENCE_KINDS.map((kind) => ({
      name: kind,
      colour: COLOURS[kind],
      dots: true,
      points: DISTANCES[kind].flatMap((distance) => {
        const depths = enough(rows, kind, distance);
        return depths.length === SEEDS.length ? [{ x: Math.log2(distance), y: Math.log2(Math.max(...depths)) }] : [];
      }),
    })),
  });
}

/** The fewest layers that are enough, and in parentheses what fewer give; where seeds differ, the fewest and the most. */
function table(rows: readonly Row[]): string {
  const cell = (kind: SequenceKind, distance: number): string => {
    const depths = enough(rows, kind, distance);
    const tried = rows.filter((row) => row.kind === kind && row.distance === distance);
    const few = [...new Set(tried.map(({ depth }) => depth))].filter((depth) => !depths.includes(depth));
    const given = few.map((depth) => {
      const own = tried.filter((row) => row.depth === depth).map(({ right }) => right);
      return `${depth}: ${share(mean(own))}`;
    });
    const [least, most] = [Math.min(...depths), Math.max(...depths)];
    const layers = depths.length === 0 ? '' : least === most ? String(least) : `${least} to ${most}`;
    const seeds =
      depths.length === 0 || depths.length === SEEDS.length ? '' : `, ${depths.length} of ${SEEDS.length} seeds`;
    return [layers + seeds, given.length > 0 ? `(${given.join(', ')})` : ''].filter(Boolean).join(' ');
  };
  return [
    `${COPY_DEFAULTS.updates} updates; chance is ${share(1 / COPY_VOCABULARY)}`,
    markdownTable(
      ['layers', ...ALL.map((distance) => `d = ${distance}`)],
      SEQUENCE_KINDS.map((kind) => [kind, ...ALL.map((distance) => cell(kind, distance))]),
    ),
  ].join('\n');
}
