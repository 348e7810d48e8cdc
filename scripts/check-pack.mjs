#!/usr/bin/env node
// Packs what npm would publish, installs it in an empty folder and captions the samples there: `npm run check:pack`.
// dist/ must be built. A file that `files` in package.json forgets shows here, and nowhere else before a release.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'attend-pack-'));

try {
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root));
  const files = packed.files.map(({ path }) => path);
  for (const needed of [
    'dist/cli/attend.js',
    'dist/workers/adding.js',
    'dist/workers/models.js',
    'dist/workers/photos.js',
    'dist/workers/pictures.js',
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
  const stray = files.filter((path) => /^(src|test|bench|runs|out\/(?!renderer\/)|\.ci|\.github)\//.test(path));
  check(stray.length === 0, `the tarball has files that nobody needs: ${stray.join(', ')}`);

  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{ "private": true }\n');
  npm(['install', '--no-audit', '--no-fund', join(folder, packed.filename)], empty);

  const help = npm(['exec', '--no', '--', 'attend', '--help'], empty);
  check(help.includes('Usage: attend'), `"attend --help" printed:\n${help}`);
  const samples = join(empty, 'node_modules/attend/assets/samples');
  const photos = JSON.parse(npm(['exec', '--no', '--', 'attend', 'caption', samples, '--json'], empty));
  check(photos.length > 0, 'no sample was captioned');
  for (const { file, caption } of photos) check(Boolean(caption?.trim()), `${file} has no caption`);

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
  const [program, ...before] = script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
  const { status, stdout, stderr, error } = spawnSync(program, [...before, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: program === 'npm' && process.platform === 'win32',
  });
  check(status === 0, `"npm ${args.join(' ')}" failed:\n${error?.message ?? stderr}`);
  return stdout;
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}
