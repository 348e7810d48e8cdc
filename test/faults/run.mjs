// `npm run faults`: builds the command line and tries it on damaged and hostile files; takes minutes. What it measures is
// the table in docs/reliability.md. `npm run faults -- FILES SEED` tries other ones.
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
