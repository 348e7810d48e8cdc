import { confidenceTable, riskCoveragePlot } from '../../captioning/confidence/report.ts';
import { evaluateCaptions, photosOfSplit, type CaptionEvaluation } from '../../captioning/evaluate.ts';
import { readPhotoCaptions } from '../../photos/captions-file.ts';
import { isFailed } from '../../captioning/result.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import type { EvaluateCaptionsOptions } from '../options/evaluate-captions-options.ts';
import { EXIT } from '../exit.ts';
import { refuseToOverwrite } from '../results/output-file.ts';
import { standardOutput } from '../results/sink.ts';
import { Interruption } from '../terminal/interruption.ts';
import { PhotoCount, plural, printable, Progress } from '../terminal/progress.ts';
import { openModel } from './open-model.ts';

/** `attend evaluate captions`. */
export async function evaluate(options: EvaluateCaptionsOptions): Promise<void> {
  refuseToOverwrite(options.output, [options.captions]);
  const all = photosOfSplit(await readPhotoCaptions(options.captions, options.photos), options.split);
  const photos = all.slice(0, options.limit);
  const interruption = new Interruption('Stopping: scores of a part of the photos would say nothing.');
  const progress = new Progress();
  const count = new PhotoCount(photos.length);
  const model = await openModel(options.model);
  try {
    const beam = options.beam ?? model.decoding.beam;
    const lengthNormalisation = options.lengthNormalisation ?? model.decoding.lengthNormalisation;
    const secondLook = options.secondLook ?? model.decoding.secondLook;
    const how = { beam, lengthNormalisation, secondLook };
    const evaluation = await evaluateCaptions(
      model,
      photos,
      options.photos,
      { ...how, wording: options.wording, signal: interruption.signal },
      (result) => {
        count.done++;
        if (isFailed(result)) {
          progress.clear();
          process.stderr.write(`${printable(result.error)}\n`);
        }
        progress.show(String(count));
      },
    );
    progress.clear();
    if (!evaluation) {
      process.stderr.write(`Stopped after ${count.ofTotal()}. Begin again; --limit N takes the first N photos.\n`);
      process.exitCode = interruption.exitCode ?? EXIT.failed;
      return;
    }
    const { confidence, failed, hypotheses, scores, words } = evaluation;
    const { ciderDByPhoto: _, ...totals } = scores;
    const report = {
      model: model.name,
      backend: model.backend,
      split: options.split ?? null,
      photos: hypotheses.length,
      ...how,
      ...(options.wording && { wording: options.wording }),
      ...totals,
      words,
      ...(confidence && { confidence }),
      failed,
    };
    await standardOutput.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : table(evaluation, report));
    // Last: where it cannot be written, the scores are not lost with it.
    if (options.output !== undefined) {
      await writeFileAtomically(options.output, hypotheses.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }
    if (options.plot !== undefined) {
      if (!confidence)
        throw new Error(
          `${model.name} says no confidence: there is nothing to plot. Fit it with "attend calibrate captioner".`,
        );
      await writeFileAtomically(options.plot, riskCoveragePlot(confidence));
    }
    process.exitCode = failed.length > 0 ? EXIT.failed : EXIT.done;
  } finally {
    progress.clear();
    interruption.dispose();
    model.dispose();
  }
}

interface Report {
  model: string;
  backend: string;
  split: string | null;
  photos: number;
  beam: number;
  lengthNormalisation: number;
  secondLook: boolean;
  wording?: string;
}

function table({ confidence, failed, scores, words }: CaptionEvaluation, report: Report): string {
  const split = report.split === null ? '' : ` of the split ${report.split}`;
  const rows: [string, string][] = [
    ...scores.bleu.map((score, i): [string, string] => [`BLEU-${i + 1}`, (100 * score).toFixed(1)]),
    ['ROUGE-L', (100 * scores.rougeL).toFixed(1)],
    ['CIDEr-D', scores.ciderD.toFixed(3)],
    ['words', words.toFixed(1)],
  ];
  return [
    `${plural(report.photos, 'photo')}${split}: ${report.model}, beam ${report.beam}, length normalisation ` +
      `${report.lengthNormalisation}${report.secondLook ? ', test-time flip' : ''}${report.wording === 'careful' ? ', careful wording' : ''}, ${report.backend}`,
    ...(failed.length > 0
      ? [`${plural(failed.length, 'photo')} could not be read and ${failed.length === 1 ? 'is' : 'are'} not scored.`]
      : []),
    ...rows.map(([name, value]) => `  ${name.padEnd(8)} ${value.padStart(6)}`),
    scores.signature,
    ...(confidence
      ? ['confidence, in brackets 95 % intervals', ...confidenceTable(confidence), confidence.signature]
      : []),
    '',
  ].join('\n');
}
