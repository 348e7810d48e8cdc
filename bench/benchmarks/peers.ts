import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agreement, Benchmark, Ratio, Row } from '../harness/benchmark.ts';
import { rest, type Lane } from '../harness/lane.ts';
import { closeAll, openAttend, type AttendLane } from '../harness/lanes.ts';
import { ratios, summarise, sums } from '../harness/statistics.ts';
import type { OnnxRuntimeOperations } from '../peers/onnxruntime.ts';
import { openOnnxRuntime, openTorch, type TorchOperations } from '../peers/open.ts';
import { inTurn } from './photo.ts';

const BEAM = 3;
const BATCH = 8;
const ORT = 'onnxruntime';
const TORCH = 'PyTorch';
const plainName = (backend: string): string => `plain, ${backend}`;

/** The largest ratios to onnxruntime's encoding and PyTorch's decoding together that are aimed at. */
const GOALS: Readonly<Record<string, number>> = { native: 1, wasm: 3 };

/** What somebody made of some photos: milliseconds a photo for what it does, and captions. */
interface Result {
  encode?: number;
  decode?: number;
  captions?: string[];
}

interface Contestant {
  name: string;
  /** @param photos one, or several to do together @param places where they stand among all */
  run(photos: readonly string[], places: readonly number[]): Promise<Result>;
  /** Takes one photo at a time only. */
  single?: boolean;
}

/** The results of a contestant, turn after turn. */
type Turns = Map<string, Result[]>;

/** The same encoder in ONNX Runtime, the same decoder in PyTorch, and a plain beam search in our own engine. */
export const peers: Benchmark = {
  name: 'peers',
  title: 'Beside others, in turns (beam 3)',
  async run({ effort, model, photos: all, python, say, scratch }) {
    const photos = all.slice(0, Math.max(effort.photos, BATCH));
    const notes: string[] = [];
    const note = (text: string): number => notes.push(text);
    // As the peers search: what is described in the photo is not asked.
    const attend = await openAttend(model, true);
    attend.notes.forEach(note);
    const open: { close(): Promise<void> }[] = [...attend.lanes];
    try {
      say('the same grids from all');
      const files = await Promise.all(attend.lanes.map((lane) => writeGrids(lane, photos, scratch)));
      const ort = await openOnnxRuntime(model, note);
      if (ort) {
        open.push(ort);
        files.push(await writeGrids(ort, photos, scratch));
      }
      const torch = await openTorch({ folder: model, grids: files[0]!, beam: BEAM, python }, note);
      if (torch) open.push(torch);

      const contestants: Contestant[] = [
        ...attend.lanes.map(ours),
        ...attend.lanes.map(plain),
        ...(ort ? [encoder(ort)] : []),
        ...(torch ? [decoder(torch)] : []),
      ];
      say('warming up');
      await inTurns(contestants, photos, [[0], [0], range(0, BATCH)]);
      const singles = range(0, effort.photos).map((place) => [place]);
      const one = await inTurns(contestants, photos, singles, (turn) => say(`photo ${turn + 1} of ${effort.photos}`));
      const batches = range(0, Math.floor(photos.length / BATCH)).map((i) => range(i * BATCH, BATCH));
      const many = await inTurns(contestants, photos, batches, (turn) => say(`batch ${turn + 1} of ${batches.length}`));

      const backends = attend.lanes.map(({ name }) => name);
      const together = `${BATCH} photos together, each`;
      return {
        columns: contestants.map(({ name }) => name),
        rows: [...rowsOf('one photo', one), ...rowsOf(together, many)],
        ratios: [...ratiosOf('one photo', one, backends, GOALS), ...ratiosOf(together, many, backends)],
        agreements: [
          ...compareGrids([...backends, ORT], files),
          ...compareCaptions(one),
          ...(torch ? [await compareWords(attend.lanes[0]!, torch, photos)] : []),
        ],
        notes,
      };
    } finally {
      await closeAll(open);
    }
  },
};

const ours = (lane: AttendLane): Contestant => ({
  name: lane.name,
  async run(photos) {
    const captioned = await lane.ask('caption', { photos: [...photos], beam: BEAM });
    const { encode, decode } = captioned[0]!.milliseconds;
    return { encode, decode, captions: captioned.map(({ words }) => words.join(' ')) };
  },
});

const plain = (lane: AttendLane): Contestant => ({
  name: plainName(lane.name),
  single: true,
  async run([photo]) {
    const { milliseconds, words } = await lane.ask('plainBeam', { photo: photo!, beam: BEAM });
    return { decode: milliseconds, captions: [words.join(' ')] };
  },
});

const encoder = (ort: Lane<OnnxRuntimeOperations>): Contestant => ({
  name: ORT,
  async run(photos) {
    return { encode: await ort.ask('encode', { photos: [...photos] }) };
  },
});

const decoder = (torch: Lane<TorchOperations>): Contestant => ({
  name: TORCH,
  async run(_, places) {
    const { milliseconds, words } = await torch.ask('decode', { photos: [...places], beam: BEAM });
    return { decode: milliseconds, captions: words.map((each) => each.join(' ')) };
  },
});

/**
 * Everybody does the same photos one after the other, and then the next: what disturbs one disturbs all.
 * @param turns places among all photos, of those to do together
 */
async function inTurns(
  contestants: readonly Contestant[],
  all: readonly string[],
  turns: readonly (readonly number[])[],
  onTurn?: (turn: number) => void,
): Promise<Turns> {
  const results: Turns = new Map(contestants.map(({ name }) => [name, []]));
  for (const [turn, places] of turns.entries()) {
    onTurn?.(turn);
    const photos = places.map((place) => all[place]!);
    for (const contestant of inTurn(contestants, turn)) {
      if (contestant.single && photos.length > 1) continue;
      results.get(contestant.name)!.push(await contestant.run(photos, places));
      await rest();
    }
  }
  return results;
}

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** The times of a step, turn after turn; nothing where the contestant does not do it. */
function times(turns: Turns, name: string, step: 'encode' | 'decode'): number[] | undefined {
  const values = (turns.get(name) ?? []).map((result) => result[step]);
  return values.length > 0 && values.every((value) => value !== undefined) ? values : undefined;
}

function rowsOf(what: string, turns: Turns): Row[] {
  return (['encode', 'decode'] as const).map((step): Row => {
    const cells = [...turns.keys()].flatMap((name) => {
      const values = times(turns, name, step);
      return values ? [[name, summarise(values)] as const] : [];
    });
    return { what: `${what}: ${step}`, unit: 'ms', cells: Object.fromEntries(cells) };
  });
}

function ratiosOf(what: string, turns: Turns, backends: readonly string[], goals = {} as typeof GOALS): Ratio[] {
  const theirEncode = times(turns, ORT, 'encode');
  const theirDecode = times(turns, TORCH, 'decode');
  return backends.flatMap((backend): Ratio[] => {
    const encode = times(turns, backend, 'encode')!;
    const decode = times(turns, backend, 'decode')!;
    const plainDecode = times(turns, plainName(backend), 'decode');
    const result: Ratio[] = [];
    const add = (step: string, mine: number[], against: string, theirs: number[] | undefined, goal?: number): void => {
      if (!theirs) return;
      const ratio = ratios(mine, theirs);
      result.push({ what: `${what}: ${step}`, ours: backend, against, ratio, ...(goal ? { goal } : {}) });
    };
    add('encode', encode, ORT, theirEncode);
    add('decode', decode, TORCH, theirDecode);
    add('decode', decode, plainName(backend), plainDecode);
    const theirs = theirEncode && theirDecode && sums(theirEncode, theirDecode);
    add('encode + decode', sums(encode, decode), `${ORT} + ${TORCH}`, theirs, goals[backend]);
    return result;
  });
}

async function writeGrids(
  lane: AttendLane | Lane<OnnxRuntimeOperations>,
  photos: readonly string[],
  folder: string,
): Promise<string> {
  const file = join(folder, `grids-${lane.name}.f32`);
  // Both answer this request alike, but a union of lanes cannot be asked.
  await (lane as AttendLane).ask('grids', { photos: [...photos], file });
  return file;
}

/** The first grids with each of the others. */
function compareGrids(names: readonly string[], files: readonly string[]): Agreement[] {
  const [first, ...others] = files.map((file) => new Float32Array(Uint8Array.from(readFileSync(file)).buffer));
  return others.map((other, i) => ({
    what: `encoder's output, ${names[0]} and ${names[i + 1]}`,
    result: largestDifference(first!, other),
  }));
}

function compareCaptions(turns: Turns): Agreement[] {
  const captionsOf = (name: string): string[] => (turns.get(name) ?? []).flatMap(({ captions }) => captions ?? []);
  const [first, ...others] = [...turns.keys()].filter((name) => captionsOf(name).length > 0);
  const expected = captionsOf(first!);
  return others.map((name) => {
    const equal = captionsOf(name).filter((caption, i) => caption === expected[i]).length;
    return { what: `captions, ${first} and ${name}`, result: `${equal} of ${expected.length} are the same` };
  });
}

/** Our captions, scored word by word by PyTorch. */
async function compareWords(
  lane: AttendLane,
  torch: Lane<TorchOperations>,
  photos: readonly string[],
): Promise<Agreement> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (const [i, photo] of photos.entries()) {
    const [captioned] = await lane.ask('caption', { photos: [photo], beam: BEAM });
    const { words, probabilities } = captioned!;
    mine.push(...probabilities.map(Math.log));
    theirs.push(...(await torch.ask('score', { photo: i, words })));
  }
  return { what: `log p of each word, ${lane.name} and ${TORCH}`, result: largestDifference(mine, theirs) };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): string {
  if (a.length !== b.length) return `DIFFERENT LENGTHS: ${a.length} and ${b.length} numbers`;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < a.length; i++) {
    const delta = Math.abs(a[i]! - b[i]!);
    // NaN must not pass for equal.
    if (!(delta <= difference)) difference = delta;
    magnitude = Math.max(magnitude, Math.abs(a[i]!));
  }
  return `${difference.toExponential(1)} at most, of ${magnitude.toPrecision(3)} (${a.length} numbers)`;
}
