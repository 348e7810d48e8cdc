// `npm run bench`: builds the benchmarks and the command line into .cache/bench, and runs the benchmarks.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { forNode } from '../scripts/bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = '.cache/bench';

rmSync(`${root}/${outdir}`, { recursive: true, force: true });
const entryPoints = {
  main: 'bench/main.ts',
  attend: 'bench/attend.ts',
  trainer: 'bench/trainer.ts',
  translator: 'bench/translator.ts',
  onnxruntime: 'bench/peers/onnxruntime.ts',
};
await build(forNode(entryPoints, outdir));
run([`${root}/scripts/build.mjs`, `--outdir=${outdir}/dist`]);
process.exitCode = run([`${root}/${outdir}/main.js`, ...process.argv.slice(2)]);

function run(args) {
  // Graphs written for TensorFlow go with the build.
  const env = { ...process.env, ATTEND_CACHE: process.env.ATTEND_CACHE ?? `${root}/${outdir}/cache` };
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
  return status;
}
