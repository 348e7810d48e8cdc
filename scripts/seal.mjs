import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { productionPackages } from './production-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Prepares a build for packing. Copies package.json for the folder beside the archive, and writes the checksums of what the packaged app runs outside of its archive (electron-builder.yml unpacks it) into the
 * archive: out/main/checksums.json, by which `src/main/sealed-files.ts` checks it at every start.
 */
export async function seal() {
  const { checksumsOf } = await sealedFiles();
  const packages = productionPackages().filter(({ isHere }) => isHere);
  const checksums = await checksumsOf(root, ['package.json', 'dist', ...packages.map(({ path }) => path)]);
  for (const folder of ['out/main', 'out/beside']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(join(root, 'package.json'), join(root, 'out/beside/package.json'));
  writeFileSync(join(root, 'out/main/checksums.json'), JSON.stringify(checksums));
}

/** The module that the app checks with. */
async function sealedFiles() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/main/sealed-files.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
