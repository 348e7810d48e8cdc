import { join } from 'node:path';
import type { AttendOperations } from '../attend.ts';
import type { TranslatorOperations } from '../translator.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import type { BackendName } from '../../src/contract/constants/backends.ts';
import { Lane } from './lane.ts';

export const BACKENDS: readonly BackendName[] = ['onnx', 'native', 'wasm'];

/** Where `run.mjs` puts what it builds. */
export const BUILT = join(packageRoot(), '.cache', 'bench');

export type AttendLane = Lane<AttendOperations>;
export type TranslatorLane = Lane<TranslatorOperations>;

/** Attend on one backend, with nothing loaded. */
export function attendLane(backend: BackendName): AttendLane {
  const args = ['--expose-gc', join(BUILT, 'attend.js')];
  return new Lane(backend, process.execPath, args, { ATTEND_BACKEND: backend });
}

/** Attend's translators on one backend, with nothing loaded. */
export function translatorLane(backend: BackendName): TranslatorLane {
  return new Lane(backend, process.execPath, [join(BUILT, 'translator.js')], { ATTEND_BACKEND: backend });
}

/**
 * Starts and captions once, so that what is kept for the next start is there, as on anybody's machine.
 * @throws Error where the backend or the model cannot be loaded
 */
export async function startBefore(backend: BackendName, model: string, photo: string): Promise<void> {
  const lane = attendLane(backend);
  try {
    await lane.ask('open', { folder: model });
    await lane.ask('throughput', { photos: [photo], batchSize: 1, beam: 1 });
  } finally {
    await lane.close();
  }
}

/** What a benchmark of one model works with. */
interface Opened<L> {
  lanes: L[];
  /** Why a backend is left out. */
  notes: string[];
}

/**
 * Attend on each backend that loads, with the captioner open.
 * @param byScore chooses among captions by the search's score alone
 */
export function openAttend(model: string, byScore = false): Promise<Opened<AttendLane>> {
  return openAll(attendLane, (lane) => lane.ask('open', { folder: model, byScore }));
}

/** The same with a translator. */
export function openTranslators(model: string): Promise<Opened<TranslatorLane>> {
  return openAll(translatorLane, (lane) => lane.ask('open', { folder: model }));
}

async function openAll<L extends { close(): Promise<void> }>(
  start: (backend: BackendName) => L,
  load: (lane: L) => Promise<unknown>,
): Promise<Opened<L>> {
  const lanes: L[] = [];
  const notes: string[] = [];
  for (const backend of BACKENDS) {
    const lane = start(backend);
    try {
      await load(lane);
      lanes.push(lane);
    } catch (error) {
      await lane.close();
      // Every machine has this one, so it is the model that cannot be loaded.
      if (backend === 'wasm') {
        await closeAll(lanes);
        throw error;
      }
      notes.push(`${backend}: ${reasonOf(error)}`);
    }
  }
  return { lanes, notes };
}

export async function closeAll(lanes: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(lanes.map((lane) => lane.close()));
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
