import type { Benchmark, Row } from '../harness/benchmark.ts';
import { attendLane, BACKENDS, closeAll, reasonOf, startBefore } from '../harness/lanes.ts';

const MEBIBYTE = 2 ** 20;

/** How much memory captioning takes (beam 3, batches of 8). */
export const memory: Benchmark = {
  name: 'memory',
  title: 'Memory of the process (resident)',
  async run({ effort, model, photos: all, say }) {
    const photos = all.slice(0, effort.memoryPhotos);
    const rows: Row[] = ['before anything is loaded', 'with the model', `peak of ${photos.length} photos`].map(
      (what) => ({ what, unit: 'MiB', cells: {} }),
    );
    const notes: string[] = [];
    const columns: string[] = [];
    for (const backend of BACKENDS) {
      say(backend);
      const lane = attendLane(backend);
      try {
        await startBefore(backend, model, photos[0]!);
        const before = await lane.ask('usage', {});
        await lane.ask('open', { folder: model });
        const loaded = await lane.ask('usage', {});
        await lane.ask('throughput', { photos: [...photos], batchSize: 8, beam: 3 });
        const { peakBytes } = await lane.ask('usage', {});
        columns.push(backend);
        [before.rssBytes, loaded.rssBytes, peakBytes].forEach((bytes, i) => {
          rows[i]!.cells[backend] = bytes / MEBIBYTE;
        });
      } catch (error) {
        if (backend === 'wasm') throw error;
        notes.push(`${backend}: ${reasonOf(error)}`);
      } finally {
        await closeAll([lane]);
      }
    }
    return { columns, rows, notes };
  },
};
