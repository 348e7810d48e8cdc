import type { Benchmark, Ratio, Row } from '../harness/benchmark.ts';
import { rest } from '../harness/lane.ts';
import { closeAll, openAttend } from '../harness/lanes.ts';
import { ratios, summarise } from '../harness/statistics.ts';
import { inTurn } from './photo.ts';

const SIZES = [1, 4, 8, 16];
const BEAM = 3;

/** Many photos through the service, which reads the next batch while it works on one. */
export const batch: Benchmark = {
  name: 'batch',
  title: 'Many photos, by batch size (beam 3)',
  async run({ effort, model, photos: all, say }) {
    const photos = all.slice(0, effort.throughputPhotos);
    const { lanes, notes } = await openAttend(model);
    const speeds = new Map(lanes.map(({ name }) => [name, new Map(SIZES.map((size) => [size, [] as number[]]))]));
    try {
      for (const lane of lanes) {
        for (const batchSize of SIZES) {
          await lane.ask('throughput', { photos: photos.slice(0, batchSize), batchSize, beam: BEAM });
        }
      }
      for (let turn = 0; turn < effort.throughputTurns; turn++) {
        for (const batchSize of inTurn(SIZES, turn)) {
          say(`batches of ${batchSize}, turn ${turn + 1} of ${effort.throughputTurns}`);
          for (const lane of inTurn(lanes, turn)) {
            const seconds = await lane.ask('throughput', { photos, batchSize, beam: BEAM });
            speeds
              .get(lane.name)!
              .get(batchSize)!
              .push(photos.length / seconds);
            await rest();
          }
        }
      }
    } finally {
      await closeAll(lanes);
    }
    const rows = SIZES.map((size): Row => {
      const cells = [...speeds].map(([lane, bySize]) => [lane, summarise(bySize.get(size)!)] as const);
      return { what: `batches of ${size}`, unit: 'photos/s', cells: Object.fromEntries(cells) };
    });
    const speedUps = [...speeds].map(([lane, bySize]): Ratio => {
      const ratio = ratios(bySize.get(8)!, bySize.get(1)!);
      return { what: 'photos a second', ours: `${lane}, batches of 8`, against: 'batches of 1', ratio };
    });
    return { columns: lanes.map(({ name }) => name), rows, ratios: speedUps, notes };
  },
};
