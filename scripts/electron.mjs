// Electron, which is installed apart from everything else: desktop/package.json, `npm run setup:electron`.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const desktop = fileURLToPath(new URL('../desktop/package.json', import.meta.url));

/** The version that Attend is built for and packaged with. */
export const electronVersion = JSON.parse(readFileSync(desktop, 'utf8')).devDependencies.electron;

/**
 * The path of Electron's binary, or nothing where it is not there. It is looked for, not required: requiring the package
 * would begin to download it.
 */
export function findElectron() {
  try {
    const folder = dirname(createRequire(desktop).resolve('electron/package.json'));
    const name = readFileSync(join(folder, 'path.txt'), 'utf8');
    const binary = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}
