import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * CommonJS modules that are required rather than imported: before Node imports one it reads all of it for the names that it
 * exports, which for a megabyte takes five times as long as loading it. Here the names are known when the bundle is made.
 */
const REQUIRED = ['@tensorflow/tfjs-core'];

/** @type {import('esbuild').Plugin} */
const requiring = {
  name: 'requiring',
  setup(build) {
    const filter = new RegExp(`^(${REQUIRED.join('|')})$`);
    const namespace = 'required';
    build.onResolve({ filter }, ({ path }) => ({ path, namespace }));
    build.onLoad({ filter, namespace }, ({ path }) => ({
      contents: [
        `import { createRequire } from 'node:module';`,
        `const loaded = createRequire(import.meta.url)(${JSON.stringify(path)});`,
        `export const { ${Object.keys(require(path)).join(', ')} } = loaded;`,
      ].join('\n'),
    }));
  },
};

/** What is loaded as a whole at a start, as one CommonJS file: of such files Node 20 can be told what it compiled at the last start (see `KeptScripts`). */
const WHOLE = 'src/cli/whole.ts';

/** Loads that file where the module is imported. @type {import('esbuild').Plugin} */
const asWhole = {
  name: 'as-whole',
  setup(build) {
    const namespace = 'whole';
    build.onResolve({ filter: /\/whole\.ts$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === join(root, WHOLE) ? { path: WHOLE, namespace } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace }, () => ({
      contents: `
        import { createRequire } from 'node:module';
        export const { beginEarly, loadMain } = createRequire(import.meta.url)('../cli/whole.cjs');`,
    }));
  },
};

/**
 * What esbuild makes of our TypeScript for Node: ES modules that share chunks. Dependencies stay outside: tfjs-node and
 * sharp carry native code, and the WASM backend its .wasm files.
 *
 * @param {Record<string, string>} entryPoints by what the bundle is called
 * @param {string} outdir relative to the package
 * @returns {import('esbuild').BuildOptions}
 */
export const forNode = (entryPoints, outdir) => ({
  absWorkingDir: root,
  entryPoints,
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  define: { ATTEND_BUILD: JSON.stringify(checksum()) },
  plugins: [requiring, asWhole],
  chunkNames: 'chunks/[name]-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
});

/** Dependencies that are ES modules alone, which not every Node can require (21, and 22 before 22.12, cannot). */
const IMPORTED = ['mdast-util-from-markdown', 'mdast-util-gfm', 'micromark-extension-gfm'];

/** All others. */
function requirable() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !IMPORTED.includes(name));
}

/**
 * The same for what is loaded as a whole: one CommonJS file. What cannot be required is in it.
 *
 * @param {string} outdir of the bundles that load it
 * @returns {import('esbuild').BuildOptions}
 */
export const wholeForNode = (outdir) => {
  const options = forNode({ 'cli/whole': WHOLE }, outdir);
  return {
    ...options,
    splitting: false,
    format: 'cjs',
    packages: 'bundle',
    external: requirable(),
    // What imports modules later is compiled by Node (see `KeptScripts`).
    supported: { 'dynamic-import': false },
    outExtension: { '.js': '.cjs' },
    plugins: [],
    define: { ...options.define, 'import.meta.url': 'ownUrl' },
    banner: { js: `const ownUrl = require('node:url').pathToFileURL(__filename).href;` },
  };
};

/** Of all that decides what a model computes: what was kept by another build is not taken. */
function checksum() {
  const sources = readdirSync(`${root}/src`, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('renderer'))
    .sort();
  const hash = createHash('sha256').update(readFileSync(`${root}/package.json`));
  for (const file of sources) hash.update(`${file}\n`).update(readFileSync(`${root}/src/${file}`));
  return hash.digest('hex').slice(0, 32);
}
