import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageRoot, unpackedRoot } from '../files/package-root.ts';

/**
 * SHA-256 of files, by their paths with slashes; those in packages from the name of the package on. Packing may put a
 * package elsewhere than it was, and there may be several versions of one.
 */
export type Checksums = Readonly<Record<string, readonly string[]>>;

/** Data: models have checksums of their own, and the samples are pictures like others. */
const NOT_RUN = new Set(['models', 'assets']);
/** What nobody runs wherever it lies: half of all files. */
const NEVER_RUN = /\.(?:map|md|h|hpp|inc|d\.[cm]?ts)$/;
/** What of a package.json says what runs; packing takes other fields out. */
const RUNS = ['name', 'version', 'type', 'main', 'module', 'browser', 'exports', 'imports', 'bin'] as const;
const AT_ONCE = 16;

/**
 * The checksums of files and of all files in folders, for an app whose archive holds them and is checked itself.
 * @param root where they are
 */
export async function checksumsOf(root: string, places: readonly string[]): Promise<Checksums> {
  const paths = new Set<string>();
  for (const place of places) {
    if ((await stat(join(root, place))).isFile()) paths.add(place);
    else for await (const path of filesIn(root, place)) paths.add(path);
  }
  const sums = new Map<string, Set<string>>();
  await forAll(paths, async (path) => {
    const sum = await checksumOf(join(root, path));
    sums.set(keyOf(path), (sums.get(keyOf(path)) ?? new Set()).add(sum));
  });
  return Object.fromEntries([...sums].map(([key, own]) => [key, [...own]]));
}

/**
 * Looks through what lies beside the app's archive, where threads, programs and native code run it and nobody else checks
 * it: whatever is there must be as it was when it was packed. What packing left out may be missing.
 * @param root the folder beside the archive
 * @returns the first file that is another, or new; nothing where all is as it was
 */
export async function changedFile(root: string, checksums: Checksums): Promise<string | undefined> {
  const paths: string[] = [];
  for await (const path of filesIn(root, '')) {
    if (!Object.hasOwn(checksums, keyOf(path))) return path;
    paths.push(path);
  }
  let changed: string | undefined;
  await forAll(paths, async (path) => {
    if (changed !== undefined) return;
    // What cannot be read is not what was packed.
    const sum = await checksumOf(join(root, path)).catch(() => undefined);
    if (sum === undefined || !checksums[keyOf(path)]?.includes(sum)) changed = path;
  });
  return changed;
}

/**
 * Why the app must not start: something that it would run is not what it was packed with.
 * @returns a sentence; nothing where all is well, or where the app runs from no archive
 */
export async function damageOf(root = packageRoot()): Promise<string | undefined> {
  const beside = unpackedRoot(root);
  if (beside === root) return undefined;
  const sums = await readFile(join(root, 'out/main/checksums.json'), 'utf8').catch(() => undefined);
  const changed = sums === undefined ? undefined : await changedFile(beside, JSON.parse(sums) as Checksums);
  if (sums !== undefined && changed === undefined) return undefined;
  const what = changed === undefined ? 'the list of its files is missing.' : `${join(beside, changed)} was changed.`;
  return `Attend does not start, since it is not as it was installed: ${what} Install Attend again.`;
}

/** Hidden files are left out: systems put such anywhere, and no program here is called so. */
async function* filesIn(root: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || (folder === '' && NOT_RUN.has(entry.name))) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const isFolder = entry.isSymbolicLink() ? (await stat(join(root, path))).isDirectory() : entry.isDirectory();
    if (isFolder) yield* filesIn(root, path);
    else if (!NEVER_RUN.test(path)) yield path;
  }
}

function keyOf(path: string): string {
  return path.replace(/^.*node_modules\//, 'node_modules/');
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  if (basename(path) === 'package.json') {
    const fields = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return hash.update(JSON.stringify(RUNS.map((name) => fields[name] ?? null))).digest('hex');
  }
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function forAll(paths: Iterable<string>, action: (path: string) => Promise<void>): Promise<void> {
  const left = paths[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.next(); !next.done; next = left.next()) await action(next.value);
    }),
  );
}
