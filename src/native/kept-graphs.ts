import { createHash } from 'node:crypto';
import { appendFile, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { partName, removeAbandonedParts } from '../files/abandoned-parts.ts';
import { TAG_BYTES, damageTag } from '../files/damage-tag.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readWhole } from '../files/read-whole.ts';
import { flushFolder } from '../files/write-file.ts';

/** Another number where the files would be written differently. */
const FORMAT = 3;
const ENDING = '.ort';
/** A graph that nobody loaded for so long, in milliseconds, is removed when another is kept. */
const KEPT_FOR = 30 * 24 * 60 * 60 * 1000;
/** So many are kept of one origin: of two installations, say. */
const MOST = 2;

/**
 * Graphs as ONNX Runtime has optimised them for this processor, so that the next start need not. A file's name is a
 * checksum of what the graph was made from and by; at its end stands a checksum of that name and of what it holds: a crash
 * or a bad disk can leave other bytes under the right name, also those of another graph.
 */
export class KeptGraphs {
  readonly #folder: string;
  readonly #maker: string;

  /** @param maker what graphs were made by: versions of the code and of ONNX Runtime */
  constructor(folder: string, maker: string) {
    this.#folder = folder;
    this.#maker = maker;
  }

  /** @param origin what a graph was made from, and which it is */
  fileOf(origin: string): string {
    const maker = digest([FORMAT, this.#maker, processor()].join('\n'));
    return join(this.#folder, `${digest(origin)}-${maker}${ENDING}`);
  }

  /** @returns nothing where it was not kept, or is damaged */
  async read(file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // What processes have left that were killed while they wrote; each is as large as a model.
    void removeAbandonedParts(this.#folder);
    const all = await readWhole(file).catch(() => undefined);
    if (!all || all.length <= TAG_BYTES) return undefined;
    const graph = all.subarray(0, -TAG_BYTES);
    if (!damageTag(graph, file).equals(all.subarray(-TAG_BYTES))) return undefined;
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
    return graph;
  }

  /** A path where ONNX Runtime may write a graph that is then kept (`keep`); nothing where none can be written. */
  async place(file: string): Promise<string | undefined> {
    try {
      await makeFolder(this.#folder);
      await removeAbandonedParts(this.#folder);
      return partName(file);
    } catch {
      return undefined;
    }
  }

  /** Keeps what was written at a `place`. Where that cannot be done, nothing is kept. */
  async keep(place: string, file: string): Promise<void> {
    try {
      await appendFile(place, damageTag(await readWhole(place), file));
      const handle = await open(place, 'r+');
      await handle.sync().finally(() => handle.close());
      await rename(place, file);
      await flushFolder(this.#folder);
      await this.#removeUnused(file);
    } catch {
      await this.discard(place);
    }
  }

  async discard(place: string): Promise<void> {
    await rm(place, { force: true }).catch(() => undefined);
  }

  /** @param kept the last one */
  async #removeUnused(kept: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => /^[0-9a-f].*\.ort$/.test(name));
    const graphs = await Promise.all(
      names.map(async (name) => ({ name, used: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    graphs.sort((a, b) => b.used - a.used);
    const origin = basename(kept).split('-')[0] as string;
    const same = graphs.filter(({ name }) => name.startsWith(origin));
    const old = graphs.filter(({ used }) => Date.now() - used > KEPT_FOR);
    for (const { name } of new Set([...same.slice(MOST), ...old])) await rm(join(this.#folder, name), { force: true });
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** What ONNX Runtime lays graphs out for: on Linux with all that the processor can do, since a virtual one may lose some. */
function processor(): string {
  const known = [process.platform, process.arch];
  try {
    const text = readFileSync('/proc/cpuinfo', 'latin1');
    const lines = text.slice(0, text.search(/\n\s*\n/)).split('\n');
    return [...known, ...lines.filter((line) => /^(model|flags|Features|CPU )/.test(line))].join('\n');
  } catch {
    return [...known, cpus()[0]?.model].join('\n');
  }
}
