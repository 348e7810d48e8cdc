import { parseBackendName, useBackend } from '../../engine/backend.ts';
import { loadCaptioner, type CaptionerModel } from '../../service/captioner-model.ts';
import { findCaptioner } from '../../service/find-captioner.ts';
import { UsageError } from '../exit.ts';

/** Loads the model that `--model` names, on the backend that ATTEND_BACKEND names. */
export async function openModel(name: string | undefined): Promise<CaptionerModel> {
  const folder = findCaptioner(name);
  await openBackend();
  return loadCaptioner(folder);
}

/** Starts the backend. */
export async function openBackend(): Promise<void> {
  let wanted: ReturnType<typeof parseBackendName>;
  try {
    wanted = parseBackendName(process.env['ATTEND_BACKEND']);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  await useBackend(wanted);
}
