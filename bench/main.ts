import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findCaptioner } from '../src/captioning/find-captioner.ts';
import { findPhotos } from '../src/photos/find-photos.ts';
import { findTranslator, listTranslators } from '../src/translation/find-translator.ts';
import { packageRoot } from '../src/files/package-root.ts';
import { attention } from './benchmarks/attention.ts';
import { batch } from './benchmarks/batch.ts';
import { coldStart } from './benchmarks/cold-start.ts';
import { library } from './benchmarks/library.ts';
import { longRun } from './benchmarks/long-run.ts';
import { memory } from './benchmarks/memory.ts';
import { page } from './benchmarks/page.ts';
import { peers } from './benchmarks/peers.ts';
import { photo } from './benchmarks/photo.ts';
import { training } from './benchmarks/training.ts';
import { translation } from './benchmarks/translation.ts';
import { FULL, QUICK, type Benchmark, type Effort } from './harness/benchmark.ts';
import { BUILT } from './harness/lanes.ts';
import { describeMachine } from './harness/machine.ts';
import { makePhotos } from './harness/photos.ts';
import { describeSection, sectionToJson } from './harness/report.ts';
import { defaultPython } from './peers/open.ts';

const BENCHMARKS: readonly Benchmark[] = [
  photo,
  peers,
  batch,
  coldStart,
  memory,
  longRun,
  page,
  library,
  translation,
  training,
  attention,
];
/** Those that look at no photo of ours. */
const WITHOUT_PHOTOS: readonly Benchmark[] = [attention, library, page, training, translation];
const NAMES = BENCHMARKS.map(({ name }) => name).join(', ');

const HELP = `Usage: npm run bench -- [options]

  --only NAMES    some of: ${NAMES}
  --quick         just enough to see that all of it works; its numbers mean nothing
  --model DIR     the captioner: its folder or its name (default: the one in models/)
  --translator X  the translator: its folder or its name (default: the first one in models/)
  --photos DIR    photos to use (default: 1,000 that are made for the purpose)
  --library N     how many photos the page's large library has (default: 2,000)
  --python FILE   a Python with PyTorch (default: that of .cache/bench-venv, or python3)
  --output FILE   where the results go (default: bench/results.json for a full run, else .cache/bench/results.json)

bench/README.md says what each number means.
`;

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      model: { type: 'string' },
      translator: { type: 'string' },
      photos: { type: 'string' },
      library: { type: 'string' },
      python: { type: 'string' },
      output: { type: 'string' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const chosen = chooseBenchmarks(values.only);
  const effort = { ...(values.quick ? QUICK : FULL) };
  if (values.library !== undefined) effort.libraryPhotos = parseCount('--library', values.library);
  const model = resolve(findCaptioner(values.model));
  const translator = await chooseTranslator(values.translator);
  const isFull = !values.quick && chosen.length === BENCHMARKS.length;
  const output = values.output ?? (isFull ? join(packageRoot(), 'bench', 'results.json') : join(BUILT, 'results.json'));

  const machine = describeMachine();
  process.stdout.write(
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node.slice(1)}. Medians, quartiles in brackets.\n`,
  );
  if (machine.loadBefore > 0.5) {
    const load = machine.loadBefore.toFixed(1);
    process.stdout.write(
      `The machine is busy (load ${load}): times are too high, and ratios less sure than they look.\n`,
    );
  }
  process.stdout.write('\n');

  const scratch = mkdtempSync(join(tmpdir(), 'attend-bench-'));
  try {
    const begin = performance.now();
    const photos = values.photos
      ? await listPhotos(values.photos)
      : await makePhotos(scratch, photosFor(effort, chosen), [640, 480], (done) => say(`making photo ${done}`));
    const needsLarge = chosen.includes(photo);
    const largePhotos = needsLarge ? await makePhotos(scratch, effort.largePhotos, [4000, 3000]) : [];
    const python = values.python ?? defaultPython();
    const sections: object[] = [];
    for (const benchmark of chosen) {
      const started = performance.now();
      const section = await benchmark.run({
        effort,
        model,
        translator,
        photos,
        largePhotos,
        scratch,
        python,
        say: (what) => say(`${benchmark.name}: ${what}`),
      });
      say('');
      process.stdout.write(`${describeSection(benchmark, section)}\n`);
      for (const { name, svg } of section.pictures ?? []) {
        mkdirSync(dirname(output), { recursive: true });
        writeFileSync(join(dirname(output), name), svg);
      }
      sections.push(sectionToJson(benchmark, section, (performance.now() - started) / 1000));
    }
    const results = {
      date: new Date().toISOString().slice(0, 10),
      quick: values.quick,
      machine,
      model: basename(model),
      translator: translator === undefined ? null : basename(translator),
      photos: values.photos ? `${photos.length} photos of the user's` : `${photos.length} made photos, 640 x 480`,
      seconds: Math.round((performance.now() - begin) / 1000),
      benchmarks: sections,
    };
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, `${JSON.stringify(results, null, 2)}\n`);
    process.stdout.write(`${results.seconds} seconds in all. Results: ${output}\n`);
  } finally {
    say('');
    rmSync(scratch, { recursive: true, force: true });
  }
}

function chooseBenchmarks(only: readonly string[]): readonly Benchmark[] {
  const names = only.flatMap((list) => list.split(',')).map((name) => name.trim());
  if (names.length === 0) return BENCHMARKS;
  for (const name of names) {
    if (!BENCHMARKS.some((benchmark) => benchmark.name === name)) {
      throw new Error(`there is no benchmark "${name}". There are: ${NAMES}.`);
    }
  }
  return BENCHMARKS.filter(({ name }) => names.includes(name));
}

/** Of a library: one photo is looked at alone, so there must be more. */
function parseCount(option: string, text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 2) throw new Error(`${option} takes a number of photos, 2 or more, not "${text}".`);
  return count;
}

/** The folder of the translator that somebody named, or of the first there is. */
async function chooseTranslator(named: string | undefined): Promise<string | undefined> {
  if (named === undefined && (await listTranslators()).length === 0) return undefined;
  return resolve((await findTranslator({ model: named })).folder);
}

/** How many photos the chosen benchmarks use at most. */
function photosFor(effort: Effort, chosen: readonly Benchmark[]): number {
  const { longRunPhotos, memoryPhotos, photos, throughputPhotos } = effort;
  if (chosen.every((benchmark) => WITHOUT_PHOTOS.includes(benchmark))) return 0;
  return Math.max(photos, memoryPhotos, throughputPhotos, chosen.includes(longRun) ? longRunPhotos : 0);
}

async function listPhotos(folder: string): Promise<string[]> {
  const photos: string[] = [];
  for await (const found of findPhotos([folder])) {
    if (typeof found === 'string') photos.push(resolve(found));
    else if ('error' in found) throw new Error(found.error);
  }
  if (photos.length < 8) throw new Error(`${folder} has ${photos.length} photos; at least 8 are needed.`);
  return photos;
}

/** A line that the next one replaces, on a terminal only. */
function say(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
}
