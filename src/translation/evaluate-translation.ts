import { scoreTranslations, type TranslationScores } from '../engine/metrics/translation-scores.ts';
import { digitsOf } from '../engine/text/protected-spans.ts';
import { linesOf, readText } from '../files/read-file.ts';
import { LOOP, repeats } from './faults.ts';
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
  faithfulness: Faithfulness;
  /** By line. */
  translations: string[];
}

/** What no score shows and every reader sees. */
export interface Faithfulness {
  /** Of the lines with a number, the share whose translation has the same digits and no others; 1 where there are none. */
  numbersKept: number;
  linesWithNumbers: number;
  /** Share of lines that say some two words three times or more, and the source does not. */
  repetitions: number;
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
    faithfulness: faithfulness(sources, translations),
    translations,
  };
}

/** Compares translations with their sources. @param sources at least one */
export function faithfulness(sources: readonly string[], translations: readonly string[]): Faithfulness {
  const pairs = sources.map((source, i) => [source, translations[i] ?? ''] as const);
  const digits = (text: string): string => digitsOf(text).toSorted().join(' ');
  const numbered = pairs.filter(([source]) => digits(source) !== '');
  const kept = numbered.filter(([source, translation]) => digits(source) === digits(translation));
  const loops = pairs.filter(([source, translation]) => repeats(translation) >= LOOP && repeats(source) < LOOP);
  return {
    numbersKept: numbered.length === 0 ? 1 : kept.length / numbered.length,
    linesWithNumbers: numbered.length,
    repetitions: loops.length / pairs.length,
  };
}

async function readLines(path: string): Promise<string[]> {
  return linesOf(await readText(path));
}
