import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Electron's binary, where it is there. The package is not required for it: that would begin to download it. */
export const electronPath = findElectron();

/** Why the flows in Electron cannot run here; undefined where they can. */
export const noElectron = whyNot();

function findElectron(): string | undefined {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
    const name = readFileSync(join(folder, 'path.txt'), 'utf8');
    const binary = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), name);
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function whyNot(): string | undefined {
  if (electronPath === undefined) return 'Electron’s binary is not installed; "npx install-electron" fetches it';
  const hasDisplay = Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  if (process.platform === 'linux' && !hasDisplay) return 'there is no display; "xvfb-run npx vitest run …" gives one';
  return undefined;
}
