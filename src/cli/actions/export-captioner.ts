import type { DecodingDefaults } from '../../captioning/decoding-defaults.ts';
import { findCaptioner } from '../../captioning/find-captioner.ts';
import { exportCaptioner, type ExportOptions } from '../../training/captioner/export-captioner.ts';
import { writePortableCaptioner } from '../../training/portable/portable-captioner.ts';
import { readText } from '../../files/read-file.ts';
import type { ExportCaptionerOptions } from '../options/export-captioner-options.ts';
import { listExported, readJsonObject } from './export-files.ts';
import { openBackend } from './open-backend.ts';

/** `attend export captioner`. */
export async function exportModel(options: ExportCaptionerOptions): Promise<void> {
  const { beam, card, encoderOf, format, lengthNormalisation, results, secondLook } = options;
  if (format !== 'attend') {
    await openBackend();
    await listExported(await writePortableCaptioner(options.run, options.output, format));
    return;
  }
  const decoding: Partial<DecodingDefaults> = {
    ...(beam === undefined ? {} : { beam }),
    ...(lengthNormalisation === undefined ? {} : { lengthNormalisation }),
    ...(secondLook === undefined ? {} : { secondLook }),
  };
  const more: ExportOptions = {
    decoding,
    ...(encoderOf === undefined ? {} : { encoderOf: findCaptioner(encoderOf) }),
    ...(card === undefined ? {} : { card: await readText(card) }),
    ...(results === undefined ? {} : { results: await readJsonObject(results) }),
  };
  await openBackend();
  await listExported(await exportCaptioner(options.run, options.output, more));
}
