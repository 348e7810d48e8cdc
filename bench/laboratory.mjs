// `npm run laboratory`: builds the measurements of docs/laboratory into .cache/laboratory, and runs one:
// `npm run laboratory -- digits`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { forNode } from '../scripts/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = '.cache/laboratory';

await build({
  ...forNode({ main: 'bench/laboratory/main.ts' }, outdir),
  // As a page gets it: TensorFlow.js' modules with the gradients, which Node by itself takes for CommonJS.
  packages: 'bundle',
  plugins: [],
  mainFields: ['module', 'main'],
  format: 'cjs',
  splitting: false,
  outExtension: { '.js': '.cjs' },
});
const { status } = spawnSync(process.execPath, [`${root}/${outdir}/main.cjs`, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
