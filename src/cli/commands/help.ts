import type { Command } from 'commander';

/** `attend help train captioner`: commander's own help command looks at the first word only. */
export function addHelpCommand(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .argument('[command...]')
    .description('display help for command')
    .action(async (names: string[]) => {
      let command = program;
      for (const name of names) {
        // What stands behind a command that has none of its own is no command.
        if (command.commands.length === 0) break;
        const next = command.commands.find((one) => one.name() === name);
        // Commander complains, and says which was meant.
        if (!next) {
          await command.parseAsync([name], { from: 'user' });
          return;
        }
        command = next;
      }
      command.outputHelp();
    });
}
