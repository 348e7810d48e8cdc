import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/files/package-root.ts';
import { readTranslatorConfig } from '../../src/training/translator/translator-config.ts';
import type { TranslatorConfig } from '../../src/translation/translator-checkpoint.ts';
import { plotLines } from '../../src/pictures/line-plot.ts';
import { byKind, kindOf } from '../comparison/kinds.ts';
import type { Benchmark, Row } from '../harness/benchmark.ts';
import { BACKENDS, closeAll, reasonOf, translatorLane, type TranslatorLane } from '../harness/lanes.ts';
import { summarise, type Summary } from '../harness/statistics.ts';

/** Cost by source length for each kind of attention: the shapes of the comparison, with weights that are drawn. */
export const attention: Benchmark = {
  name: 'attention',
  title: 'Greedy translation of m tokens into m, by kind of attention',
  async run({ effort, say }) {
    const lengths = [...effort.costLengths];
    const configs = (await readShapes()).sort(byKind);
    const notes: string[] = [];
    const lanes: TranslatorLane[] = [];
    const measured = new Map<string, Map<string, Summary[]>>();
    try {
      for (const backend of BACKENDS) {
        const lane = translatorLane(backend);
        lanes.push(lane);
        const byName = new Map<string, Summary[]>();
        try {
          for (const config of configs) {
            const { name } = kindOf(config);
            say(`${backend}, ${name}`);
            const times = await lane.ask('cost', { config, lengths, repeats: effort.costRepeats });
            byName.set(name, times.map(summarise));
          }
          measured.set(backend, byName);
        } catch (error) {
          notes.push(`${backend}: ${reasonOf(error)}`);
        }
      }
    } finally {
      await closeAll(lanes);
    }
    const rows = configs.flatMap((config): Row[] => {
      const { name } = kindOf(config);
      return lengths.map((length, i) => ({
        what: `${name}, ${length} tokens`,
        unit: 'ms',
        cells: Object.fromEntries([...measured].map(([backend, byName]) => [backend, byName.get(name)![i]!])),
      }));
    });
    const pictures = [...measured].map(([backend, byName]) => ({
      name: `attention-by-length-${backend}.svg`,
      svg: plotLines({
        title: 'Time by source length',
        subtitle: `Greedy translation of so many tokens into as many, one sentence, ${backend} backend; medians`,
        x: { name: 'tokens of the source', from: 0, to: lengths.at(-1)! },
        left: { name: 'milliseconds', from: 0 },
        lines: configs.map((config) => ({
          ...kindOf(config),
          points: byName.get(kindOf(config).name)!.map(({ median }, i) => ({ x: lengths[i]!, y: median })),
          dots: true,
        })),
      }),
    }));
    return { columns: [...measured.keys()], rows, notes, pictures };
  },
};

/** The models of `configs/comparison-*.json`. */
async function readShapes(): Promise<TranslatorConfig[]> {
  const folder = join(packageRoot(), 'configs');
  const files = readdirSync(folder).filter((name) => name.startsWith('comparison-'));
  return Promise.all(
    files.map(async (file) => {
      const { model, vocabulary } = await readTranslatorConfig(join(folder, file));
      const { architecture: _, ...shape } = model;
      return {
        sourceVocabularySize: vocabulary.size,
        targetVocabularySize: vocabulary.size,
        startToken: 1,
        endToken: 2,
        ...shape,
      };
    }),
  );
}
