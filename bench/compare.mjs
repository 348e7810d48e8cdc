// `npm run compare`: builds the comparison of translators into .cache/compare, and runs it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = '.cache/compare/main.js';

await build({
  absWorkingDir: root,
  entryPoints: ['bench/comparison/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, [`${root}/${outfile}`, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
