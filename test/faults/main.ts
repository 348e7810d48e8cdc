// Tries the built command line and server on all that goes wrong, and prints tables in Markdown; see run.mjs.
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { parseBackendName, useBackend } from '../../src/native/backend.ts';
import { findCaptioner } from '../../src/captioning/find-captioner.ts';
import { useDecoders } from '../../src/photos/decoders/decoders.ts';
import { Library } from '../../src/service/library/library.ts';
import { addUpload } from '../../src/service/library/add-photos.ts';
import { AttendService } from '../../src/service/attend-service.ts';
import { ModelHost } from '../../src/service/models/model-host.ts';
import type { ModelTasks } from '../../src/service/models/model-tasks.ts';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { LocalTasks } from '../../src/tasks/local-tasks.ts';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import { ask, startServe, type Start } from './attend-process.ts';
import { besideEndless } from './beside-endless.ts';
import { burst } from './burst.ts';
import { flipLibrary, flipModel } from './flips.ts';
import { fillLibrary, smallDisk } from './full-disk.ts';
import { killFolderRun } from './kill-folder.ts';
import { killLibrary } from './kill-library.ts';
import { tryPhotos } from './photos.ts';
import { probeServer } from './server-probes.ts';
import { soak } from './soak.ts';
import { markdown } from './table.ts';
import { strangeTexts, translateStrange } from './texts.ts';

const attend = fileURLToPath(new URL('dist/cli/attend.js', import.meta.url));
// Those of this build, and not of another that may lie about.
useDecoders({ script: fileURLToPath(new URL('dist/workers/photos.js', import.meta.url)) });
const UPLOAD_LIMIT = 50_000_000;
const start: Start = (args, { cwd, env } = {}) =>
  spawn(process.execPath, [attend, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
  });

/** A small photo that no other number has. */
function photo(number: number, width = 320, height = 240): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  pixels.forEach((_, i) => (pixels[i] = Math.floor(i / 3) * (3 + (number % 50)) + (i % 3) * 50 + number));
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** A server in this process, with the captioner that comes with Attend. */
async function withServer<T>(folder: string, action: (server: AttendServer) => Promise<T>): Promise<T> {
  const backend = process.env['ATTEND_BACKEND'];
  const models = new LocalTasks<ModelTasks>(new ModelHost({ backend }), TASK_ERRORS);
  const service = await AttendService.open({
    door: 'browser',
    data: join(folder, 'data'),
    cache: join(folder, 'cache'),
    models,
    uploadLimit: UPLOAD_LIMIT,
  });
  const server = await startServer({ service, port: 0, pages: folder, uploadLimit: UPLOAD_LIMIT });
  try {
    return await action(server);
  } finally {
    await server.close();
    await service.close();
  }
}

/** Each part prints its table and says whether all held. */
const PARTS: Record<string, (folder: string, numbers: readonly number[]) => Promise<[table: string, holds: boolean]>> =
  {
    photos: (_, [count = 1000, seed = 1]) => tryPhotos(start, count, seed),

    async kills(folder, [kills = 20, count = 400]) {
      await mkdir(join(folder, 'photos'));
      for (let i = 0; i < count; i++) await writeFile(join(folder, 'photos', `${i}.jpg`), await photo(i));
      const run = await killFolderRun(start, folder, { kills, seed: 1 });
      const library = await killLibrary(start, folder, photo, { kills, seed: 1 });
      const { damaged, edits, lostEdits, lostUploads, orphans, uploads } = library;
      const header = ['killed', 'times', 'done or acknowledged', 'lost', 'doubled', 'left lying about'];
      const rows = [
        ['a folder run with texts beside photos', run.kills, run.photos, run.lost, run.doubled, run.strays],
        ['a server while photos are sent to it', kills, uploads, lostUploads, 0, orphans],
        ['a server while captions are edited', kills, edits, lostEdits, 0, damaged],
      ];
      return [markdown(header, rows), run.lost + run.doubled + lostUploads + lostEdits + damaged === 0];
    },

    async stops(folder, [count = 20, within = 4000]) {
      const ends = new Map<string, number>();
      const sent = new Uint8Array(await photo(1));
      for (let i = 0; i < count; i++) {
        const server = await startServe(start, join(folder, 'data'));
        // Every second one is stopped while it captions, or is about to.
        if (i % 2 === 1) ask(server, '/v1/caption', sent).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, (i * within) / count));
        const how = String(await server.end(i % 4 < 2 ? 'SIGTERM' : 'SIGINT'));
        ends.set(how, (ends.get(how) ?? 0) + 1);
      }
      const rows = [...ends].map(([how, times]) => [how, times]);
      return [markdown([`a server stopped within ${within} ms ends with`, 'times'], rows), ends.get('0') === count];
    },

    async disk(folder) {
      const disk = await smallDisk(join(folder, 'disk'));
      if (!disk) return ['Left out: this user may not mount a small file system.', true];
      try {
        const one = await fillLibrary(start, disk, (number) => photo(number, 400, 300));
        const { acknowledged, lost, refused, revenants, unclear } = one;
        const header = ['library on a full disk', 'lost', 'refused', 'refused and there', 'refused without a reason'];
        const table = markdown(header, [[`${acknowledged} acknowledged`, lost, refused, revenants, unclear.length]]);
        return [[table, ...unclear].join('\n'), lost + revenants + unclear.length === 0 && refused > 0];
      } finally {
        await disk.release();
      }
    },

    async flips(folder, [model = 60, library = 500]) {
      await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
      const copy = join(folder, 'captioner');
      await cp(findCaptioner(undefined), copy, { recursive: true });
      await writeFile(join(folder, 'photo.jpg'), await photo(1));
      const home = join(folder, 'library');
      const made = await Library.open(home);
      for (let i = 0; i < 30; i++)
        await made.keep((await addUpload(made, `${i}.jpg`, await photo(i))).id, { edited: 'Mine.' });
      await made.close();
      await rm(join(home, 'uploads'), { recursive: true });
      const rows = [
        {
          name: 'the captioner that comes with Attend',
          ...(await flipModel(copy, join(folder, 'photo.jpg'), model, 1)),
        },
        { name: 'a library of 30 photos', ...(await flipLibrary(home, library, 1)) },
      ];
      const header = ['a bit changed in', 'times', 'told in a sentence', 'without effect', 'silent', 'unclear'];
      const table = markdown(
        header,
        rows.map(({ flips, harmless, name, noticed, silent, unclear }) => [
          name,
          flips,
          noticed,
          harmless,
          silent,
          unclear.length,
        ]),
      );
      const unclear = rows.flatMap((one) => one.unclear);
      return [[table, ...unclear].join('\n'), rows.every((one) => one.silent === 0) && unclear.length === 0];
    },

    async server(folder, [count = 200]) {
      return withServer(folder, async ({ origin, token }) => {
        const probes = await probeServer({ origin, token, uploadLimit: UPLOAD_LIMIT }, 90);
        const photos = await Promise.all([1, 2, 3, 4].map(async (i) => new Uint8Array(await photo(i))));
        const begin = performance.now();
        const others = await burst({ origin, token }, photos, count);
        const seconds = (performance.now() - begin) / 1000;
        const { alone, beside } = await besideEndless({ origin, token }, photos, 8);
        const wrong = probes.filter((one) => one.wrong !== undefined);
        const table = markdown(
          ['asked of the server', 'times', 'answered wrongly', 'seconds'],
          [
            ['what a stranger or a page of another site could ask', probes.length, wrong.length, '–'],
            ['captions, all at once', count, others, seconds.toFixed(0)],
            ['an ordinary caption, the slowest of four', photos.length, 0, (alone / 1000).toFixed(2)],
            ['the same while eight drawings that never end are read', photos.length, 0, (beside / 1000).toFixed(2)],
          ],
        );
        return [
          [table, ...wrong.map(({ name, wrong: how }) => `${name}: ${how}`)].join('\n'),
          // No slower than one of the drawings.
          wrong.length + others === 0 && beside < 4000,
        ];
      });
    },

    async texts() {
      const rows: (string | number)[][] = [];
      let holds = true;
      for (const [name, text] of Object.entries(strangeTexts())) {
        const one = await translateStrange(start, text);
        const { exitCode, output, peakBytes, seconds, stackTraces } = one;
        rows.push([name, text.length, output, seconds.toFixed(0), Math.round(peakBytes / 1e6), String(exitCode)]);
        holds &&= stackTraces === 0 && (exitCode === 0 || exitCode === 1);
      }
      return [markdown(['text', 'characters', 'came out', 'seconds', 'peak memory, MB', 'exit code'], rows), holds];
    },

    async soak(folder, [seconds = 300, rest = 0]) {
      return withServer(folder, async (server) => {
        const photos = await Promise.all(Array.from({ length: 20 }, (_, i) => photo(i, 1600, 1200)));
        const held = await soak(server, photos, { seconds, samples: 6, rest });
        const rows = held.map((one) => [
          one.seconds.toFixed(0),
          one.requests,
          Math.round(one.bytes / 1e6),
          one.tensors,
          one.descriptors,
        ]);
        const [warm, last] = [held[0], held.at(-1)];
        const holds = warm?.tensors === last?.tensors && (last?.descriptors ?? 0) <= (warm?.descriptors ?? 0) + 10;
        return [markdown(['after seconds', 'requests', 'memory, MB', 'tensors', 'descriptors'], rows), holds];
      });
    },
  };

const [part, ...numbers] = process.argv.slice(2);
const unknown = part !== undefined && !Object.hasOwn(PARTS, part);
if (unknown) console.error(`There is no part "${part}". There are ${Object.keys(PARTS).join(', ')}.`);
let failed = unknown;
for (const [name, run] of Object.entries(PARTS)) {
  if (unknown || (part !== undefined && part !== name)) continue;
  const folder = await mkdtemp(join(tmpdir(), 'attend-faults-'));
  try {
    const [table, holds] = await run(folder, numbers.map(Number));
    console.log(`\n${name}${holds ? '' : ': SOMETHING IS WRONG'}\n\n${table}`);
    failed ||= !holds;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
process.exitCode = failed ? 1 : 0;
