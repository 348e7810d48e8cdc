// `node bench/published.mjs [--python FILE] [--folder DIR] [--backends onnx,native,wasm] [--models blip-base,opus-mt]`:
// published models at full size with drawn weights (BLIP-base and opus-mt as transformers makes them; made and added once,
// 2.7 GB), on Attend's engine, on PyTorch and on ONNX Runtime in Python: how far apart their numbers are, how long they take,
// and how much memory each takes in a process of its own. It prints Markdown tables.
//
// It needs Python with torch, transformers, onnx and onnxruntime. Nothing is downloaded.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { forNode } from '../scripts/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    python: { type: 'string', default: join(root, '.cache/bench-venv/bin/python') },
    folder: { type: 'string', default: join(root, '.cache/bench-published') },
    backends: { type: 'string', default: 'onnx,native,wasm' },
    models: { type: 'string', default: 'blip-base,opus-mt' },
  },
});
if (values.help) {
  // What stands at the top of this file.
  const [about] = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\nimport ');
  console.log(about.replaceAll(/^\/\/ ?/gm, '').trim());
  process.exit();
}
const { folder, python } = values;
const script = join(root, 'bench/published/torch_models.py');
const outdir = '.cache/bench-published-code';
const main = join(root, outdir, 'main.js');

if (!existsSync(join(folder, 'opus-mt/reference.json'))) {
  console.error(`Models are made in ${folder} …`);
  execFileSync(python, [script, 'make', folder], { stdio: 'inherit' });
}
await build(forNode({ main: 'bench/published/main.ts' }, outdir));
const peer = join(root, 'bench/published/onnx_peer.py');
execFileSync(process.execPath, [main, folder, 'add'], { env: { ...process.env, ATTEND_BACKEND: 'wasm' } });
execFileSync(process.execPath, [main, folder, 'export'], { env: { ...process.env, ATTEND_BACKEND: 'onnx' } });
execFileSync(python, [peer, 'export', folder]);

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
  runtime: answer(python, [peer, 'time', folder, model]),
  ours: backends.map((ATTEND_BACKEND) => measured(model, { ATTEND_BACKEND })),
}));

/** A translator searches greedily and by a beam, in a process each. */
function measured(model, env) {
  const widths = model === 'opus-mt' ? [['1'], ['4']] : [[]];
  const runs = widths.map((width) => answer(process.execPath, [main, folder, 'measure', model, ...width], env));
  return {
    ...runs[0],
    milliseconds: Object.assign({}, ...runs.map(({ milliseconds }) => milliseconds)),
    peak: Math.max(...runs.map(({ peak }) => peak)),
  };
}

console.log(`\nLargest difference from transformers (PyTorch ${found[0].torch.version}):\n`);
table(['numbers compared', ...backends], found, ({ ours }) =>
  Object.keys(ours[0].apart).map((key) => [key, ...ours.map(({ apart }) => apart[key].toExponential(1))]),
);
console.log('\nMilliseconds, the fastest of five runs after the first:\n');
const beside = (name) => [name, `${name} / PyTorch`, `${name} / ONNX Runtime`];
table(['', 'PyTorch', 'ONNX Runtime', ...backends.flatMap(beside)], found, ({ ours, runtime, torch }) =>
  Object.keys(ours[0].milliseconds).map((key) => {
    const theirs = [torch, runtime].map(({ milliseconds }) => milliseconds[key]);
    const times = ours.map(({ milliseconds }) => milliseconds[key]);
    const held = (time) => theirs.map((one) => (one === undefined ? '' : (time / one).toFixed(2)));
    return [
      key,
      ...theirs.map((one) => one?.toFixed(0) ?? ''),
      ...times.flatMap((time) => [time.toFixed(0), ...held(time)]),
    ];
  }),
);
console.log('\nMemory at its peak, in MB:\n');
table(['', 'weights as float32', 'PyTorch', 'ONNX Runtime', ...backends], found, ({ model, ours, runtime, torch }) => {
  const [{ weights }] = ours;
  const times = ({ peak }) => `${peak.toFixed(0)} (${(peak / weights).toFixed(2)})`;
  return [[model, weights.toFixed(0), ...[torch, runtime, ...ours].map(times)]];
});
console.log('\nOf it before a model is loaded, in MB:\n');
table(['', ...backends], found, ({ model, ours }) => [[model, ...ours.map(({ idle }) => idle.toFixed(0))]]);

function table(head, list, rowsOf) {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  console.log(row(head));
  console.log(row(head.map((_, place) => (place === 0 ? '---' : '---:'))));
  for (const one of list) for (const cells of rowsOf(one)) console.log(row(cells));
}
