import type { Command } from 'commander';
import { addCaptionedPhotosOptions } from '../captioned-photos-options.ts';
import type { CalibrateCaptionerOptions } from '../options/calibrate-captioner-options.ts';

/** `attend calibrate captioner`. */
export function addCalibrateCommand(program: Command): void {
  const command = program.command('calibrate').description('learn how sure a model may be');
  const captioner = command
    .command('captioner')
    .summary('learn from captions that people wrote how sure a captioner may be')
    .description(
      'Captions photos, compares each content word with what people wrote, and writes confidence.json into the model: how ' +
        'the probabilities of its words become a confidence. Take photos that it was neither trained on nor is scored on.',
    );
  addCaptionedPhotosOptions(captioner)
    .option('-m, --model <dir>', 'the model: its folder or its name')
    .addHelpText(
      'after',
      `
Examples:
  attend calibrate captioner --photos images --captions captions.jsonl --split dev
  attend evaluate captions --photos images --captions captions.jsonl --split test --plot confidence.svg`,
    )
    .action(async (options: CalibrateCaptionerOptions) => {
      const { calibrate } = await import('../actions/calibrate-captioner.ts');
      await calibrate(options);
    });
}
