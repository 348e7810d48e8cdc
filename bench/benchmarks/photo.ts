import type { Benchmark, Row } from '../harness/benchmark.ts';
import { rest } from '../harness/lane.ts';
import { closeAll, openAttend } from '../harness/lanes.ts';
import { summarise } from '../harness/statistics.ts';

const BEAMS = [1, 3, 5];

/** One photo at a time: reading, encoding, decoding. */
export const photo: Benchmark = {
  name: 'photo',
  title: 'One photo at a time',
  async run({ effort, largePhotos, model, photos: all, say }) {
    const photos = all.slice(0, effort.photos);
    const { lanes, notes } = await openAttend(model);
    const measured = new Map<string, Map<string, number[]>>();
    const note = (what: string, lane: string, milliseconds: number): void => {
      const row = measured.get(what) ?? new Map<string, number[]>();
      measured.set(what, row.set(lane, [...(row.get(lane) ?? []), milliseconds]));
    };
    let words = 0;
    try {
      for (const lane of lanes) {
        for (const beam of BEAMS) {
          for (const each of photos.slice(0, 2)) await lane.ask('caption', { photos: [each], beam });
        }
      }
      for (const [turn, each] of photos.entries()) {
        say(`photo ${turn + 1} of ${photos.length}`);
        for (const lane of inTurn(lanes, turn)) {
          for (const beam of BEAMS) {
            const [captioned] = await lane.ask('caption', { photos: [each], beam });
            const { read, encode, decode, whole } = captioned!.milliseconds;
            note('read', lane.name, read);
            note('encode', lane.name, encode);
            note(`decode, beam ${beam}`, lane.name, decode);
            note(`all of it, beam ${beam}`, lane.name, whole);
            words += captioned!.words.length;
          }
          await rest();
        }
      }
      for (const each of largePhotos.slice(0, effort.largePhotos)) {
        for (const lane of lanes) note('read, 12 megapixels', lane.name, await lane.ask('read', { photo: each }));
      }
    } finally {
      await closeAll(lanes);
    }
    const columns = lanes.map(({ name }) => name);
    const order = ['read', 'read, 12 megapixels', 'encode', ...BEAMS.map((beam) => `decode, beam ${beam}`)];
    const rows = [...order, ...BEAMS.map((beam) => `all of it, beam ${beam}`)].flatMap((what): Row[] => {
      const cells = [...(measured.get(what) ?? [])].map(([lane, times]) => [lane, summarise(times)] as const);
      return cells.length > 0 ? [{ what, unit: 'ms', cells: Object.fromEntries(cells) }] : [];
    });
    const perCaption = words / (photos.length * lanes.length * BEAMS.length);
    return { columns, rows, notes: [...notes, `Captions had ${perCaption.toFixed(1)} words on average.`] };
  },
};

/** Nobody always comes first. */
export function inTurn<T>(items: readonly T[], turn: number): T[] {
  return items.map((_, i) => items[(i + turn) % items.length]!);
}
