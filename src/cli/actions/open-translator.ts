import {
  chooseThrough,
  findTranslator,
  listTranslators,
  type WantedTranslator,
} from '../../translation/find-translator.ts';
import { through, type ThroughTranslator } from '../../translation/translate-through.ts';
import { SameLanguageError, UnknownLanguageError } from '../../translation/languages.ts';
import { loadTranslator, type TranslatorModel } from '../../translation/translator-model.ts';
import { UsageError } from '../exit.ts';
import { warnOfDefaults } from '../terminal/warn-of-defaults.ts';
import { openBackend } from './open-backend.ts';

/**
 * Loads the translator that is asked for, on the backend that ATTEND_BACKEND names.
 * @throws UsageError that lists the known languages where none of the models knows the language
 */
export async function openTranslator(wanted: WantedTranslator): Promise<TranslatorModel> {
  const found = await findTranslator(wanted).catch(refuse);
  await openBackend();
  return loadTranslator(found.folder);
}

/**
 * Loads two translators, to English and from it, where none goes all the way, nobody named one, and it was said from which
 * language; otherwise as `openTranslator`.
 * @throws UsageError as `openTranslator`, and where the text is in that language already
 */
export async function openAnyTranslator(wanted: WantedTranslator): Promise<TranslatorModel | ThroughTranslator> {
  const { from, model, to } = wanted;
  if (model === undefined) warnOfDefaults();
  const isDirect = await findTranslator(wanted).then(
    () => true,
    (error: unknown) => !(error instanceof UnknownLanguageError),
  );
  const goesThrough = !isDirect && model === undefined;
  const both = goesThrough
    ? await listTranslators()
        .then((all) => chooseThrough(all, { from, to }))
        .catch(refuse)
    : undefined;
  if (!both) return openTranslator(wanted);
  await openBackend();
  const first = await loadTranslator(both[0].folder);
  return through(first, await loadTranslator(both[1].folder));
}

/** @throws UsageError where it is the languages that are wrong; else the error itself */
function refuse(error: unknown): never {
  if (error instanceof UnknownLanguageError || error instanceof SameLanguageError) throw new UsageError(error.message);
  throw error;
}
