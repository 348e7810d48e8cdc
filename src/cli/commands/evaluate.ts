import { Option, type Command } from 'commander';
import { WORDINGS } from '../../contract/constants/wordings.ts';
import { addCaptionedPhotosOptions } from '../captioned-photos-options.ts';
import { addFlipOption } from '../flip-option.ts';
import { nonNegativeNumber, wholeNumber } from '../option-values.ts';
import { requireOption } from '../required-option.ts';
import type { EvaluateCaptionsOptions } from '../options/evaluate-captions-options.ts';
import type { EvaluateFaithfulnessOptions } from '../options/evaluate-faithfulness-options.ts';
import type { EvaluateTranslationOptions } from '../options/evaluate-translation-options.ts';

/** `attend evaluate captions`, `attend evaluate faithfulness` and `attend evaluate translation`. */
export function addEvaluateCommand(program: Command): void {
  const evaluate = program.command('evaluate').description('score a model');
  const captions = evaluate
    .command('captions')
    .summary('score a captioner against captions that people wrote')
    .description(
      'Captions every photo of a captions file and prints BLEU, ROUGE-L and CIDEr-D with their signature, and, where the ' +
        'model says how sure it is, what that is worth: AUC, calibration error, and how many captions are wrong among the ' +
        'surest of all.',
    );
  addCaptionedPhotosOptions(captions);
  addFlipOption(captions, 'test-time flip: look at the mirrored photo as well', 'do not, where the model would')
    .option('--beam <n>', 'how many captions are followed at once; 1 is greedy', wholeNumber(1, 100))
    .option('--length-normalisation <n>', 'how much longer captions are preferred; 0 is not at all', nonNegativeNumber)
    .option('-o, --output <file>', 'write the captions that were scored, as JSON lines { "file", "caption" }')
    .addOption(
      new Option(
        '--wording <how>',
        'plain: as the model says it (default); careful: more general words where it is not sure',
      ).choices(WORDINGS),
    )
    .option('--plot <file>', 'draw how many captions are right among the surest of all, as SVG')
    .option('--json', 'print the scores as JSON')
    .option('-m, --model <dir>', 'the model: its folder or its name')
    .addHelpText(
      'after',
      `
Examples:
  attend evaluate captions --photos images --captions captions.jsonl --split test --beam 5
  attend evaluate captions --photos images --captions captions.jsonl --split dev --limit 300 --output dev.jsonl --json`,
    )
    .action(async (options: EvaluateCaptionsOptions) => {
      const { evaluate } = await import('../actions/evaluate-captions.ts');
      await evaluate(options);
    });

  const faithfulness = evaluate
    .command('faithfulness')
    .summary("measure what a captioner's attention has to do with its words")
    .description(
      'Follows captions that people wrote and prints, with 95 % intervals: how much a noun loses when the region that it ' +
        'looked at is blank, beside other regions; what other weights in the place of its own cost; how flat and how ' +
        'different its maps are; and, with boxes, whether they point at the right things.',
    );
  addCaptionedPhotosOptions(faithfulness, { fewest: 2, withoutSplit: 'every photo of the file, or with boxes' })
    .option('--boxes <file>', 'JSON lines { "file", "boxes": [[name, centre x, centre y, width, height]] }, 0 to 1')
    .option('--mattered', 'with --boxes, also maps of what mattered, by occlusion: some fifty times the work')
    .option(
      '--bounds',
      'also how much a region could cost a noun at all, by trying every one: some five times the work',
    )
    .option('--seed <n>', 'of what is drawn by chance', wholeNumber(0), 1)
    .option('--plots <dir>', 'write deletion.svg and worth.svg into this folder')
    .option('--json', 'print the figures as JSON')
    .option('-m, --model <dir>', 'the model: its folder or its name')
    .addHelpText(
      'after',
      `
Examples:
  attend evaluate faithfulness --photos images --captions captions.jsonl --split dev --limit 300
  attend evaluate faithfulness --photos images --captions captions.jsonl --boxes boxes.jsonl --json`,
    )
    .action(async (options: EvaluateFaithfulnessOptions) => {
      const { evaluate } = await import('../actions/evaluate-faithfulness.ts');
      await evaluate(options);
    });

  const translation = evaluate
    .command('translation')
    .summary('score a translator against translations that people made')
    .description(
      "Translates a file, a sentence a line, and prints BLEU and chrF, equal to sacreBLEU's, with their signatures; beside " +
        'them the lower-case BLEU on tokenised text of the papers on Multi30k, and what copying the source scores.',
    );
  requireOption(translation, '--source <file>', 'text to translate, a sentence a line');
  requireOption(translation, '--reference <file...>', 'one or more translations of it by people, with as many lines');
  requireOption(translation, '--to <language>', 'the language to translate to, as in de');
  translation
    .option('--beam <n>', 'how many translations are followed at once; 1 is greedy', wholeNumber(1, 50))
    .option('--length-normalisation <n>', 'how much longer ones are preferred; 0 is not at all', nonNegativeNumber)
    .option('--limit <n>', 'only the first lines, so many', wholeNumber(1))
    .option('-o, --output <file>', 'write the translations that were scored, a line each')
    .option('--json', 'print the scores as JSON')
    .option('-m, --model <dir>', 'the model: its folder or its name')
    .addHelpText(
      'after',
      `
Example:
  attend evaluate translation --source test2016.en --reference test2016.de --to de --output test2016.out.de --json`,
    )
    .action(async (options: EvaluateTranslationOptions) => {
      const { evaluate } = await import('../actions/evaluate-translation.ts');
      await evaluate(options);
    });
}
