import { Command } from 'commander';

/** `attend train captioner`. */
export function trainCommand(): Command {
  const train = new Command('train').description('train a model from a configuration');
  train
    .command('captioner')
    .description('train a captioner on photos with captions; resumes where it was stopped')
    .requiredOption('--config <file>', 'the configuration, configs/captioner-….json')
    .requiredOption('--photos <dir>', 'the folder of the photos')
    .requiredOption('--captions <file>', 'JSON lines {"file", "captions": […], "split"?: "train" | "dev" | …}')
    .requiredOption('--encoders <dir>', 'the folder of pretrained encoders (NAME/graph.json, NAME/model.safetensors)')
    .option('--runs <dir>', 'where runs are kept', 'runs')
    .option('--cache <dir>', 'where decoded photos and features are kept', '.cache')
    .action(async (options: TrainOptions) => {
      const { trainCaptioner } = await import('../train-captioner.ts');
      await trainCaptioner(options);
    });
  return train;
}

export interface TrainOptions {
  config: string;
  photos: string;
  captions: string;
  encoders: string;
  runs: string;
  cache: string;
}
