// Builds the command line, the library, the threads and the engine behind them into dist/, as ES modules for Node, and the app
// (Electron's main and preload, and the pages) into out/.
//
// `--prepare` (npm's `prepare`: after an install, before a pack) starts from an empty dist/, and does without a build
// where development dependencies were left out: a missing esbuild is no reason to fail an install.
// `--outdir=DIR` builds the command line alone, to another folder of the package, for tests; with `--app`, the app too.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { forNode, wholeForNode } from './bundle.mjs';
import { writeDeclarations } from './declarations.mjs';
import { electronVersion } from './electron.mjs';
import { taggerForNode } from './tagger.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const elsewhere = process.argv.find((argument) => argument.startsWith('--outdir='))?.slice('--outdir='.length);
const outdir = elsewhere ?? 'dist';
const preparing = process.argv.includes('--prepare');

const esbuild = await import('esbuild').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !preparing) throw error;
});

if (esbuild) {
  // Chunks carry a hash in their names, so old ones pile up. A plain build leaves them to a process that still runs.
  if (preparing) await rm(`${root}/${outdir}`, { recursive: true, force: true });
  const entryPoints = {
    'cli/attend': 'src/cli/attend.ts',
    'api/index': 'src/api/index.ts',
    'workers/models': 'src/workers/models.ts',
    'workers/pictures': 'src/workers/pictures.ts',
    'workers/photos': 'src/workers/photos.ts',
    'workers/adding': 'src/workers/adding.ts',
    'workers/content-words': 'src/workers/content-words.ts',
  };
  await esbuild.build(forNode(entryPoints, outdir));
  await esbuild.build(wholeForNode(outdir));
  await esbuild.build(taggerForNode(outdir));
  if (elsewhere === undefined) await writeDeclarations(`${outdir}/types`);
  if (elsewhere === undefined || process.argv.includes('--app')) await buildApp();
} else {
  console.log('attend: esbuild is a development dependency and is not installed, so dist/ was not built.');
  console.log('        For the command line, run "npm ci" (without --omit=dev), or install the packed tarball.');
}

/** The app, as electron-vite.config.ts says. */
async function buildApp() {
  const { build } = await import('electron-vite');
  // It would ask the package, which need not be installed.
  process.env.ELECTRON_MAJOR_VER = electronVersion.split('.')[0];
  process.chdir(root);
  await build({ logLevel: 'warn', ...(elsewhere === undefined ? {} : { build: { outDir: `${root}/${elsewhere}` } }) });
}
