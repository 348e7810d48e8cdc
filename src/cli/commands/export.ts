import { Option, type Command } from 'commander';
import { TRANSLATION_DOMAINS } from '../../contract/constants/translation-domains.ts';
import { addFlipOption } from '../flip-option.ts';
import { nonNegativeNumber, wholeNumber } from '../option-values.ts';
import { requireOption } from '../required-option.ts';
import type { ExportCaptionerOptions } from '../options/export-captioner-options.ts';
import type { ExportTranslatorCommandOptions } from '../options/export-translator-options.ts';

/** `attend export captioner` and `attend export translator`. */
export function addExportCommand(program: Command): void {
  const command = program.command('export').description('make a model that can be shipped');
  const captioner = command
    .command('captioner')
    .summary('make a model folder of a training run')
    .description(
      'Writes a captioner as model.json with float16 weights, its encoder as a TensorFlow.js graph model, and a card.',
    );
  requireOption(
    captioner,
    '--run <dir>',
    "the training run's folder, or one of its checkpoints (runs/NAME/2-STAGE/best)",
  );
  requireOption(
    captioner,
    '-o, --output <dir>',
    "the model's folder; a model that is there is replaced, its card is kept",
  );
  addFormatOption(captioner);
  addFlipOption(captioner, 'likewise test-time flip: the mirrored photo is looked at as well')
    .option('--beam <n>', 'the beam that the model uses where nobody asks for another', wholeNumber(1, 100))
    .option('--length-normalisation <n>', 'likewise the preference of longer captions', nonNegativeNumber)
    .option(
      '--encoder-of <captioner>',
      'a captioner, by its name or folder, that has the same encoder: its files are used, and not written again',
    )
    .option('--card <file>', 'the text of the card (README.md)')
    .option('--results <file>', 'JSON of scores to keep with the model, as "attend evaluate captions --json" prints it')
    .addHelpText(
      'after',
      `
Examples:
  attend export captioner --run runs/captioner-soft --output models/captioner-soft
  attend export captioner --run runs/captioner-soft --output my-model --beam 5 --flip --card card.md
  attend export captioner --run captioner-flickr8k-coco --output captioner-onnx --format onnx`,
    )
    .action(async (options: ExportCaptionerOptions) => {
      const { exportModel } = await import('../actions/export-captioner.ts');
      await exportModel(options);
    });

  const translator = command
    .command('translator')
    .summary('make a model folder of a training run')
    .description('Writes a translator as model.json with its vocabulary and float16 weights, and a card.');
  requireOption(translator, '--run <dir>', "the training run's folder, or one of its checkpoints");
  requireOption(
    translator,
    '-o, --output <dir>',
    "the model's folder; a model that is there is replaced, its card is kept",
  );
  addFormatOption(translator);
  translator
    .option('--beam <n>', 'the beam that the model uses where nobody asks for another', wholeNumber(1, 50))
    .option('--length-normalisation <n>', 'likewise the preference of longer translations', nonNegativeNumber)
    .option('--alignment-layer <n>', 'the layer that is shown as the alignment, from 0', wholeNumber(0, 100))
    .addOption(
      new Option('--domain <kind>', 'the only kind of text that the model is for').choices([...TRANSLATION_DOMAINS]),
    )
    .option('--card <file>', 'the text of the card (README.md)')
    .option(
      '--results <file>',
      'JSON of scores to keep with the model, as "attend evaluate translation --json" prints it',
    )
    .addHelpText(
      'after',
      `
Example:
  attend export translator --run runs/translator-captions-de --output models/translator-captions-de --domain captions
  attend export translator --run translator-everyday --output translator-onnx --format onnx`,
    )
    .action(async (options: ExportTranslatorCommandOptions) => {
      const { exportModel } = await import('../actions/export-translator.ts');
      await exportModel(options);
    });
}

/** What the folder is for: Attend itself, or other programs. */
function addFormatOption(command: Command): void {
  command.addOption(
    new Option(
      '--format <format>',
      'for other programs: graphs with an example in Python (onnx), or weights (safetensors); also of a model, by its name or folder',
    )
      .choices(['attend', 'onnx', 'safetensors'])
      .default('attend'),
  );
}
