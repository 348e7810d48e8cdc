import { evaluateTranslation, readTestSet, type Faithfulness } from '../../translation/evaluate-translation.ts';
import type { TranslationScores } from '../../engine/metrics/translation-scores.ts';
import { knownLanguage } from '../../translation/languages.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import type { EvaluateTranslationOptions } from '../options/evaluate-translation-options.ts';
import { EXIT } from '../exit.ts';
import { refuseToOverwrite } from '../results/output-file.ts';
import { standardOutput } from '../results/sink.ts';
import { Interruption } from '../terminal/interruption.ts';
import { plural, Progress } from '../terminal/progress.ts';
import { openTranslator } from './open-translator.ts';

/** `attend evaluate translation`. */
export async function evaluate(options: EvaluateTranslationOptions): Promise<void> {
  refuseToOverwrite(options.output, [options.source, ...options.reference]);
  const all = await readTestSet(options.source, options.reference);
  const test = {
    sources: all.sources.slice(0, options.limit),
    references: all.references.slice(0, options.limit),
  };
  const interruption = new Interruption('Stopping: scores of a part of the lines would say nothing.');
  const progress = new Progress();
  const model = await openTranslator(options);
  try {
    const beam = options.beam ?? model.decoding.beam;
    const lengthNormalisation = options.lengthNormalisation ?? model.decoding.lengthNormalisation;
    const to = knownLanguage(options.to, model.to) ?? options.to;
    const how = { to, beam, lengthNormalisation, signal: interruption.signal };
    const { copying, faithfulness, scores, translations } = await evaluateTranslation(model, test, how, (done) =>
      progress.show(`${done} of ${plural(test.sources.length, 'line')}`),
    );
    progress.clear();
    const report = {
      model: model.name,
      backend: model.backend,
      from: model.from,
      to,
      lines: translations.length,
      beam,
      lengthNormalisation,
      ...scores,
      ...faithfulness,
      copying: briefly(copying),
    };
    await standardOutput.write(
      options.json ? `${JSON.stringify(report, null, 2)}\n` : table(report, scores, copying, faithfulness),
    );
    // Last: where it cannot be written, the scores are not lost with it.
    if (options.output !== undefined) {
      await writeFileAtomically(options.output, translations.map((line) => `${line}\n`).join(''));
    }
    process.exitCode = EXIT.done;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = interruption.exitCode;
  } finally {
    progress.clear();
    interruption.dispose();
    model.dispose();
  }
}

/** The scores without what they were made of. */
function briefly({ bleu, chrf, tokenisedLowerCaseBleu }: TranslationScores): Record<string, number> {
  return { bleu: bleu.score, chrf: chrf.score, tokenisedLowerCaseBleu: tokenisedLowerCaseBleu.score };
}

interface Report {
  model: string;
  backend: string;
  from: string;
  to: string;
  lines: number;
  beam: number;
  lengthNormalisation: number;
}

function numbersKept({ linesWithNumbers, numbersKept: share }: Faithfulness): string {
  if (linesWithNumbers === 0) return '     –  (no line has numbers)';
  return `${percent(share)}  (of ${plural(linesWithNumbers, 'line')} with numbers)`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(6);

function table(report: Report, scores: TranslationScores, copying: TranslationScores, faithful: Faithfulness): string {
  const rows = [
    ['BLEU', 'bleu'],
    ['chrF2', 'chrf'],
    ['BLEU, tokenised, lower case', 'tokenisedLowerCaseBleu'],
  ] as const;
  return [
    `${plural(report.lines, 'line')}, ${report.from} to ${report.to}: ${report.model}, beam ${report.beam}, ` +
      `length normalisation ${report.lengthNormalisation}, ${report.backend}`,
    ...rows.map(
      ([name, key]) =>
        `  ${name.padEnd(28)} ${scores[key].score.toFixed(2).padStart(6)}  (the source copied: ` +
        `${copying[key].score.toFixed(2)})  ${scores[key].signature}`,
    ),
    `  ${'numbers kept'.padEnd(28)} ${numbersKept(faithful)}`,
    `  ${'two words three times'.padEnd(28)} ${percent(faithful.repetitions)}  (of all lines)`,
    '',
  ].join('\n');
}
