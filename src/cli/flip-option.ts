import { Option, type Command } from 'commander';

/**
 * `--flip`: test-time flip, the photo's mirror image captioned along with it. What is chosen is the value `secondLook`, as
 * requests and models call it; so are the options called that it had before.
 *
 * @param asDefault what it means by itself
 * @param without what `--no-flip` means; left out: there is no such option
 */
export function addFlipOption(command: Command, asDefault: string, without?: string): Command {
  command
    .option('--flip', asDefault)
    .addOption(new Option('--second-look', 'the same').hideHelp())
    .on('option:flip', () => command.setOptionValue('secondLook', true));
  if (without === undefined) return command;
  return command
    .option('--no-flip', without)
    .addOption(new Option('--no-second-look', 'the same').hideHelp())
    .on('option:no-flip', () => command.setOptionValue('secondLook', false));
}
