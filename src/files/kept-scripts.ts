import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { partName } from './abandoned-parts.ts';
import { TAG_BYTES, damageTag } from './damage-tag.ts';
import { makeFolderSync } from './make-folder.ts';

/** Another number where the file would be written differently. */
const FORMAT = 1;
const ENDING = '.scripts';
/** So many are kept, those that were written last: of four installations, say. What is gone costs a start to make it again. */
const MOST = 12;

/** What Node alone can compile: the means of others are an experiment of which it warns. */
const IMPORTING = /\bimport\s*\(/;

/** What was compiled of one module. */
interface Compiled {
  /** Of its source. */
  readonly checksum: string;
  readonly bytes: Buffer;
}

/** The part of Node's CommonJS loader that is used here. Its types leave out what packages have built upon for a decade. */
interface Loader {
  prototype: { _compile: (this: LoadedModule, source: string, file: string) => unknown };
  wrap(source: string): string;
  wrapper: readonly [string, string];
  _resolveFilename(request: string, from: LoadedModule, isMain: boolean, options?: object): string;
  _resolveLookupPaths(request: string, from: LoadedModule): string[] | null;
  _cache: object;
  _extensions: object;
}

interface LoadedModule {
  exports: unknown;
  require(name: string): unknown;
}

type Run = (exports: unknown, require: unknown, own: unknown, file: string, folder: string) => unknown;

const loader = module as unknown as Loader;

/**
 * Keeps what V8 compiles of CommonJS modules for the next start, as Node itself does from 22.1 on. All modules of a program
 * are in one file, whose name says which Node made it. A module's source has to be the same, to the byte; and what was
 * damaged is not taken: at the file's end stands a checksum of all before it. It is told to V8, too, which takes nothing of
 * another version of its own, or with other flags.
 */
export class KeptScripts {
  readonly #file: string;
  readonly #known: Map<string, Compiled>;
  readonly #loaded = new Map<string, { script: Script; checksum: string }>();
  #isNew = false;

  /** @param folder where it may be kept @param program which one, and where it is installed */
  constructor(folder: string, program: string) {
    const { arch, env, execArgv, platform, version, versions } = process;
    // With other flags V8 takes nothing; who alternates between some would write anew each time.
    const flags = [...execArgv, env['NODE_OPTIONS']];
    const maker = [FORMAT, program, platform, arch, version, versions.v8, ...flags].join('\n');
    this.#file = join(folder, `${createHash('sha256').update(maker).digest('hex').slice(0, 32)}${ENDING}`);
    this.#known = read(this.#file);
  }

  /** From now on, modules are compiled here. @returns leaves it to Node again */
  begin(): () => void {
    const { prototype } = loader;
    const compile = prototype._compile;
    const load = (own: LoadedModule, source: string, file: string): { result: unknown } | undefined => {
      const run = this.#compile(source, file);
      return run && { result: run.call(own.exports, own.exports, requireOf(own), own, file, dirname(file)) };
    };
    prototype._compile = function (source, file) {
      const loaded = load(this, source, file);
      return loaded ? loaded.result : compile.call(this, source, file);
    };
    return () => {
      prototype._compile = compile;
    };
  }

  /** Keeps what was compiled since, where something was. Where that cannot be done, nothing is kept. */
  keep(): void {
    if (!this.#isNew) return;
    this.#isNew = false;
    const part = partName(this.#file);
    try {
      for (const [file, { checksum, script }] of this.#loaded) {
        this.#known.set(file, { checksum, bytes: script.createCachedData() });
      }
      const folder = dirname(this.#file);
      makeFolderSync(folder);
      writeFileSync(part, written(this.#known, this.#file));
      renameSync(part, this.#file);
      removeOld(folder);
    } catch {
      // The next start compiles once more, and would leave another part.
      remove(part);
    }
  }

  /** Nothing where it cannot be compiled here: Node does it, or says why not. */
  #compile(source: string, file: string): Run | undefined {
    if (IMPORTING.test(source)) return undefined;
    const checksum = createHash('sha1').update(source).digest('hex');
    const known = this.#known.get(file);
    const bytes = known?.checksum === checksum ? known.bytes : undefined;
    try {
      const script = new Script(loader.wrap(source), {
        filename: file,
        columnOffset: -loader.wrapper[0].length,
        ...(bytes && { cachedData: bytes }),
      });
      if (!bytes || script.cachedDataRejected) {
        this.#loaded.set(file, { script, checksum });
        this.#isNew = true;
      }
      return script.runInThisContext() as Run;
    } catch {
      return undefined;
    }
  }
}

/** What Node gives a module as `require`. */
function requireOf(own: LoadedModule): unknown {
  const resolve = Object.assign(
    (request: string, options?: object) => loader._resolveFilename(request, own, false, options),
    { paths: (request: string) => loader._resolveLookupPaths(request, own) },
  );
  const { _cache: cache, _extensions: extensions } = loader;
  return Object.assign((name: string) => own.require(name), { resolve, cache, extensions, main: undefined });
}

/** Its modules; none where there is no such file, or it is damaged. */
function read(file: string): Map<string, Compiled> {
  const known = new Map<string, Compiled>();
  try {
    const all = readFileSync(file);
    const [bytes, tag] = [all.subarray(0, -TAG_BYTES), all.subarray(-TAG_BYTES)];
    if (!damageTag(bytes, file).equals(tag)) return known;
    const begin = 4 + bytes.readUInt32LE();
    let at = begin;
    for (const [name, checksum, length] of JSON.parse(bytes.toString('utf8', 4, begin)) as [string, string, number][]) {
      known.set(name, { checksum, bytes: bytes.subarray(at, (at += length)) });
    }
  } catch {
    known.clear();
  }
  return known;
}

function written(known: ReadonlyMap<string, Compiled>, file: string): Buffer {
  const list = [...known].map(([name, { bytes, checksum }]) => [name, checksum, bytes.length]);
  const head = Buffer.from(JSON.stringify(list));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const bytes = Buffer.concat([length, head, ...Array.from(known.values(), ({ bytes }) => bytes)]);
  return Buffer.concat([bytes, damageTag(bytes, file)]);
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing can be written, nothing was.
  }
}

/** Also what was left by who ended while it wrote. */
function removeOld(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.includes(ENDING))
    .map((name) => join(folder, name))
    .map((path) => ({ path, time: statSync(path).mtimeMs }));
  files.sort((a, b) => b.time - a.time);
  for (const { path } of files.slice(MOST)) rmSync(path, { force: true });
}
