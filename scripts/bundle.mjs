import { fileURLToPath } from 'node:url';

/**
 * What esbuild makes of our TypeScript for Node: ES modules that share chunks. Dependencies stay outside: tfjs-node and
 * sharp carry native code, and the WASM backend its .wasm files.
 *
 * @param {Record<string, string>} entryPoints by what the bundle is called
 * @param {string} outdir relative to the package
 * @returns {import('esbuild').BuildOptions}
 */
export const forNode = (entryPoints, outdir) => ({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints,
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
