import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { BackendName } from '../../src/contract/constants/backends.ts';
import type { Benchmark, Ratio, Row } from '../harness/benchmark.ts';
import { attendLane, BACKENDS, BUILT, closeAll, reasonOf } from '../harness/lanes.ts';
import { ratios, summarise } from '../harness/statistics.ts';
import { inTurn } from './photo.ts';

interface Command {
  what: string;
  args: string[];
  backend?: BackendName;
  /** What runs it; left out: Node. */
  program?: string;
}

/** The command line from its start to its end. The files are in the system's cache; nothing else is warm. */
export const coldStart: Benchmark = {
  name: 'start',
  title: 'The command line, from start to end',
  async run({ effort, model, photos, python, say }) {
    const notes: string[] = [];
    const attend = join(BUILT, 'dist', 'cli', 'attend.js');
    const commands: Command[] = [
      { what: 'node -e 0', args: ['-e', '0'] },
      { what: 'attend --help', args: [attend, '--help'] },
    ];
    for (const backend of BACKENDS) {
      const problem = await problemOf(backend, model);
      if (problem) notes.push(`${backend}: ${problem}`);
      else {
        const args = [attend, 'caption', photos[0]!, '--json', '--model', model];
        commands.push({ what: `attend caption PHOTO --json, ${backend}`, args, backend });
      }
    }
    // A captioner in PyTorch cannot have read its weights before that.
    const torch: Command = { what: 'python -c "import torch"', args: ['-c', 'import torch'], program: python };
    await time(torch).then(
      () => commands.push(torch),
      () => notes.push(`PyTorch is left out: ${python} has none. See bench/README.md.`),
    );
    const times = new Map(commands.map(({ what }) => [what, [] as number[]]));
    for (const command of commands) await time(command);
    for (let turn = 0; turn < effort.starts; turn++) {
      say(`start ${turn + 1} of ${effort.starts}`);
      for (const command of inTurn(commands, turn)) times.get(command.what)!.push(await time(command));
    }
    const [node, ...ours] = [...times] as [[string, number[]], ...[string, number[]][]];
    return {
      columns: ['time'],
      rows: [...times].map(([what, values]): Row => ({ what, unit: 'ms', cells: { time: summarise(values) } })),
      ratios: ours.map(([what, values]): Ratio => ({
        what: 'start to end',
        ours: what,
        against: node[0],
        ratio: ratios(values, node[1]),
      })),
      notes,
    };
  },
};

/** Why a backend cannot caption, if so. */
async function problemOf(backend: BackendName, folder: string): Promise<string | undefined> {
  const lane = attendLane(backend);
  try {
    await lane.ask('open', { folder });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await closeAll([lane]);
  }
}

/** @returns milliseconds @throws Error where the command fails */
async function time({ what, args, backend, program = process.execPath }: Command): Promise<number> {
  // Where somebody's environment adds certificates, Node reads them all before anything else, which takes twice as long as the rest.
  const { NODE_EXTRA_CA_CERTS: _, ...own } = process.env;
  const env = { ...own, ...(backend ? { ATTEND_BACKEND: backend } : {}) };
  const begin = performance.now();
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`"${what}" ended with ${code}.\n${output.trim()}`);
  return performance.now() - begin;
}
