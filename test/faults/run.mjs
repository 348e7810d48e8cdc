// `npm run faults [-- PART NUMBERS…]`: builds the command line and tries it on all that goes wrong, or on one part of it
// (main.ts has the parts and what their numbers mean); takes half an hour. What it measures is in docs/reliability.md.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { forNode } from '../../scripts/bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outdir = '.cache/faults';

rmSync(`${root}/${outdir}`, { recursive: true, force: true });
await build(forNode({ main: 'test/faults/main.ts' }, outdir));
spawnSync(process.execPath, [`${root}/scripts/build.mjs`, `--outdir=${outdir}/dist`], { stdio: 'inherit' });
const { status } = spawnSync(process.execPath, [`${root}/${outdir}/main.js`, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
