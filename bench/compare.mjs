// `npm run compare`: builds the comparison of translators into .cache/compare, and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { forNode } from '../scripts/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = '.cache/compare';

await build(forNode({ main: 'bench/comparison/main.ts' }, outdir));
const { status } = spawnSync(process.execPath, [`${root}/${outdir}/main.js`, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
