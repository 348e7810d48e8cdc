import type { BackendName } from '../../contract/constants/backends.ts';
import { backendOfEnvironment, useBackend } from '../../native/backend.ts';
import { deviceOfEnvironment } from '../../native/device.ts';
import { UsageError } from '../exit.ts';

/** The backend that ATTEND_BACKEND forces; nothing where it is not set. @throws UsageError where it is set wrong */
export function forcedBackend(): BackendName | undefined {
  try {
    return backendOfEnvironment();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @throws UsageError where ATTEND_DEVICE is set wrong */
export function refuseWrongDevice(): void {
  try {
    deviceOfEnvironment();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Starts the backend that ATTEND_BACKEND forces, or else the best there is. */
export async function openBackend(): Promise<void> {
  await useBackend(forcedBackend());
}

/** Starts the native backend: the gradients of convolutions and of gather exist only there. */
export async function openTrainingBackend(): Promise<void> {
  const forced = forcedBackend();
  if (forced !== undefined && forced !== 'native') {
    throw new UsageError(`Training needs the native backend, and ATTEND_BACKEND is "${forced}". Unset it.`);
  }
  await useBackend('native');
}
