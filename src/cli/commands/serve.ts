import type { Command } from 'commander';
import { addDeviceOption } from '../device-option.ts';
import { wholeNumber } from '../option-values.ts';
import type { ServeOptions } from '../options/serve-options.ts';

/** `attend serve`. */
export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('open Attend in a browser')
    .description(
      'Starts Attend for a browser on this computer, and prints the address to open. Nobody else can reach it: it answers ' +
        'on the loopback interface only, to whoever knows the token in the address.',
    )
    .option('-p, --port <n>', 'the port; 0 takes a free one', wholeNumber(0, 65_535), 7388)
    .option('--open', 'open the address in the browser')
    .option('-m, --model <dir>', 'the captioner: its folder or its name')
    .option('--translator <dir>', 'the translator to take first: its folder or its name');
  addDeviceOption(command, 'where photos are encoded, instead of as the settings have it')
    .option('--upload-limit <MB>', 'the largest photo that a browser may send', wholeNumber(1, 800), 256)
    .addHelpText(
      'after',
      `
Scripts send the token as Bearer. With TOKEN from the address:
  curl -H "Authorization: Bearer TOKEN" --data-binary @dog.jpg http://127.0.0.1:7388/v1/caption
  curl -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" \\
    -d '{"text": "A dog runs.", "to": "de"}' http://127.0.0.1:7388/v1/translate
  curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:7388/openapi.json`,
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('../actions/serve.ts');
      await serve(options);
    });
}
