import type { Command } from 'commander';
import { requireOption } from '../required-option.ts';

export interface TrainOptions {
  config: string;
  photos: string;
  captions: string;
  encoders: string;
  runs: string;
  cache: string;
}

/** `attend train captioner`. */
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
  requireOption(
    captioner,
    '--encoders <dir>',
    'the folder of pretrained encoders (NAME/graph.json, NAME/model.safetensors)',
  );
  captioner
    .option('--runs <dir>', 'where runs are kept', 'runs')
    .option('--cache <dir>', 'where decoded photos and features are kept', '.cache')
    .addHelpText(
      'after',
      `
It needs the native backend (npm run setup:native).

Example:
  attend train captioner --config configs/captioner-soft.json --photos images --captions captions.jsonl --encoders weights`,
    )
    .action(async (options: TrainOptions) => {
      const { trainCaptioner } = await import('../actions/train-captioner.ts');
      await trainCaptioner(options);
    });
}
