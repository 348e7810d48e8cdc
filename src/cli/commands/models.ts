import type { Command } from 'commander';

/** `attend models`, and what it does to them. */
export function addModelsCommand(program: Command): void {
  const command = program
    .command('models')
    .summary('list, add and remove models')
    .description('Lists the models that are there: what they are for, their size, and which one comes first.')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  attend models                             what is there
  attend models add opus-mt-en-de           a folder as its authors publish it (config.json, weights, vocabulary)
  attend models add Helsinki-NLP/opus-mt-en-de   from the Hugging Face Hub, once you have seen size and licence
  attend models default opus-mt-en-de       the first choice from now on
  attend models remove opus-mt-en-de`,
    )
    .action(async (options: { json?: boolean }) => {
      const { list } = await import('../actions/models.ts');
      await list(options);
    });
  command
    .command('add')
    .summary('add a published model')
    .description(
      'Adds a published model: MarianMT (opus-mt), BLIP, VisionEncoderDecoder (ViT with GPT-2), or Show, Attend and Tell (see scripts/convert). Its weights are kept as float16 with a checksum for each file, and a card that says where it comes from. From the Hub nothing is loaded before size and licence were shown and you have agreed; what was interrupted goes on. HF_ENDPOINT, HF_TOKEN, HTTPS_PROXY and NO_PROXY are heeded.',
    )
    .argument(
      '<model>',
      "the model's folder, as its authors publish it, or its name on the Hugging Face Hub: owner/name",
    )
    .option('--revision <revision>', 'of the Hub: a branch, a tag or a commit (default: the newest)')
    .option('--yes', 'of the Hub: load it without being asked')
    .action(async (model: string, options: { revision?: string; yes?: boolean }) => {
      const { add } = await import('../actions/models.ts');
      await add(model, options);
    });
  command
    .command('remove')
    .description('Removes a model that was added.')
    .argument('<name>', "the model's name")
    .action(async (name: string) => {
      const { remove } = await import('../actions/models.ts');
      await remove(name);
    });
  command
    .command('default')
    .description('Makes a model the one that is taken where nobody names another.')
    .argument('<name>', "the model's name")
    .action(async (name: string) => {
      const { choose } = await import('../actions/models.ts');
      await choose(name);
    });
}
