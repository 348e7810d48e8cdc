import { exportTranslator, type ExportTranslatorOptions } from '../../training/translator/export-translator.ts';
import { writePortableTranslator } from '../../training/portable/portable-translator.ts';
import { readText } from '../../files/read-file.ts';
import type { ExportTranslatorCommandOptions } from '../options/export-translator-options.ts';
import { listExported, readJsonObject } from './export-files.ts';
import { openBackend } from './open-backend.ts';

/** `attend export translator`. */
export async function exportModel(options: ExportTranslatorCommandOptions): Promise<void> {
  const { alignmentLayer, beam, card, domain, format, lengthNormalisation, results } = options;
  if (format !== 'attend') {
    await openBackend();
    await listExported(await writePortableTranslator(options.run, options.output, format));
    return;
  }
  const more: ExportTranslatorOptions = {
    decoding: {
      ...(beam === undefined ? {} : { beam }),
      ...(lengthNormalisation === undefined ? {} : { lengthNormalisation }),
      ...(alignmentLayer === undefined ? {} : { alignmentLayer }),
    },
    ...(domain === undefined ? {} : { domain }),
    ...(card === undefined ? {} : { card: await readText(card) }),
    ...(results === undefined ? {} : { results: await readJsonObject(results) }),
  };
  await openBackend();
  await listExported(await exportTranslator(options.run, options.output, more));
}
