#!/usr/bin/env node
// `npm run package [-- OPTIONS]`: builds, and makes installers into release/ as electron-builder.yml says. electron-builder
// and the Electron to pack are fetched; neither needs to be installed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { electronVersion } from './electron.mjs';
import { seal } from './seal.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

run(process.execPath, ['scripts/build.mjs']);
await seal();
// npm names itself to the scripts that it runs; on Windows npx is no program that could be started directly.
const config = ['--config', 'scripts/electron-builder.mjs', `-c.electronVersion=${electronVersion}`];
const builder = ['exec', '--yes', '--', 'electron-builder@26.17.0', ...config, ...process.argv.slice(2)];
run(process.execPath, [process.env.npm_execpath, ...builder]);

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
