import type { Agreement, Benchmark, Ratio, Row } from '../harness/benchmark.ts';
import { rest, type Lane } from '../harness/lane.ts';
import { closeAll, openTranslators, type TranslatorLane } from '../harness/lanes.ts';
import { SENTENCES } from '../harness/sentences.ts';
import { ratios, summarise } from '../harness/statistics.ts';
import { openTorchTranslator, type TorchTranslatorOperations } from '../peers/open.ts';
import type { FoundTokens, TokenSearch } from '../translator.ts';
import { inTurn } from './photo.ts';

const BATCH = 32;
const TORCH = 'PyTorch';
const BEAMS = [
  { name: 'greedy', beam: 1 },
  { name: 'beam 4', beam: 4 },
];
/** A sentence of 20 words should be translated within so many milliseconds on WASM. */
const GOAL = { words: 20, backend: 'wasm', milliseconds: 250 };

interface Contestant {
  name: string;
  run(search: TokenSearch): Promise<FoundTokens>;
}

/** What all contestants did, turn by turn. */
interface Task {
  what: string;
  /** Milliseconds a token, the end token counted, by contestant. */
  perToken: Map<string, number[]>;
  /** The tokens of each source, by contestant. */
  found: Map<string, string[]>;
}

/** The same Transformer in PyTorch, on the same weights. */
export const translation: Benchmark = {
  name: 'translation',
  title: 'Translation, in turns',
  async run({ effort, python, say, translator }) {
    if (translator === undefined) {
      return { columns: [], rows: [], notes: ['There is no translator in models/: name one with --translator.'] };
    }
    const notes: string[] = [];
    const { lanes, notes: missing } = await openTranslators(translator);
    notes.push(...missing);
    const open: { close(): Promise<void> }[] = [...lanes];
    try {
      const first = lanes[0]!;
      const { to: languages } = await first.ask('open', { folder: translator });
      const to = languages[0]!;
      const prepare = (sentences: readonly string[], beam: number): Promise<TokenSearch> =>
        first.ask('prepare', { sentences: [...sentences], to, beam });
      const sorted = SENTENCES.toSorted((a, b) => a.length - b.length);
      const batches = Array.from({ length: Math.floor(sorted.length / BATCH) }, (_, i) =>
        sorted.slice(i * BATCH, (i + 1) * BATCH),
      );

      const torch = await openTorchTranslator(
        {
          folder: translator,
          python,
          single: await prepare(SENTENCES.slice(-1), 1),
          batch: await prepare(batches[0]!, 1),
        },
        (text) => notes.push(text),
      );
      if (torch) open.push(torch);
      const contestants = [...lanes.map(ours), ...(torch ? [theirs(torch)] : [])];

      const tasks: Task[] = [];
      for (const { beam, name } of BEAMS) {
        const singles = SENTENCES.slice(-effort.sentences).map((sentence) => [sentence]);
        for (const [what, groups, turns] of [
          ['one sentence', singles, 1],
          [`batches of ${BATCH}`, batches, effort.sentenceTurns],
        ] as const) {
          const searches: TokenSearch[] = [];
          for (const group of groups) searches.push(await prepare(group, beam));
          const whole = `${what}, ${name}`;
          tasks.push(await inTurns(whole, contestants, searches, turns, (done) => say(`${whole}: ${done}`)));
        }
      }
      const texts = await timeText(lanes, to, Math.max(3, effort.sentenceTurns), say);
      const backends = lanes.map(({ name }) => name);
      const reached = texts.rows.flatMap(({ cells, what }) => {
        const cell = cells[GOAL.backend];
        if (cell === undefined || typeof cell === 'number') return [];
        const verdict = cell.median <= GOAL.milliseconds ? 'reached' : 'NOT reached';
        return [`${what}, ${GOAL.backend}: goal at most ${GOAL.milliseconds} ms, ${verdict}.`];
      });
      return {
        columns: contestants.map(({ name }) => name),
        rows: [...tasks.map(rowOf), ...texts.rows],
        ratios: torch ? tasks.flatMap((task) => ratiosOf(task, backends)) : [],
        agreements: tasks.flatMap(agreementsOf),
        notes: [...notes, ...reached],
      };
    } finally {
      await closeAll(open);
    }
  },
};

const ours = (lane: TranslatorLane): Contestant => ({
  name: lane.name,
  run: (search) => lane.ask('search', search),
});

const theirs = (lane: Lane<TorchTranslatorOperations>): Contestant => ({
  name: TORCH,
  run: (search) => lane.ask('translate', search),
});

/** Everybody does the same search one after the other, and then the next: what disturbs one disturbs all. */
async function inTurns(
  what: string,
  contestants: readonly Contestant[],
  searches: readonly TokenSearch[],
  turns: number,
  onSearch: (done: string) => void,
): Promise<Task> {
  const perToken = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  const found = new Map(contestants.map(({ name }) => [name, [] as string[]]));
  for (const contestant of contestants) await contestant.run(searches[0]!);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, search] of searches.entries()) {
      onSearch(`${turn * searches.length + i + 1} of ${turns * searches.length}`);
      for (const contestant of inTurn(contestants, turn + i)) {
        const { name } = contestant;
        const { milliseconds, tokens } = await contestant.run(search);
        const count = tokens.reduce((sum, { length }) => sum + length + 1, 0);
        perToken.get(name)!.push(milliseconds / count);
        if (turn === 0) found.get(name)!.push(...tokens.map((ids) => ids.join(' ')));
        await rest();
      }
    }
  }
  return { what, perToken, found };
}

function rowOf({ what, perToken }: Task): Row {
  const cells = [...perToken].map(([name, times]) => [name, summarise(times.map((time) => 1000 / time))] as const);
  return { what, unit: 'tokens/s', cells: Object.fromEntries(cells) };
}

function ratiosOf({ what, perToken }: Task, backends: readonly string[]): Ratio[] {
  return backends.map((ours): Ratio => {
    const ratio = ratios(perToken.get(ours)!, perToken.get(TORCH)!);
    return { what: `time a token: ${what}`, ours, against: TORCH, ratio, ...(ours === 'native' && { goal: 1 }) };
  });
}

function agreementsOf({ what, found }: Task): Agreement[] {
  const [[first, expected] = ['', []], ...others] = [...found];
  return others.map(([name, tokens]) => {
    const equal = tokens.filter((ids, i) => ids === expected[i]).length;
    return { what: `tokens, ${what}: ${first} and ${name}`, result: `${equal} of ${expected.length} are the same` };
  });
}

/** One sentence of 20 words through `translate`, as all doors call it. */
async function timeText(
  lanes: readonly TranslatorLane[],
  to: string,
  turns: number,
  say: (what: string) => void,
): Promise<{ rows: Row[] }> {
  const sentence = SENTENCES.at(-1)!;
  const rows: Row[] = [];
  for (const { beam, name } of BEAMS) {
    const what = `a sentence of ${GOAL.words} words, text to text, ${name}`;
    say(what);
    const times = new Map(lanes.map((lane) => [lane.name, [] as number[]]));
    // The first turn warms up.
    for (let turn = 0; turn <= turns; turn++) {
      for (const lane of inTurn(lanes, turn)) {
        const { milliseconds } = await lane.ask('text', { sentence, to, beam });
        if (turn > 0) times.get(lane.name)!.push(milliseconds);
        await rest();
      }
    }
    const cells = [...times].map(([lane, all]) => [lane, summarise(all)] as const);
    rows.push({ what, unit: 'ms', cells: Object.fromEntries(cells) });
  }
  return { rows };
}
