#!/usr/bin/env node
// Packs what npm would publish, installs it in an empty folder and captions the samples there: `npm run check:pack`.
// dist/ must be built. A file that `files` in package.json forgets shows here, and nowhere else before a release.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'attend-pack-'));

try {
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root));
  const files = packed.files.map(({ path }) => path);
  for (const needed of [
    'dist/api/index.js',
    'dist/cli/attend.js',
    'dist/cli/whole.cjs',
    'dist/types/api/index.d.ts',
    'dist/workers/adding.js',
    'dist/workers/content-words.js',
    'dist/workers/models.js',
    'dist/workers/photos.js',
    'dist/workers/pictures.js',
    'dist/workers/tagger.cjs',
    'out/renderer/index.html',
    'LICENSE',
    'THIRD-PARTY-NOTICES.txt',
    'README.md',
    /^models\/.+\.bin$/,
    /^assets\/samples\/.+\.jpg$/,
  ]) {
    const there = files.some((path) => (needed instanceof RegExp ? needed.test(path) : needed === path));
    check(there, `the tarball has no ${needed}`);
  }
  const stray = files.filter((path) =>
    /^(src|test|bench|runs|out\/(?!renderer\/)|models\/comparison-(?!none|additive)[^/]+|\.ci|\.github)\//.test(path),
  );
  check(stray.length === 0, `the tarball has files that nobody needs: ${stray.join(', ')}`);

  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{ "private": true }\n');
  // As README says: without what ONNX Runtime's package would load for graphics cards.
  process.env.ONNXRUNTIME_NODE_INSTALL = 'skip';
  npm(['install', '--no-audit', '--no-fund', join(folder, packed.filename)], empty);

  const help = npm(['exec', '--no', '--', 'attend', '--help'], empty);
  check(help.includes('Usage: attend'), `"attend --help" printed:\n${help}`);
  const samples = join(empty, 'node_modules/attend/assets/samples');
  const photos = JSON.parse(npm(['exec', '--no', '--', 'attend', 'caption', samples, '--json'], empty));
  check(photos.length > 0, 'no sample was captioned');
  for (const { file, caption } of photos) check(Boolean(caption?.trim()), `${file} has no caption`);

  // README's example of the library, as it stands there; and its types, as a program in TypeScript sees them.
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const example = /## In your own program[^]*?```js\n([^]*?)```/.exec(readme)?.[1];
  check(example !== undefined, 'README.md has no example of the library');
  writeFileSync(join(empty, 'example.mts'), example);
  writeFileSync(join(empty, 'example.mjs'), example);
  run(
    process.execPath,
    [
      'example.mjs',
      join(
        samples,
        readdirSync(samples).find((file) => file.endsWith('.jpg')),
      ),
    ],
    empty,
  );
  check(existsSync(join(empty, 'attention.png')), "README's example of the library drew nothing");
  const types = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023',
    '--types',
    'node',
  ];
  types.push('--typeRoots', join(root, 'node_modules/@types'), 'example.mts');
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...types], empty);

  const megabytes = (packed.size / 1e6).toFixed(1);
  console.log(`${packed.filename}: ${files.length} files, ${megabytes} MB; captioned ${photos.length} samples.`);
} catch (error) {
  console.error(`check:pack: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Runs npm, as it was started. @returns what it printed to stdout */
function npm(args, cwd) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? run(process.execPath, [script, ...args], cwd) : run('npm', args, cwd);
}

/** @returns what it printed to stdout */
function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: program === 'npm' && process.platform === 'win32',
  });
  check(status === 0, `"${program} ${args.join(' ')}" failed:\n${error?.message ?? stderr}${stdout}`);
  return stdout;
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}
