import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from '../harness/benchmark.ts';
import { Lane, rest } from '../harness/lane.ts';
import { BUILT, closeAll, reasonOf } from '../harness/lanes.ts';
import { SENTENCES } from '../harness/sentences.ts';
import { ratios, summarise } from '../harness/statistics.ts';
import { openTorchTrainer } from '../peers/open.ts';
import type { TrainerOperations, TrainingStep } from '../trainer.ts';
import { inTurn } from './photo.ts';

const NATIVE = 'native';
const TORCH = 'PyTorch';
const GOAL = 1.2;
/** So small that the model stays what it is, and every step costs the same. */
const RATE = 1e-9;

/** A step of training a translator, beside the same model's in PyTorch. */
export const training: Benchmark = {
  name: 'training',
  title: 'A step of training, in turns',
  async run({ effort, python, say, translator }) {
    const columns = [NATIVE, TORCH];
    if (translator === undefined) {
      return { columns, rows: [], notes: ['There is no translator in models/: name one with --translator.'] };
    }
    const notes: string[] = [];
    const ours = new Lane<TrainerOperations>(NATIVE, process.execPath, [join(BUILT, 'trainer.js')]);
    const open: { close(): Promise<void> }[] = [ours];
    try {
      const sentences = [...SENTENCES].toSorted((a, b) => a.length - b.length);
      const pairs = await ours.ask('open', { folder: translator, sentences }).catch((error: unknown) => {
        notes.push(`${NATIVE}: ${reasonOf(error)}`);
      });
      if (!pairs) return { columns, rows: [], notes };
      const step = (dropout: number): TrainingStep => ({ pairs, dropout, labelSmoothing: 0.1, rate: RATE });
      const threads = availableParallelism();
      const theirs = await openTorchTrainer({ folder: translator, python, threads, example: step(0.1) }, (text) =>
        notes.push(text),
      );
      if (theirs) open.push(theirs);
      const contestants = [ours, ...(theirs ? [theirs] : [])] as const;

      // Without dropout both compute the same. It warms up as well.
      const losses: number[] = [];
      for (const lane of contestants) losses.push((await lane.ask('step', step(0))).loss);
      for (const lane of contestants) await lane.ask('step', step(0.1));
      const times = new Map(contestants.map(({ name }) => [name, [] as number[]]));
      const turns = 2 * effort.sentenceTurns;
      for (let turn = 0; turn < turns; turn++) {
        say(`${turn + 1} of ${turns}`);
        for (const lane of inTurn(contestants, turn)) {
          times.get(lane.name)!.push((await lane.ask('step', step(0.1))).milliseconds);
          await rest();
        }
      }
      const tokens = pairs.reduce((sum, { target }) => sum + target.length + 1, 0);
      const perSecond = [...times].map(
        ([name, all]) => [name, summarise(all.map((ms) => (1000 * tokens) / ms))] as const,
      );
      const perStep = [...times].map(([name, all]) => [name, summarise(all)] as const);
      const what = `a step of ${pairs.length} pairs, ${tokens} tokens of the target`;
      return {
        columns,
        rows: [
          { what, unit: 'ms', cells: Object.fromEntries(perStep) },
          { what, unit: 'tokens/s', cells: Object.fromEntries(perSecond) },
        ],
        ...(theirs && {
          ratios: [
            {
              what: 'a step of training',
              ours: NATIVE,
              against: TORCH,
              ratio: ratios(times.get(NATIVE)!, times.get(TORCH)!),
              goal: GOAL,
            },
          ],
          agreements: [
            {
              what: `loss without dropout: ${NATIVE} and ${TORCH}`,
              result: losses.map((loss) => loss.toFixed(5)).join(' and '),
            },
          ],
        }),
        notes,
      };
    } finally {
      await closeAll(open);
    }
  },
};
