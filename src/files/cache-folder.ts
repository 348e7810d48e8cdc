import { join } from 'node:path';
import { homeFolder } from './home-folder.ts';

/** Where what can be made again is kept (graphs written for TensorFlow): ATTEND_CACHE, else the system's place for it. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const { ATTEND_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = environment;
  if (ATTEND_CACHE) return ATTEND_CACHE;
  if (platform === 'win32') return join(LOCALAPPDATA ?? join(homeFolder(), 'AppData', 'Local'), 'attend', 'cache');
  if (platform === 'darwin') return join(homeFolder(), 'Library', 'Caches', 'attend');
  // Empty is the same as unset (XDG Base Directory Specification).
  const hasOwn = XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== '';
  return join(hasOwn ? XDG_CACHE_HOME : join(homeFolder(), '.cache'), 'attend');
}
