// @ts-expect-error A script without types.
import { findElectron } from '../../scripts/electron.mjs';

/** Electron's binary, where it is there. */
export const electronPath = findElectron() as string | undefined;

/** Why the flows in Electron cannot run here; undefined where they can. */
export const noElectron = whyNot();

function whyNot(): string | undefined {
  if (electronPath === undefined) return 'Electron is not installed; "npm run setup:electron" fetches it';
  const hasDisplay = Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
  if (process.platform === 'linux' && !hasDisplay) return 'there is no display; "xvfb-run npx vitest run …" gives one';
  return undefined;
}
