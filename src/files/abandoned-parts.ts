import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, parse } from 'node:path';
import { cutName } from './cut-name.ts';

/** Where numbers of processes mean the same: a computer, and on Linux what a container sees of it. */
const HERE = createHash('sha256').update(`${hostname()} ${namespaceOfProcesses()}`).digest('hex').slice(0, 8);
/** Who writes it, and a number of its own: `.beach.1a2b3c4d-4711-0123456789ab.part.png`. */
const PART = /^\..*\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.part(?:\..*)?$/s;

const swept = new Set<string>();

/**
 * A name for what is written beside a file and then takes its place. Hidden, and with the ending of the file: who writes
 * it may tell by that what to write.
 */
export function partName(file: string): string {
  const { dir, name, ext } = parse(file);
  const mark = `${HERE}-${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dir, `.${cutName(name, 100)}.${mark}.part${cutName(ext, 20)}`);
}

/**
 * Removes from a folder the files and folders that processes that are no more had begun to write, when this one writes there for the first time.
 * What a living process writes stays, and what one on another computer or in another container may be writing.
 */
export async function removeAbandonedParts(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names
      .filter(isAbandoned)
      .map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}

function isAbandoned(name: string): boolean {
  const [, place, pid] = PART.exec(name) ?? [];
  return place === HERE && !isAlive(Number(pid));
}

/** Whether a process of this computer runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user cannot be asked, but is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function namespaceOfProcesses(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
