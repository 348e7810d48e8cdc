import { readFileSync } from 'node:fs';

/**
 * The modules that a file pulls in at run time, followed through its own imports: names as they are written. Types are
 * left out, as the compiler leaves them out.
 */
export function runTimeImports(file: URL, seen = new Set<string>(), read = new Set<string>()): Set<string> {
  if (read.has(file.href)) return seen;
  read.add(file.href);
  const source = readFileSync(file, 'utf8');
  const named = source.matchAll(/^\s*(?:import|export) ([^;']*?) ?from '([^']+)';$/gm);
  const unnamed = source.matchAll(/^\s*import () ?'([^']+)';$|\bimport()\('([^']+)'\)/gm);
  for (const match of [...named, ...unnamed]) {
    const clause = match[1] ?? '';
    const name = (match[2] ?? match[4]) as string;
    if (clause.startsWith('type ')) continue;
    seen.add(name);
    if (/^\..*\.(ts|svelte)$/.test(name)) runTimeImports(new URL(name, file), seen, read);
  }
  return seen;
}
