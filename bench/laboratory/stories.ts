import { writeFile } from 'node:fs/promises';
import { startTraining } from '../../src/engine/laboratory/gradients.ts';
import { StoryRun } from '../../src/engine/laboratory/stories/story-run.ts';
import { QUESTION_KINDS, type QuestionKind } from '../../src/engine/laboratory/stories/story.ts';
import { packNetwork, type TrainedNetwork } from '../../src/engine/laboratory/stories/trained-network.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { markdownTable, mean, SEEDS, spread } from './markdown-table.ts';

const HOPS = [1, 2, 3];
/** Of each kind, on stories of their own. */
const QUESTIONS = 1000;

const NAMES: Readonly<Record<QuestionKind, string>> = {
  person: 'one fact',
  thing: 'two facts',
  before: 'three facts',
  whether: 'yes or no',
  list: 'lists',
};
const COLOURS: Readonly<Record<QuestionKind, string>> = {
  person: '#5f6368',
  thing: '#c2570c',
  before: '#2457c5',
  whether: '#0f8577',
  list: '#8a3ffc',
};

interface Row {
  hops: number;
  seed: number;
  /** Processor time of the updates alone. */
  seconds: number;
  loss: number;
  /** The share of right answers. */
  right: Record<QuestionKind, number>;
  /** The share of facts that an answer follows from, that some hop looks at most. */
  found: Record<QuestionKind, number>;
}

/**
 * Trains memory networks of one to three hops on all kinds of questions at once, and writes table, numbers and plot to
 * docs/laboratory; what Learn shows is that of the first seed.
 */
export async function measureStories(): Promise<void> {
  await startTraining();
  const rows: Row[] = [];
  const trained: TrainedNetwork[] = [];
  for (const hops of HOPS) {
    for (const seed of SEEDS) {
      const run = new StoryRun({ hops, seed, kinds: QUESTION_KINDS });
      const begin = process.cpuUsage();
      const losses: number[] = [];
      while (!run.isOver) losses.push(run.update());
      const { system, user } = process.cpuUsage(begin);
      rows.push({
        hops,
        seed,
        seconds: Math.round((user + system) / 1e6),
        loss: Number(mean(losses.slice(-200)).toFixed(3)),
        right: ofKinds((kind) => run.accuracy(kind, QUESTIONS)),
        found: ofKinds((kind) => run.found(kind, QUESTIONS)),
      });
      console.log(JSON.stringify(rows.at(-1)));
      if (seed === SEEDS[0]) trained.push(packNetwork(run.options, run.parameters()));
      run.dispose();
    }
  }
  await writeFile('docs/laboratory/stories.json', `${JSON.stringify(rows, null, 2)}\n`);
  await writeFile('docs/laboratory/stories.svg', plot(rows));
  await writeFile('src/renderer/learn/stories/trained-networks.json', `${JSON.stringify(trained, null, 2)}\n`);
  console.log(table(rows));
}

const ofKinds = (measure: (kind: QuestionKind) => number): Record<QuestionKind, number> =>
  Object.fromEntries(QUESTION_KINDS.map((kind) => [kind, Number(measure(kind).toFixed(3))])) as Record<
    QuestionKind,
    number
  >;

const ofHops = (rows: readonly Row[], hops: number): Row[] => rows.filter((row) => row.hops === hops);

function plot(rows: readonly Row[]): string {
  return plotLines({
    title: 'Questions about stories, by hops',
    subtitle: `The share of ${QUESTIONS} new questions of a kind that are answered right; mean of ${SEEDS.length} seeds`,
    x: { name: 'hops', ticks: HOPS.map((hops) => ({ at: hops, label: String(hops) })) },
    left: { name: 'right', from: 0, to: 1 },
    lines: QUESTION_KINDS.map((kind) => ({
      name: NAMES[kind],
      colour: COLOURS[kind],
      dots: true,
      points: HOPS.map((hops) => ({ x: hops, y: mean(ofHops(rows, hops).map(({ right }) => right[kind])) })),
    })),
  });
}

/** Means of the seeds, and the least and the most of them. */
function table(rows: readonly Row[]): string {
  return markdownTable(
    ['hops', 'CPU s', ...QUESTION_KINDS.map((kind) => NAMES[kind]), 'facts found, of two', 'of three'],
    HOPS.map((hops) => {
      const own = ofHops(rows, hops);
      return [
        hops,
        Math.round(mean(own.map(({ seconds }) => seconds))),
        ...QUESTION_KINDS.map((kind) => spread(own.map(({ right }) => right[kind]))),
        spread(own.map(({ found }) => found.thing)),
        spread(own.map(({ found }) => found.before)),
      ];
    }),
  );
}
