#!/usr/bin/env node
// `npm start [-- PHOTOS] [--model=DIR] [--translator=DIR]`: Attend in its own window where Electron's binary is there,
// else in a browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findElectron } from './electron.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const electron = findElectron();

if (electron) {
  run(electron, [join(root, 'scripts/electron-app'), ...args]);
} else {
  console.log('Electron is not installed ("npm run setup:electron" fetches it); Attend opens in a browser.');
  const options = { model: { type: 'string', short: 'm' }, translator: { type: 'string' } };
  const { positionals: photos, values } = parseArgs({ args, options, allowPositionals: true, strict: false });
  if (photos.length > 0) console.log('A browser opens no photos by their paths: drop them on the page.');
  const models = Object.keys(options).flatMap((name) => (values[name] ? [`--${name}`, values[name]] : []));
  const open = hasDesktop() ? ['--open'] : [];
  run(process.execPath, [join(root, 'dist/cli/attend.js'), 'serve', '--port', '0', ...open, ...models]);
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
