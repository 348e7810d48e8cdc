import { Option, type Command } from 'commander';

/**
 * Adds an option that must be given. Commander's own `requiredOption` complains before it has looked at
 * misspelt options, and so never gets to say which was meant.
 */
export function requireOption(command: Command, flags: string, description: string): Command {
  const option = new Option(flags, `${description} (required)`);
  return command.addOption(option).hook('preAction', (_, acting) => {
    if (acting.getOptionValue(option.attributeName()) === undefined) {
      acting.error(`error: required option '${flags}' not specified`);
    }
  });
}
