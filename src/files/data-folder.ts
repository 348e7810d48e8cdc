import { join } from 'node:path';
import { homeFolder } from './home-folder.ts';

/** Where what cannot be made again is kept (the library, captions written by hand, settings): ATTEND_DATA, else the system's place for it. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const { APPDATA, ATTEND_DATA, XDG_DATA_HOME } = environment;
  if (ATTEND_DATA) return ATTEND_DATA;
  if (platform === 'win32') return join(APPDATA ?? join(homeFolder(), 'AppData', 'Roaming'), 'attend');
  if (platform === 'darwin') return join(homeFolder(), 'Library', 'Application Support', 'attend');
  // Empty is the same as unset (XDG Base Directory Specification).
  const hasOwn = XDG_DATA_HOME !== undefined && XDG_DATA_HOME !== '';
  return join(hasOwn ? XDG_DATA_HOME : join(homeFolder(), '.local', 'share'), 'attend');
}
