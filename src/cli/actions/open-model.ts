import { loadCaptioner, type CaptionerModel, type LoadCaptionerOptions } from '../../captioning/captioner-model.ts';
import { findCaptioner } from '../../captioning/find-captioner.ts';
import { warnOfDefaults } from '../terminal/warn-of-defaults.ts';
import { openBackend, refuseWrongDevice } from './open-backend.ts';

/** Loads the model that `--model` names, on the backend that ATTEND_BACKEND names; says on stderr why it is on no graphics card that was wanted. */
export async function openModel(name: string | undefined, options: LoadCaptionerOptions = {}): Promise<CaptionerModel> {
  if (name === undefined) warnOfDefaults();
  const folder = findCaptioner(name);
  refuseWrongDevice();
  await openBackend();
  const model = await loadCaptioner(folder, options);
  if (model.device?.problem) process.stderr.write(`${model.device.problem}\n`);
  return model;
}
