import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryOf, type Start } from './attend-process.ts';
import { hostilePhotos, mutatedPhotos, soundPhotos, type FaultyFile } from './mutated-photos.ts';
import { markdown } from './table.ts';

interface Outcome {
  files: number;
  captioned: number;
  refused: number;
  /** Files without a line in the results, or with two. */
  lost: number;
  stackTraces: number;
  seconds: number;
  /** Of all processes together; undefined where the system does not say. */
  peakBytes: number | undefined;
  exitCode: number | null;
}

async function caption(start: Start, files: readonly FaultyFile[]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'attend-faults-'));
  try {
    const photos = join(folder, 'photos');
    const results = join(folder, 'results.jsonl');
    await mkdir(photos);
    for (const { bytes, name } of files) await writeFile(join(photos, name), bytes);
    const begin = performance.now();
    // As a list: in a folder only names that end as a photo's does are looked at.
    const paths = files.map(({ name }) => join(photos, name));
    const child = start(['caption', '-', '--jsonl', '-o', results]);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdin.end(paths.map((path) => `${path}\0`).join(''));
    let peak = 0;
    const watch = setInterval(() => void memoryOf(child.pid ?? 0).then((bytes) => (peak = Math.max(peak, bytes))), 25);
    const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearInterval(watch);
    const seconds = (performance.now() - begin) / 1000;
    const lines = (await readFile(results, 'utf8')).split('\n').filter((line) => line !== '');
    const told = lines.map((line) => JSON.parse(line) as { file: string; caption?: string });
    const seen = new Map(paths.map((path) => [path, 0]));
    for (const { file } of told) seen.set(file, (seen.get(file) ?? 0) + 1);
    return {
      files: files.length,
      captioned: told.filter((one) => one.caption !== undefined).length,
      refused: told.filter((one) => one.caption === undefined).length,
      lost: [...seen.values()].filter((times) => times !== 1).length,
      stackTraces: said.split('\n').filter((line) => /^\s+at .+:\d+/.test(line)).length,
      seconds,
      peakBytes: peak === 0 ? undefined : peak,
      exitCode,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Damaged and hostile photos on the command line.
 * @param count of sound and of damaged photos
 * @returns a table in Markdown, and whether all is as it should be
 */
export async function tryPhotos(start: Start, count: number, seed: number): Promise<[table: string, holds: boolean]> {
  const sound = Object.entries(await soundPhotos());
  const friendly = Array.from({ length: count }, (_, i) => {
    const [format, bytes] = sound[i % sound.length] as (typeof sound)[number];
    return { name: `${i}.${format}`, bytes };
  });
  const runs: [string, FaultyFile[]][] = [
    ['sound photos of all formats', friendly],
    [`damaged photos of all formats (seed ${seed})`, await mutatedPhotos(count, seed)],
    ['hostile photos: 4 endless drawings, 16 WebPs and 4 GIFs with huge canvases', hostilePhotos()],
  ];
  const rows: (string | number)[][] = [];
  let holds = true;
  let usual: number | undefined;
  for (const [name, files] of runs) {
    const one = await caption(start, files);
    const megabytes = one.peakBytes === undefined ? '–' : Math.round(one.peakBytes / 1e6);
    const { captioned, lost, refused, seconds, stackTraces } = one;
    rows.push([name, one.files, captioned, refused, lost, stackTraces, seconds.toFixed(0), megabytes]);
    usual ??= one.peakBytes;
    const isTooLarge = one.peakBytes !== undefined && one.peakBytes - (usual ?? 0) > 1e9;
    holds &&= lost === 0 && stackTraces === 0 && !isTooLarge && one.exitCode !== null && one.exitCode <= 1;
  }
  const header = ['input', 'files', 'captioned', 'refused in a sentence', 'lost', 'stack traces', 'seconds'];
  return [markdown([...header, 'peak memory, MB'], rows), holds];
}
