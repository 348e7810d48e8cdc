import { Option, type Command } from 'commander';
import { DEVICES } from '../contract/constants/devices.ts';

/** Adds `--device` to a command. @param what it does there */
export function addDeviceOption(command: Command, what: string): Command {
  return command.addOption(new Option('--device <where>', what).choices(DEVICES));
}
