import type { BackendName } from '../contract/constants/backends.ts';
import { parseBackendName, useBackend } from '../native/backend.ts';

/**
 * Starts the backend that is asked for, or that ATTEND_BACKEND names, or else the best there is. A process has one: who
 * asks for another later is refused.
 */
export async function useWantedBackend(wanted: BackendName | undefined): Promise<void> {
  await useBackend(wanted ?? parseBackendName(process.env['ATTEND_BACKEND']));
}
