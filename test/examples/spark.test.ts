import { execFile, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';
import { useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

/** A Python with PySpark (ATTEND_SPARK_PYTHON may name one), and a Java for it. */
const python = process.env['ATTEND_SPARK_PYTHON'] ?? 'python3';
const works = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const hasSpark = works('java', '-version') && works(python, '-c', 'import pyspark, pandas, pyarrow');

const script = fileURLToPath(new URL('../../examples/spark/caption_photos.py', import.meta.url));
const PHOTOS = 60;

describe.skipIf(!hasSpark)('an archive captioned by Spark (skipped without Java and PySpark)', () => {
  const cli = useCli();
  let folder: { path: string; remove: () => Promise<void> };
  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeTinyModel(folder.path);
    await mkdir(join(folder.path, 'photos'));
    for (let i = 0; i < PHOTOS; i++) await writeTinyPhoto(join(folder.path, 'photos', `${i} é%+.png`), i + 1);
    await writeFile(join(folder.path, 'photos', 'broken.png'), 'no photo');
  });
  afterAll(() => folder.remove());

  interface Row {
    file: string;
    caption: string | null;
    error: string | null;
  }
  const rowsOf = async (output: string): Promise<Row[]> => {
    const read =
      'import sys, pyarrow.parquet as q; print(q.read_table(sys.argv[1]).to_pandas().to_json(orient="records"))';
    const { stdout } = await promisify(execFile)(python, ['-c', read, output], { maxBuffer: 1e8 });
    return JSON.parse(stdout) as Row[];
  };
  /** @param onStart is given the job's process */
  const submit = async (output: string, onStart: () => void = () => undefined): Promise<void> => {
    const command = [process.execPath, ...cli.command];
    const photos = ['--photos', join(folder.path, 'photos'), '--output', output, '--photos-per-partition', '6'];
    const job = spawn(
      python,
      [script, ...photos, '--model', join(folder.path, 'captioner-tiny'), '--attend', ...command],
      {
        cwd: folder.path,
        env: {
          ...process.env,
          ATTEND_BACKEND: backendUnderTest,
          PYSPARK_PYTHON: python,
          PYSPARK_SUBMIT_ARGS: '--master local-cluster[2,1,1024] pyspark-shell',
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let log = '';
    job.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
    onStart();
    const code = await new Promise((resolve) => job.once('close', resolve));
    if (code !== 0) throw new Error(log.slice(-4000));
  };

  it('has a row a photo, none twice, when an executor is killed on the way, and nothing to do the second time', async () => {
    const output = join(folder.path, 'captions');
    let killed = false;
    let timer: NodeJS.Timeout | undefined;
    await submit(output, () => {
      timer = setInterval(() => {
        if (killed || partsIn(output) === 0) return;
        const executors = execFileSync('pgrep', ['-f', 'CoarseGrainedExecutorBackend'], { encoding: 'utf8' });
        process.kill(Number(executors.trim().split('\n').at(-1)), 'SIGKILL');
        killed = true;
      }, 200);
    }).finally(() => clearInterval(timer));
    expect(killed).toBe(true);

    const rows = await rowsOf(output);
    expect(new Set(rows.map(({ file }) => file)).size).toBe(PHOTOS + 1);
    expect(rows).toHaveLength(PHOTOS + 1);
    const { stdout } = await cli.run(['caption', 'photos', '--jsonl', '--model', 'captioner-tiny'], {
      cwd: folder.path,
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Partial<CaptionedPhoto> & { file: string });
    for (const { file, caption } of lines) {
      const row = rows.find((one) => one.file === join(folder.path, file));
      expect(row?.caption ?? undefined).toBe(caption);
    }
    expect(rows.filter(({ error }) => error !== null).map(({ file }) => file)).toEqual([
      join(folder.path, 'photos', 'broken.png'),
    ]);

    const before = await readFile(join(output, '_SUCCESS'));
    const parts = partsIn(output);
    await submit(output);
    expect(partsIn(output)).toBe(parts);
    expect(await readFile(join(output, '_SUCCESS'))).toEqual(before);
  }, 400_000);
});

/** How many files of results there are, those included that no task has handed in yet. */
function partsIn(output: string): number {
  try {
    return readdirSync(output, { recursive: true }).filter((name) => String(name).endsWith('.parquet')).length;
  } catch {
    return 0;
  }
}
