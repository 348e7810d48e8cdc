// Builds the command line and the engine behind it into dist/, as ES modules for Node.
import { build } from 'esbuild';

await build({
  entryPoints: { 'cli/attend': 'src/cli/attend.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // Dependencies stay outside: tfjs-node and sharp carry native code, and the WASM backend its .wasm files.
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
