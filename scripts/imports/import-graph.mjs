import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, resolve, sep } from 'node:path';
import ts from 'typescript';

export const SOURCE = resolve(import.meta.dirname, '../../src');

/** A text of the same length and lines in which only the scripts of a Svelte component are left. */
export function scriptsOf(component) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  let code = '';
  let end = 0;
  for (const script of component.matchAll(/(<script[^>]*>)([^]*?)<\/script>/g)) {
    const start = script.index + script[1].length;
    code += blank(component.slice(end, start)) + script[2];
    end = start + script[2].length;
  }
  return code + blank(component.slice(end));
}

/** The module of `src/` that a specifier names, as a path below it; undefined for packages. */
export function resolveImport(from, specifier) {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

/**
 * Which module of `src/` imports which: types, re-exports, `import()` and the scripts of components count.
 * @returns {Map<string, string[]>} paths below `src/`, with slashes
 */
export function readImportGraph() {
  const graph = new Map();
  for (const entry of readdirSync(SOURCE, { recursive: true, withFileTypes: true })) {
    if (!/\.(ts|svelte)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, 'utf8');
    const code = path.endsWith('.svelte') ? scriptsOf(text) : text;
    const module = moduleOf(path);
    const imports = ts.preProcessFile(code, true, true).importedFiles;
    graph.set(
      module,
      imports.map(({ fileName }) => resolveImport(module, fileName)).filter((to) => to !== undefined),
    );
  }
  return graph;
}

/** The path of a file below `src/`, with slashes; undefined for a file elsewhere. */
export function moduleOf(path) {
  return path.startsWith(SOURCE + sep) ? path.slice(SOURCE.length + 1).replaceAll(sep, '/') : undefined;
}

/** The shortest way from one module to another along imports, both included; undefined where there is none. */
export function wayBetween(graph, from, to) {
  const cameFrom = new Map([[from, undefined]]);
  for (const module of cameFrom.keys()) {
    if (module === to) {
      const way = [];
      for (let at = to; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
      return way;
    }
    for (const next of graph.get(module) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, module);
  }
  return undefined;
}
