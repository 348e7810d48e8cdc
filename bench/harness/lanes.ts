import { join } from 'node:path';
import type { AttendOperations } from '../attend.ts';
import { packageRoot } from '../../src/service/package-root.ts';
import type { BackendName } from '../../src/engine/backend.ts';
import { Lane } from './lane.ts';

export const BACKENDS: readonly BackendName[] = ['native', 'wasm'];

/** Where `run.mjs` puts what it builds. */
export const BUILT = join(packageRoot(), '.cache', 'bench');

export type AttendLane = Lane<AttendOperations>;

/** Attend on one backend, with nothing loaded. */
export function attendLane(backend: BackendName): AttendLane {
  const args = ['--expose-gc', join(BUILT, 'attend.js')];
  return new Lane(backend, process.execPath, args, { ATTEND_BACKEND: backend });
}

/** Attend on each backend that loads, with the model open, and why another does not. */
export async function openAttend(model: string): Promise<{ lanes: AttendLane[]; notes: string[] }> {
  const lanes: AttendLane[] = [];
  const notes: string[] = [];
  for (const backend of BACKENDS) {
    const lane = attendLane(backend);
    try {
      await lane.ask('open', { folder: model });
      lanes.push(lane);
    } catch (error) {
      await lane.close();
      // Every machine has this one, so it is the model that cannot be loaded.
      if (backend === 'wasm') {
        await closeAll(lanes);
        throw error;
      }
      notes.push(`native: ${reasonOf(error)}`);
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
