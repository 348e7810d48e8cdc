// `node bench/published.mjs [--python FILE] [--folder DIR] [--backends native,wasm]`: published models at full size with
// drawn weights (BLIP-base and opus-mt as transformers makes them; made once, 1.3 GB), on Attend's engine and on PyTorch:
// how far apart their numbers are, how long they take, and how much memory. It prints Markdown tables.
//
// It needs Python with torch and transformers. Nothing is downloaded.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { forNode } from '../scripts/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { python: { type: 'string' }, folder: { type: 'string' }, backends: { type: 'string' } },
});
const python = values.python ?? join(root, '.cache/bench-venv/bin/python');
const folder = values.folder ?? join(root, '.cache/bench-published');
const script = join(root, 'bench/published/torch_models.py');
const outdir = '.cache/bench-published-code';

if (!existsSync(join(folder, 'opus-mt/reference.json'))) {
  console.error(`Models are made in ${folder} …`);
  execFileSync(python, [script, 'make', folder], { stdio: 'inherit' });
}
await build(forNode({ main: 'bench/published/main.ts' }, outdir));

const answer = (command, args, env = {}) =>
  JSON.parse(
    execFileSync(command, args, {
      env: { ...process.env, ...env },
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim()
      .split('\n')
      .at(-1),
  );
const ours = (values.backends ?? 'native,wasm')
  .split(',')
  .map((backend) => answer(process.execPath, [join(root, outdir, 'main.js'), folder], { ATTEND_BACKEND: backend }));
const torch = answer(python, [script, 'time', folder]);

console.log(`\nLargest difference from transformers (PyTorch ${torch.version}):\n`);
table(['numbers compared', ...ours.map(({ backend }) => backend)], Object.keys(ours[0].apart), (key) =>
  ours.map(({ apart }) => apart[key].toExponential(1)),
);
console.log('\nMilliseconds, the fastest of three runs after the first:\n');
table(
  ['', 'PyTorch', ...ours.flatMap(({ backend }) => [backend, `${backend} / PyTorch`])],
  Object.keys(torch.milliseconds),
  (key) => [
    torch.milliseconds[key].toFixed(0),
    ...ours.flatMap(({ milliseconds }) => [
      milliseconds[key].toFixed(0),
      (milliseconds[key] / torch.milliseconds[key]).toFixed(2),
    ]),
  ],
);
console.log(`\nMemory in MB (PyTorch with both models: ${torch.peak.toFixed(0)}):\n`);
table(
  ['', 'weights as float32', ...ours.map(({ backend }) => `${backend}, peak so far`)],
  Object.keys(ours[0].peaks),
  (key) => [ours[0].weights[key].toFixed(0), ...ours.map(({ peaks }) => peaks[key].toFixed(0))],
);

function table(head, keys, cells) {
  const row = (list) => `| ${list.join(' | ')} |`;
  console.log(row(head));
  console.log(row(head.map((_, place) => (place === 0 ? '---' : '---:'))));
  for (const key of keys) console.log(row([key, ...cells(key)]));
}
