import module from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

/** Keeps what Node compiles for the next start, where Node can (22.1 and later). */
export function keepCompiled(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
  // Where the folder cannot be written Node says so in what it returns, and goes on.
  enableCompileCache?.(join(cacheFolder(), 'compiled'));
}
