import type { Command } from 'commander';
import { collected } from './option-values.ts';

/**
 * Has a command, and those below it, refuse an option that is given twice with two values, as in `--beam 3 --beam 4`:
 * which of them was meant is not to be guessed. Options that collect may be given again.
 */
export function refuseTwice(command: Command): void {
  for (const below of command.commands) refuseTwice(below);
  const given = new Map<string, string>();
  for (const option of command.options) {
    if (option.variadic || option.parseArg === collected) continue;
    const name = option.attributeName();
    command.on(`option:${option.name()}`, (text: unknown) => {
      const said = typeof text === 'string' ? `--${option.name()} ${text}` : `--${option.name()}`;
      const before = given.get(name) ?? said;
      if (before !== said) command.error(`error: both ${before} and ${said} are given; leave one of them out`);
      given.set(name, said);
    });
  }
}
