import { loadCaptioner, type CaptionerModel, type LoadCaptionerOptions } from '../../captioning/captioner-model.ts';
import { findCaptioner } from '../../captioning/find-captioner.ts';
import { warnOfDefaults } from '../terminal/warn-of-defaults.ts';
import { openBackend } from './open-backend.ts';

/** Loads the model that `--model` names, on the backend that ATTEND_BACKEND names. */
export async function openModel(name: string | undefined, options: LoadCaptionerOptions = {}): Promise<CaptionerModel> {
  if (name === undefined) warnOfDefaults();
  const folder = findCaptioner(name);
  await openBackend();
  return loadCaptioner(folder, options);
}
