import { Option, type Command } from 'commander';
import { nonNegativeNumber, wholeNumber } from '../option-values.ts';
import { requireOption } from '../required-option.ts';
import type { TranslateCommandOptions } from '../options/translate-options.ts';
import { TEXT_FORMATS } from '../options/text-formats.ts';

/** `attend translate`. */
export function addTranslateCommand(program: Command): void {
  const command = program
    .command('translate')
    .summary('translate text')
    .description(
      'Translates text: a line in, a line out, as soon as it is done; or JSON with words, scores and what was looked at.',
    )
    .argument('[text...]', 'a text, a file (.txt, .md, .srt), or - for standard input');
  requireOption(command, '--to <language>', 'the language to translate to, as in de');
  command
    .option('--from <language>', 'the language of the text (default: the one that the model reads)')
    .option('--json', 'print a line of JSON for each line, paragraph or subtitle')
    .option(
      '--heads',
      'with --json, also how spread each head looked at a sentence, and which heads are redundant there',
    )
    .option('--alternatives <n>', 'also give the next best translations, so many', wholeNumber(0, 20), 0)
    .option('--beam <n>', 'how many translations are followed at once; 1 is greedy', wholeNumber(1, 50))
    .option('--length-normalisation <n>', 'how much longer ones are preferred; 0 is not at all', nonNegativeNumber)
    .addOption(
      new Option('--format <format>', 'what the text is (default: told from the name of the file)').choices(
        TEXT_FORMATS,
      ),
    )
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('-m, --model <dir>', 'the model: its folder or its name')
    .addHelpText(
      'after',
      `
Markdown keeps its mark-up: code, addresses and pictures stay as they are, emphasis and links go where their words went.
Subtitles (.srt) keep numbers, times and tags. In all of them emoji, addresses and what has no letters stay.

Examples:
  attend translate --to de A dog runs through the snow.
  attend translate --to fr letter.txt --output lettre.txt
  attend translate --to cs README.md > README.cs.md
  attend translate --to es film.srt -o film.es.srt
  attend translate --to de --json --alternatives 2 "Two children play." | jq .sentences[0].translations[0].alignment
  attend translate --to de --json --heads "A dog runs." | jq ".sentences[0].heads[] | select(.redundant)"
  attend caption --jsonl photos | jq -r .caption | attend translate --to de -`,
    )
    .action(async (text: string[], options: TranslateCommandOptions) => {
      const { translate } = await import('../actions/translate.ts');
      await translate(text, options);
    });
}
