import { Option, type Command } from 'commander';
import { MAP_KINDS } from '../../contract/constants/map-kinds.ts';
import { WORDINGS } from '../../contract/constants/wordings.ts';
import { addDeviceOption } from '../device-option.ts';
import { addFlipOption } from '../flip-option.ts';
import { collected, listOf, nonNegativeNumber, share, wholeNumber } from '../option-values.ts';
import type { CaptionCommandOptions } from '../options/caption-options.ts';
import { OVERLAY_FORMATS } from '../options/overlay-formats.ts';
import { EXISTING, WRITE_FORMATS } from '../options/write-formats.ts';

/** `attend caption`. */
export function addCaptionCommand(program: Command): void {
  const command = program
    .command('caption')
    .summary('caption photos')
    .description(
      'Captions photos: a line a photo, or JSON with the words, their probabilities and where the model looked for each.',
    )
    .argument(
      '<paths...>',
      'photos, folders, patterns ("holiday/*.jpg"), or - for paths on standard input, a line or a zero byte each',
    )
    .addOption(new Option('--json', 'print one JSON array').conflicts(['jsonl', 'csv']))
    .addOption(new Option('--jsonl', 'print a line of JSON as each photo is done').conflicts(['json', 'csv']))
    .addOption(
      new Option('--csv', 'print a table: file, width, height, caption, score, error, confidence, not sure').conflicts([
        'json',
        'jsonl',
      ]),
    )
    .option('--byte-order-mark', 'begin a table with a mark by which spreadsheets know its letters')
    .option('-o, --output <file>', 'write the results to a file instead of standard output')
    .option('--alternatives <n>', 'also give the next best captions of each photo, so many', wholeNumber(0, 100), 0)
    .option('--alternatives-with-maps', 'in JSON, give these their words and maps as well')
    .option('--beam <n>', 'how many captions are followed at once; 1 is greedy', wholeNumber(1, 100))
    .option('--length-normalisation <n>', 'how much longer captions are preferred; 0 is not at all', nonNegativeNumber)
    .option('--start <text>', 'how every caption must begin, as in "a dog"');
  addFlipOption(
    command,
    'test-time flip: look at the mirrored photo as well; slower, a little better',
    'do not, where the model would',
  )
    .option('--keywords', 'also give the things that each photo shows, as words to file it under')
    .option('--language <language>', 'translate the captions, and carry the maps over, as in de')
    .option(
      '--layer <n>',
      'maps of this layer of a model that has several, from 1 (default: of all)',
      wholeNumber(1, 1000),
    )
    .option('--head <n>', 'maps of this head, from 1 (default: of all)', wholeNumber(1, 1000))
    .option('--rollout', 'carry the maps back through the layers of a Vision Transformer to the patches')
    .addOption(
      new Option(
        '--maps <kind>',
        'looked: where the model looked (default); posterior: where it looked, given the word that it then said; ' +
          'mattered: what each word depends on, by a look for each cell; slow',
      ).choices(MAP_KINDS),
    )
    .option('--overlay <dir>', 'draw where the model looked, into this folder')
    .option('--format <list>', `what to draw: ${OVERLAY_FORMATS.join(', ')} (default: png)`, listOf(OVERLAY_FORMATS))
    .option(
      '--write <list>',
      'write the caption beside each photo: xmp (a sidecar), embed (its own metadata), txt',
      listOf(WRITE_FORMATS),
    )
    .addOption(
      new Option('--existing <mode>', 'with --write, where a text stands already (default: skip)').choices(EXISTING),
    )
    .option('--no-keep-times', 'with --write embed, the files of photos get the time of writing')
    .addOption(
      new Option(
        '--wording <how>',
        'plain: as the model says it (default); careful: more general words where it is not sure',
      ).choices(WORDINGS),
    )
    .option('--min-confidence <n>', 'below this a caption is marked as not sure, 0 to 1 (default: 1/3)', share)
    .option('--include-unsure', 'with --write, also captions marked as not sure go into xmp and embed')
    .option('-r, --recursive', 'search folders inside folders')
    .option(
      '--exclude <pattern>',
      'leave out what is called so, as in "*.png" or "drafts"; may be given again',
      collected,
    )
    .option('--resume', 'go on after an interruption: skip the photos that --output, --overlay or --write already have')
    .option(
      '--lines',
      'be a filter: answer each line of standard input, a path or { "file", "id"? }, with a line of JSON',
    )
    .option('--threads <n>', 'use so many threads at most (default: all of the machine)', wholeNumber(1, 1024));
  addDeviceOption(
    command,
    'where photos are encoded: the processor (default), a graphics card that is right and faster, or one',
  )
    .option('-m, --model <dir>', 'the model: its folder or its name')
    .option('--translator <dir>', 'the model for --language: its folder or its name')
    .addOption(
      new Option('--batch <n>', 'photos that are captioned together').argParser(wholeNumber(1, 256)).hideHelp(),
    )
    .addHelpText(
      'after',
      `
Pictures (--overlay): png is a sheet of all words and a picture of each; svg is the sheet with cells as shapes; webp and
gif go through the caption word by word; json holds words, probabilities, grid and weights. In the folder, attend.jsonl
keeps a line for each photo that is done.

With --maps mattered the pictures show by how much each word's probability falls where the photo is blank around a cell;
with --maps posterior where the model looked once its word is known, of recurrent captioners. In JSON, words have it as
"mattered" or "posterior", beside "weights", which stay where the model looked.

Beside photos (--write): a sidecar is called photo.jpg.xmp, or as the one that is there; embed leaves pixels and all other
metadata as they are. With --keywords, keywords are written, too. --existing skip leaves what stands there, append adds to
it, overwrite replaces it; what is in other languages stays. What cannot be written is reported, and the others go on.

Wording (--wording careful): "a person" for a man or woman whose gender is a guess, "an animal" for a dog that may be none;
JSON keeps the model's own words beside what is "said", and keywords stay as they are. It needs a calibrated model.

Not sure: a caption whose confidence is below --min-confidence is listed and marked, and left out of --write xmp and embed
unless --include-unsure asks for it; models without a calibration mark none. What is written says in
photoshop:CaptionWriter that nobody has reviewed it.

A photo that cannot be read is reported, and the others go on. With --resume, photos that failed are tried again. It
needs --jsonl with --output, or --overlay: there it sees what is done (with both, in both); or --write alone, and skips the
photos beside which everything that it would write stands already.

As a filter (--lines, with - for the photos): one answer a line, in the order of the lines, as soon as it is known; a photo
that cannot be captioned has "error" in its line, and the exit code stays 0. "id" comes back as it was given.

Examples:
  attend caption dog.jpg
  attend caption "holiday/**/*.jpg" --alternatives 2 --beam 5
  attend caption holiday --recursive --jsonl --output captions.jsonl --resume
  attend caption dog.jpg --overlay maps --format png,svg
  attend caption dog.jpg --overlay maps --maps posterior
  attend caption dog.jpg --overlay maps --maps mattered
  attend caption dog.jpg --start "two dogs"
  attend caption dog.jpg --language de --overlay maps
  attend caption archive --recursive --keywords --csv --output archive.csv
  attend caption archive --recursive --write xmp,embed --keywords --existing append
  find . -name "*.jpg" | attend caption - --csv > captions.csv`,
    )
    .action(async (paths: string[], options: CaptionCommandOptions) => {
      if (options.lines) {
        const { captionLines } = await import('../actions/caption-lines.ts');
        await captionLines(paths, options);
      } else {
        const { caption } = await import('../actions/caption.ts');
        await caption(paths, options);
      }
    });
}
