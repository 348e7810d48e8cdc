import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The package's own folder, which holds `models/`: found from this module upwards, so that it is the same
 * from `src/`, from the built `dist/` and inside somebody's `node_modules`.
 */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error('The installation is incomplete: its package.json is missing.');
  }
}

/**
 * The same folder for what does not read through Electron's archive: threads and native code. In an installed app both
 * find a copy of it beside the archive (`asarUnpack` in electron-builder.yml); elsewhere there is only the one folder.
 */
export function unpackedRoot(root = packageRoot()): string {
  return root.endsWith('.asar') ? `${root}.unpacked` : root;
}

/** The version of Attend. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}
