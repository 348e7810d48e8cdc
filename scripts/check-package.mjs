#!/usr/bin/env node
// Packs the app around a stand-in for Electron's binary, where that cannot be had, and looks at what came of it:
// `npm run check:package`. It sees all of a package but Electron itself: what is in the archive and beside it, the fuses,
// sizes, and whether what lies beside the archive runs alone. `scripts/check-app.mjs` starts a real one.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What flips fuses looks for; after it come a version, their number, and one byte a fuse ("0", "1", "r": removed). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = '011000010';
/** As electron-builder.yml wants them: RunAsNode, cookies encrypted, NODE_OPTIONS, --inspect, archive checked, archive only, V8's snapshot, file protocol. */
const FLIPPED = '01001100';

if (process.platform !== 'linux') {
  console.error('check:package: the stand-in is laid out as Electron for Linux.');
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'attend-package-'));

try {
  const release = join(folder, 'release');
  standIn(join(folder, 'electron'));
  const options = ['--linux', 'dir', `-c.electronDist=${join(folder, 'electron')}`, `-c.directories.output=${release}`];
  run(process.execPath, ['scripts/package.mjs', ...options], root);
  const app = join(release, 'linux-unpacked');
  const [archive, beside] = ['app.asar', 'app.asar.unpacked'].map((name) => join(app, 'resources', name));

  const program = readFileSync(join(app, 'attend'));
  const fuses = program.subarray(program.indexOf(SENTINEL) + SENTINEL.length + 2).toString('latin1', 0, FLIPPED.length);
  check(fuses === FLIPPED, `the fuses are ${fuses} and not ${FLIPPED}`);

  const packed = namesIn(archive);
  for (const needed of [
    'out/main/index.js',
    'out/main/checksums.json',
    'out/renderer/index.html',
    /^out\/preload\/.+\.c?js$/,
    'package.json',
    'LICENSE',
    'THIRD-PARTY-NOTICES.txt',
    'dist/workers/models.js',
    'dist/workers/photos.js',
    'models/captioner-flickr8k-coco/encoder.bin',
    'models/translator-everyday/model.json',
    'models/comparison-additive/model.json',
    /^node_modules\/@tensorflow\/tfjs-backend-wasm\/.+\.wasm$/,
    /^node_modules\/@img\/sharp-linux-.+\.node$/,
    /^node_modules\/onnxruntime-node\/bin\/.+\.node$/,
  ]) {
    const there = packed.some((name) => (needed instanceof RegExp ? needed.test(name) : needed === name));
    check(there, `the archive has no ${needed}`);
  }
  const stray = packed.filter((name) =>
    /^(src|test|bench|docs|runs|scripts|desktop|models\/comparison-(?!none|additive)[^/]+)\/|^node_modules\/(electron|vite|vitest|typescript|svelte|esbuild|@tensorflow\/tfjs-node)\/|\.map$|onnxruntime-node\/bin\/[^/]+\/(?!linux)/.test(
      name,
    ),
  );
  check(stray.length === 0, `the archive has files that nobody needs: ${stray.slice(0, 9).join(', ')}`);

  // Beside the archive is a whole Attend but for the pages: what threads and programs run.
  const sample = 'assets/samples/dog-on-grass.jpg';
  for (const backend of ['onnx', 'wasm']) {
    const env = { ...process.env, ATTEND_BACKEND: backend, ATTEND_CACHE: join(folder, 'cache') };
    const [photo] = JSON.parse(run(process.execPath, ['dist/cli/attend.js', 'caption', sample, '--json'], beside, env));
    check(/dog/.test(photo.caption), `on ${backend} the sample's caption is "${photo.caption}"`);
  }

  const megabytes = (path) => `${(sizeOf(path) / 1e6).toFixed(0)} MB`;
  console.log(`The app without Electron: ${megabytes(join(app, 'resources'))}, of which`);
  for (const part of ['node_modules', 'models', 'dist', 'assets'])
    console.log(`  ${part}: ${megabytes(join(beside, part))}`);
  console.log(`  the archive: ${megabytes(archive)}; ${packed.length} files are listed in it.`);
} catch (error) {
  console.error(`check:package: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** A folder that electron-builder takes for Electron's. */
function standIn(electron) {
  mkdirSync(join(electron, 'locales'), { recursive: true });
  mkdirSync(join(electron, 'resources'));
  const program = Buffer.concat([
    Buffer.alloc(4096),
    Buffer.from(SENTINEL),
    Buffer.from([1, FUSES.length]),
    Buffer.from(FUSES),
    Buffer.alloc(4096),
  ]);
  writeFileSync(join(electron, 'electron'), program);
  chmodSync(join(electron, 'electron'), 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'locales/en-US.pak', 'locales/de.pak']) {
    writeFileSync(join(electron, name), '');
  }
}

/** The files that an archive lists, those beside it as well. Its header is JSON after four lengths. */
function namesIn(archive) {
  const bytes = readFileSync(archive);
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12)));
  const names = [];
  const walk = (entry, path) => {
    if (!entry.files) names.push(path);
    else for (const [name, child] of Object.entries(entry.files)) walk(child, path === '' ? name : `${path}/${name}`);
  };
  walk(header, '');
  return names;
}

function sizeOf(path) {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** @returns what it printed to stdout */
function run(program, args, cwd, env = process.env) {
  const { error, status, stderr, stdout } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  check(
    status === 0,
    `"${args.join(' ')}" failed in ${relative(root, cwd) || 'the project'}:\n${error?.message ?? ''}${stderr}${stdout}`,
  );
  return stdout;
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}
