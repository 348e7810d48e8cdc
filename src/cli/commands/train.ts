import type { Command } from 'commander';
import { requireOption } from '../required-option.ts';
import type { TrainCaptionerOptions } from '../options/train-captioner-options.ts';
import type { TrainTranslatorOptions } from '../options/train-translator-options.ts';

/** `attend train captioner` and `attend train translator`. */
export function addTrainCommand(program: Command): void {
  const train = program.command('train').description('train a model from a configuration');
  const captioner = train
    .command('captioner')
    .summary('train a captioner on photos with captions')
    .description(
      'Trains a captioner on photos with captions. Ctrl-C stops it; the same command goes on where it stopped.',
    );
  requireOption(captioner, '--config <file>', 'the configuration, configs/captioner-….json');
  requireOption(captioner, '--photos <dir>', 'the folder of the photos');
  requireOption(
    captioner,
    '--captions <file>',
    'JSON lines { "file", "captions": [...], "split"?: "train" | "dev" | ... }',
  );
  captioner
    .option(
      '--encoders <dir>',
      'the folder of pretrained encoders: NAME/graph.json and NAME/model.safetensors, or a captioner NAME whose encoder ' +
        'is taken (default: the models that come with Attend)',
    )
    .option('--runs <dir>', 'where runs are kept', 'runs')
    .option('--cache <dir>', 'where decoded photos and features are kept', '.cache')
    .option(
      '--pack <dir>',
      'train nothing; write what scripts/torch/train_captioner.py trains from beside the photos, for a machine with a ' +
        'graphics card',
    )
    .option('--python <file>', 'train with PyTorch: the Python that has it, e.g. python3')
    .addHelpText(
      'after',
      `
It needs the native backend (npm run setup:native).

Without splits in the captions, one photo in ten is kept to tell which epoch is best.

Examples:
  attend train captioner --config configs/captioner-own-photos.json --photos images --captions captions.jsonl
  attend train captioner --config configs/captioner-own-photos.json --photos images --captions captions.jsonl --python python3
  attend train captioner --config configs/captioner-soft.json --photos images --captions captions.jsonl --encoders weights`,
    )
    .action(async (options: TrainCaptionerOptions) => {
      const { trainCaptioner } = await import('../actions/train-captioner.ts');
      await trainCaptioner(options);
    });
  const translator = train
    .command('translator')
    .summary('train a translator on sentences with translations')
    .description(
      'Trains a translator on sentences with translations. Ctrl-C stops it; the same command goes on where it stopped.',
    );
  requireOption(translator, '--config <file>', 'the configuration, configs/translator-….json');
  requireOption(translator, '--data <dir>', "the folder that the configuration's texts are in");
  translator
    .option('--runs <dir>', 'where runs are kept', 'runs')
    .option(
      '--pack <dir>',
      'train nothing; write what scripts/torch/train_text.py trains from, for a machine with a graphics card',
    )
    .option('--python <file>', 'train with PyTorch: the Python that has it, e.g. python3')
    .addHelpText(
      'after',
      `
It needs the native backend (npm run setup:native).

Example:
  attend train translator --config configs/translator-multi30k-de.json --data translation
  attend train translator --config configs/translator-multi30k-de.json --data translation --python python3`,
    )
    .action(async (options: TrainTranslatorOptions) => {
      const { trainTranslator } = await import('../actions/train-translator.ts');
      await trainTranslator(options);
    });
}
