import type { Usage } from '../attend.ts';
import type { Benchmark, Row } from '../harness/benchmark.ts';
import { BACKENDS, closeAll, openAttend, startBefore } from '../harness/lanes.ts';

const MEBIBYTE = 2 ** 20;
const BEAM = 3;

/**
 * Many photos in one go: does anything grow? No times are taken, so both backends run at once.
 */
export const longRun: Benchmark = {
  name: 'long-run',
  title: 'A long run (beam 3, batches of 8)',
  async run({ effort, model, photos: all, say }) {
    const photos = Array.from({ length: effort.longRunPhotos }, (_, i) => all[i % all.length]!);
    // A backend that cannot be loaded is noted below.
    for (const backend of BACKENDS) await startBefore(backend, model, all[0]!).catch(() => undefined);
    const { lanes, notes } = await openAttend(model);
    try {
      const looks = await Promise.all(
        lanes.map(async (lane) => {
          // What is made once, at the first photos, is no growth.
          await lane.ask('throughput', { photos: photos.slice(0, 16), batchSize: 8, beam: BEAM });
          const step = effort.longRunStep;
          return lane.ask('longRun', { photos, beam: BEAM, step }, (done) => say(`${lane.name}: ${done}`));
        }),
      );
      const rows: Row[] = [];
      const add = (what: string, unit: Row['unit'], value: (usage: Usage) => number): void => {
        for (const [i, { photos: done }] of looks[0]!.entries()) {
          const cells = Object.fromEntries(lanes.map(({ name }, lane) => [name, value(looks[lane]![i]!)]));
          rows.push({ what: `${what} after ${done} photos`, unit, cells });
        }
      };
      add('resident', 'MiB', ({ rssBytes }) => rssBytes / MEBIBYTE);
      add('JavaScript heap', 'MiB', ({ heapBytes }) => heapBytes / MEBIBYTE);
      add('tensors', 'tensors', ({ tensors }) => tensors);
      if (all.length < photos.length) notes.push(`The run went through ${all.length} photos again and again.`);
      return { columns: lanes.map(({ name }) => name), rows, notes };
    } finally {
      await closeAll(lanes);
    }
  },
};
