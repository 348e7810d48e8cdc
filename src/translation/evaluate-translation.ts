import { scoreTranslations, type TranslationScores } from '../engine/metrics/translation-scores.ts';
import { linesOf, readText } from '../files/read-file.ts';
import type { SearchWishes } from './translation-search.ts';
import { translate } from './translate.ts';
import type { TranslatorModel } from './translator-model.ts';

/** Lines to translate, with what people made of them. */
export interface TestSet {
  readonly sources: readonly string[];
  /** For each line one or more. */
  readonly references: readonly (readonly string[])[];
}

export interface TranslationEvaluation {
  scores: TranslationScores;
  /** What leaving the sources as they are scores: what is below says nothing about a model. */
  copying: TranslationScores;
  /** By line. */
  translations: string[];
}

/**
 * Reads a test set of plain text files, a sentence a line.
 * @throws Error that names the file which cannot be read, or has another number of lines
 */
export async function readTestSet(source: string, references: readonly string[]): Promise<TestSet> {
  const sources = await readLines(source);
  const columns = await Promise.all(references.map(readLines));
  columns.forEach((lines, i) => {
    if (lines.length === sources.length) return;
    throw new Error(
      `They must have a line for each other: ${source} has ${sources.length}, ${references[i]} has ${lines.length}.`,
    );
  });
  if (sources.length === 0) throw new Error(`${source} is empty.`);
  return { sources, references: sources.map((_, line) => columns.map((lines) => lines[line] as string)) };
}

/**
 * Translates a test set, each line as one sentence, and scores the translations.
 * @param onLine told how many lines are done
 * @throws what `translate` throws
 */
export async function evaluateTranslation(
  model: TranslatorModel,
  { sources, references }: TestSet,
  options: SearchWishes & { to: string; signal?: AbortSignal },
  onLine?: (done: number) => void,
): Promise<TranslationEvaluation> {
  const results = await translate(model, sources, {
    ...options,
    split: false,
    onResult: (_, index) => onLine?.(index + 1),
  });
  const translations = results.map(({ text }) => text.replace(/\s+/g, ' ').trim());
  return {
    scores: scoreTranslations(translations, references, options.to),
    copying: scoreTranslations(sources, references, options.to),
    translations,
  };
}

async function readLines(path: string): Promise<string[]> {
  return linesOf(await readText(path));
}
