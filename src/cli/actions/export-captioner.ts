import { exportCaptioner, type ExportOptions } from '../../service/export-captioner.ts';
import type { DecodingDefaults } from '../../service/captioner-model.ts';
import type { ExportCaptionerOptions } from '../commands/export.ts';
import { listExported, readJsonObject, readTextFile } from './export-files.ts';
import { openBackend } from './open-model.ts';

/** `attend export captioner`. */
export async function exportModel(options: ExportCaptionerOptions): Promise<void> {
  const { beam, card, lengthNormalisation, results, secondLook } = options;
  const decoding: Partial<DecodingDefaults> = {
    ...(beam === undefined ? {} : { beam }),
    ...(lengthNormalisation === undefined ? {} : { lengthNormalisation }),
    ...(secondLook === undefined ? {} : { secondLook }),
  };
  const more: ExportOptions = {
    decoding,
    ...(card === undefined ? {} : { card: await readTextFile(card) }),
    ...(results === undefined ? {} : { results: await readJsonObject(results) }),
  };
  await openBackend();
  await listExported(await exportCaptioner(options.run, options.output, more));
}
