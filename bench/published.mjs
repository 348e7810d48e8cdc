// `node bench/published.mjs [--python FILE] [--folder DIR] [--backends onnx,native,wasm] [--models blip-base,opus-mt]`:
// published models at full size with drawn weights (BLIP-base and opus-mt as transformers makes them; made and added once,
// 1.9 GB), on Attend's engine and on PyTorch: how far apart their numbers are, how long they take, and how much memory each
// takes in a process of its own. It prints Markdown tables.
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
  options: {
    python: { type: 'string', default: join(root, '.cache/bench-venv/bin/python') },
    folder: { type: 'string', default: join(root, '.cache/bench-published') },
    backends: { type: 'string', default: 'onnx,native,wasm' },
    models: { type: 'string', default: 'blip-base,opus-mt' },
  },
});
const { folder, python } = values;
const script = join(root, 'bench/published/torch_models.py');
const outdir = '.cache/bench-published-code';
const main = join(root, outdir, 'main.js');

if (!existsSync(join(folder, 'opus-mt/reference.json'))) {
  console.error(`Models are made in ${folder} …`);
  execFileSync(python, [script, 'make', folder], { stdio: 'inherit' });
}
await build(forNode({ main: 'bench/published/main.ts' }, outdir));
execFileSync(process.execPath, [main, folder, 'add'], { env: { ...process.env, ATTEND_BACKEND: 'wasm' } });

const answer = (command, args, env = {}) =>
  JSON.parse(
    execFileSync(command, args, {
      env: { ...process.env, ...env },
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
      .toString()
      .trim()
      .split('\n')
      .at(-1),
  );
const backends = values.backends.split(',');
const found = values.models.split(',').map((model) => ({
  model,
  torch: answer(python, [script, 'time', folder, model]),
  ours: backends.map((ATTEND_BACKEND) =>
    answer(process.execPath, [main, folder, 'measure', model], { ATTEND_BACKEND }),
  ),
}));

console.log(`\nLargest difference from transformers (PyTorch ${found[0].torch.version}):\n`);
table(['numbers compared', ...backends], found, ({ ours }) =>
  Object.keys(ours[0].apart).map((key) => [key, ...ours.map(({ apart }) => apart[key].toExponential(1))]),
);
console.log('\nMilliseconds, the fastest of five runs after the first:\n');
table(['', 'PyTorch', ...backends.flatMap((name) => [name, `${name} / PyTorch`])], found, ({ ours, torch }) =>
  Object.keys(ours[0].milliseconds).map((key) => {
    const theirs = torch.milliseconds[key];
    const times = ours.map(({ milliseconds }) => milliseconds[key]);
    const beside = (time) => [time.toFixed(0), theirs === undefined ? '' : (time / theirs).toFixed(2)];
    return [key, theirs?.toFixed(0) ?? '', ...times.flatMap(beside)];
  }),
);
console.log('\nMemory at its peak, in MB:\n');
table(['', 'weights as float32', 'PyTorch', ...backends], found, ({ model, ours, torch }) => {
  const [{ weights }] = ours;
  const beside = ({ peak }) => `${peak.toFixed(0)} (${(peak / weights).toFixed(2)})`;
  return [[model, weights.toFixed(0), beside(torch), ...ours.map(beside)]];
});

function table(head, list, rowsOf) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  console.log(row(head));
  console.log(row(head.map((_, place) => (place === 0 ? '---' : '---:'))));
  for (const one of list) for (const cells of rowsOf(one)) console.log(row(cells));
}
