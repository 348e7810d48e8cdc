import { findTranslator, type WantedTranslator } from '../../translation/find-translator.ts';
import { UnknownLanguageError } from '../../translation/languages.ts';
import { loadTranslator, type TranslatorModel } from '../../translation/translator-model.ts';
import { UsageError } from '../exit.ts';
import { openBackend } from './open-backend.ts';

/**
 * Loads the translator that is asked for, on the backend that ATTEND_BACKEND names.
 * @throws UsageError that lists the known languages where none of the models knows the language
 */
export async function openTranslator(wanted: WantedTranslator): Promise<TranslatorModel> {
  const found = await findTranslator(wanted).catch((error: unknown) => {
    if (error instanceof UnknownLanguageError) throw new UsageError(error.message);
    throw error;
  });
  await openBackend();
  return loadTranslator(found.folder);
}
