// `npm run bench`: builds the benchmarks and the command line into .cache/bench, and runs the benchmarks.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = '.cache/bench';

rmSync(`${root}/${outdir}`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'bench/main.ts',
    attend: 'bench/attend.ts',
    translator: 'bench/translator.ts',
    onnxruntime: 'bench/peers/onnxruntime.ts',
  },
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
run([`${root}/scripts/build.mjs`, `--outdir=${outdir}/dist`]);
process.exitCode = run([`${root}/${outdir}/main.js`, ...process.argv.slice(2)]);

function run(args) {
  // Graphs written for TensorFlow go with the build.
  const env = { ...process.env, ATTEND_CACHE: process.env.ATTEND_CACHE ?? `${root}/${outdir}/cache` };
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
  return status;
}
