import module from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { KeptScripts } from './kept-scripts.ts';

/**
 * Keeps what Node compiles for the next start: all modules where Node can do that itself (22.1 and later), those that are
 * CommonJS elsewhere.
 *
 * @param program which one: programs that load other modules are kept apart
 * @returns keeps what was compiled by now, for who may end without notice; others need not call it
 */
export function keepCompiled(program: string): () => void {
  const folder = join(cacheFolder(), 'compiled');
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
  if (enableCompileCache) {
    // Where the folder cannot be written Node says so in what it returns, and goes on.
    enableCompileCache(folder);
    return () => undefined;
  }
  const scripts = new KeptScripts(folder, `${program} ${import.meta.url}`);
  scripts.begin();
  const keep = (): void => scripts.keep();
  process.once('exit', keep);
  return keep;
}
