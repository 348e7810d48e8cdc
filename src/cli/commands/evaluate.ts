import type { Command } from 'commander';
import { nonNegativeNumber, wholeNumber } from '../option-values.ts';
import { requireOption } from '../required-option.ts';

export interface EvaluateCaptionsOptions {
  photos: string;
  captions: string;
  split?: string;
  beam?: number;
  lengthNormalisation?: number;
  secondLook?: boolean;
  limit?: number;
  output?: string;
  json?: boolean;
  model?: string;
}

/** `attend evaluate captions`. */
export function addEvaluateCommand(program: Command): void {
  const evaluate = program.command('evaluate').description('score a model');
  const captions = evaluate
    .command('captions')
    .summary('score a captioner against captions that people wrote')
    .description('Captions every photo of a captions file and prints BLEU, ROUGE-L and CIDEr-D with their signature.');
  requireOption(captions, '--photos <dir>', 'the folder of the photos');
  requireOption(captions, '--captions <file>', 'JSON lines { "file", "captions": [...], "split"? }');
  captions
    .option('--split <name>', 'only the photos of this split (default: every photo of the file)')
    .option('--beam <n>', 'how many captions are followed at once; 1 is greedy', wholeNumber(1, 100))
    .option('--length-normalisation <n>', 'how much longer captions are preferred; 0 is not at all', nonNegativeNumber)
    .option('--second-look', 'look at the mirrored photo as well')
    .option('--no-second-look', 'do not, where the model would')
    .option('--limit <n>', 'only the first photos, so many', wholeNumber(1))
    .option('-o, --output <file>', 'write the captions that were scored, as JSON lines { "file", "caption" }')
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
}
