import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addFlipOption } from '../../src/cli/flip-option.ts';

it.each([
  [['--flip'], true],
  [['--second-look'], true],
  [['--no-flip'], false],
  [['--no-second-look'], false],
  [['--no-flip', '--flip'], true],
  [[], undefined],
])('%s asks for test-time flip: %s', (args, expected) => {
  const command = addFlipOption(new Command(), 'both', 'one');
  command.parse(args, { from: 'user' });
  expect(command.opts()['secondLook']).toBe(expected);
});

it('is helped with by its new name only', () => {
  const help = addFlipOption(new Command(), 'both', 'one').helpInformation();
  expect(help).toContain('--no-flip');
  expect(help).not.toContain('second');
});
