// Tries the built command line on folders of damaged and hostile photos, and prints a table in Markdown; see run.mjs.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostilePhotos, mutatedPhotos, soundPhotos, type FaultyFile } from './mutated-photos.ts';

const attend = fileURLToPath(new URL('dist/cli/attend.js', import.meta.url));
const [count = 1000, seed = 1] = process.argv.slice(2).map(Number);

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

async function caption(files: readonly FaultyFile[]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'attend-faults-'));
  try {
    const photos = join(folder, 'photos');
    const results = join(folder, 'results.jsonl');
    await mkdir(photos);
    for (const { bytes, name } of files) await writeFile(join(photos, name), bytes);
    const begin = performance.now();
    // As a list: in a folder only names that end as a photo's does are looked at.
    const paths = files.map(({ name }) => join(photos, name));
    const child = spawn(process.execPath, [attend, 'caption', '-', '--jsonl', '-o', results]);
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

/** Resident bytes of a process and all that it started (Linux); 0 elsewhere. */
async function memoryOf(pid: number): Promise<number> {
  try {
    const pages = Number((await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1]);
    let sum = pages * 4096;
    for (const thread of await readdir(`/proc/${pid}/task`)) {
      const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8');
      for (const child of children.split(' ').filter((id) => id !== '')) sum += await memoryOf(Number(child));
    }
    return sum;
  } catch {
    return 0;
  }
}

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

console.log('| input | files | captioned | refused in a sentence | lost | stack traces | seconds | peak memory, MB |');
console.log('| --- | --: | --: | --: | --: | --: | --: | --: |');
let failed = false;
let usual: number | undefined;
for (const [name, files] of runs) {
  const one = await caption(files);
  const megabytes = one.peakBytes === undefined ? '–' : Math.round(one.peakBytes / 1e6);
  console.log(
    `| ${name} | ${one.files} | ${one.captioned} | ${one.refused} | ${one.lost} | ${one.stackTraces} | ` +
      `${one.seconds.toFixed(0)} | ${megabytes} |`,
  );
  usual ??= one.peakBytes;
  const isTooLarge = one.peakBytes !== undefined && one.peakBytes - (usual ?? 0) > 1e9;
  failed ||= one.lost > 0 || one.stackTraces > 0 || isTooLarge || one.exitCode === null || one.exitCode > 1;
}
process.exitCode = failed ? 1 : 0;
