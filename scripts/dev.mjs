#!/usr/bin/env node
// `npm run dev`: the app in Electron with live reload. Options for electron-vite come after two dashes.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronVersion, findElectron } from './electron.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const electron = findElectron();

if (electron) {
  // electron-vite would look for both in the root's node_modules.
  const env = { ...process.env, ELECTRON_EXEC_PATH: electron, ELECTRON_MAJOR_VER: electronVersion.split('.')[0] };
  const vite = createRequire(import.meta.url).resolve('electron-vite/package.json');
  run([join(root, 'scripts', 'build.mjs')], env);
  run(
    [join(vite, '..', 'bin', 'electron-vite.js'), 'dev', '--entry', 'scripts/electron-app', ...process.argv.slice(2)],
    env,
  );
} else {
  console.error('Electron is not installed: "npm run setup:electron" fetches it.');
  console.error('"npm run dev:page" shows the page with live reload in a browser, and needs no Electron.');
  process.exitCode = 1;
}

function run(args, env) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
