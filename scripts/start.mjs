#!/usr/bin/env node
// `npm start [-- PHOTOS] [--model=DIR] [--translator=DIR]`: Attend in its own window where Electron's binary is there,
// else in a browser.
//
// The binary is looked for, not required: npm installs Electron without it, and requiring the package would begin to
// download it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const electron = findElectron();

if (electron) {
  run(electron, [root, ...args]);
} else {
  console.log('Electron’s binary is not installed ("npx install-electron" fetches it); Attend opens in a browser.');
  const options = { model: { type: 'string', short: 'm' }, translator: { type: 'string' } };
  const { positionals: photos, values } = parseArgs({ args, options, allowPositionals: true, strict: false });
  if (photos.length > 0) console.log('A browser opens no photos by their paths: drop them on the page.');
  const models = Object.keys(options).flatMap((name) => (values[name] ? [`--${name}`, values[name]] : []));
  const open = hasDesktop() ? ['--open'] : [];
  run(process.execPath, [join(root, 'dist/cli/attend.js'), 'serve', '--port', '0', ...open, ...models]);
}

/** @returns the path of the binary, or nothing */
function findElectron() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
    const name = readFileSync(join(folder, 'path.txt'), 'utf8');
    const binary = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function hasDesktop() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function run(command, args) {
  // An Electron that is told to be Node opens no window.
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  const child = spawn(command, args, { stdio: 'inherit', env });
  // Ctrl-C reaches the child by itself; this process only waits for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`Attend cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGTERM' ? 143 : 1);
  });
}
