import type { Command } from 'commander';
import { wholeNumber } from './option-values.ts';
import { requireOption } from './required-option.ts';

/** Photos with captions that people wrote, as the command line is told where they are. */
export interface CaptionedPhotosOptions {
  photos: string;
  captions: string;
  split?: string;
  limit?: number;
}

/**
 * Adds the options that name photos and their captions.
 * @param withoutSplit which photos are meant where no split is named
 * @param fewest the smallest number that `--limit` takes
 */
export function addCaptionedPhotosOptions(
  command: Command,
  { fewest = 1, withoutSplit = 'every photo of the file' }: { fewest?: number; withoutSplit?: string } = {},
): Command {
  requireOption(command, '--photos <dir>', 'the folder of the photos');
  requireOption(command, '--captions <file>', 'JSON lines { "file", "captions": [...], "split"? }');
  return command
    .option('--split <name>', `only the photos of this split (default: ${withoutSplit})`)
    .option('--limit <n>', 'only the first photos, so many', wholeNumber(fewest));
}
