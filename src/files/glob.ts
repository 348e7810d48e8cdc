import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';

/** Whether a path holds anything that a shell would expand. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * The paths that a pattern names, in alphabetical order: `*` and `?` within a name, `[a-z]`, `{jpg,png}`, and
 * `**` for folders at any depth. Names that begin with a dot need a pattern that begins with one.
 *
 * For shells that do not expand patterns (Windows) and for patterns in quotes.
 */
export async function glob(pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const one of expandBraces(pattern)) {
    const { root } = parse(one);
    const rest = one.slice(root.length).split(process.platform === 'win32' ? /[\\/]+/ : /\/+/);
    for (const path of await match(
      root,
      rest.filter((segment) => segment !== ''),
    ))
      found.add(path);
  }
  return [...found].sort();
}

async function match(folder: string, segments: readonly string[]): Promise<string[]> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return folder === '' ? [] : [folder];
  const path = folder === '' ? segment : join(folder, segment);
  // A name may hold brackets and still be a name.
  if (!isGlob(segment) || (!/[*?]/.test(segment) && existsSync(path))) {
    return existsSync(path) ? match(path, rest) : [];
  }
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  if (segment === '**') {
    if (rest.length > 0) found.push(...(await match(folder, rest)));
    for (const entry of entries) {
      // Links are not followed: they may lead round in circles.
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      found.push(...(await match(path, segments)));
      if (rest.length === 0) found.push(path);
    }
    return found;
  }
  const expression = segmentExpression(segment);
  for (const { name } of entries) {
    if (!expression.test(name) || (name.startsWith('.') && !segment.startsWith('.'))) continue;
    found.push(...(await match(join(folder, name), rest)));
  }
  return found;
}

/**
 * Whether a path ends as one of the patterns says: "*.png" is any file or folder of such a name, "drafts/*.jpg" the
 * JPEGs in folders of that name. Capitals count as small letters.
 */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const wanted = patterns.flatMap(expandBraces).map((pattern) =>
    pattern
      .split('/')
      .filter((segment) => segment !== '' && segment !== '**')
      .map((segment) => new RegExp(segmentExpression(segment).source, 'sui')),
  );
  return (path) => {
    const names = path.split(/[\\/]/);
    return wanted.some((expressions) => {
      const last = names.slice(-expressions.length);
      return last.length === expressions.length && expressions.every((one, i) => one.test(last[i] as string));
    });
  };
}

function segmentExpression(segment: string): RegExp {
  const source = segment.replace(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 2 && part.startsWith('[')) {
      return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    }
    return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'su');
}

/** "a.{jpg,png}" is "a.jpg" and "a.png"; braces without a comma are meant as they stand. */
function expandBraces(pattern: string): string[] {
  const braces = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (!braces) return [pattern];
  const [, before = '', choices = '', after = ''] = braces;
  return choices.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}
