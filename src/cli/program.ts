import { Command } from 'commander';
import { packageVersion } from '../files/package-root.ts';
import { addCalibrateCommand } from './commands/calibrate.ts';
import { addCaptionCommand } from './commands/caption.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExportCommand } from './commands/export.ts';
import { addHelpCommand } from './commands/help.ts';
import { addModelsCommand } from './commands/models.ts';
import { addServeCommand } from './commands/serve.ts';
import { addTrainCommand } from './commands/train.ts';
import { addTranslateCommand } from './commands/translate.ts';
import { refuseTwice } from './refuse-twice.ts';

/** The whole command line. Commands load what they need when they run, so that `--help` is quick. */
export function createProgram(): Command {
  const program = new Command('attend')
    .description(
      'Captions photos and translates text, and shows where it looked for every word, on this computer, offline.',
    )
    .version(packageVersion())
    // All before the commands are added: they take these settings over.
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  addCaptionCommand(program);
  addTranslateCommand(program);
  addServeCommand(program);
  addEvaluateCommand(program);
  addModelsCommand(program);
  addDoctorCommand(program);
  addTrainCommand(program);
  addCalibrateCommand(program);
  addExportCommand(program);
  addHelpCommand(program);
  refuseTwice(program);
  return program.addHelpText(
    'after',
    `
Examples:
  attend caption holiday.jpg                    a caption
  attend caption photos --overlay out           captions, and pictures of where the model looked
  attend caption photos -r --jsonl -o out.jsonl captions of a whole tree of folders, into a file
  attend serve --open                           the same in a browser, with mouse and keyboard
  attend translate --to de A dog runs.          a translation; also of files and of what is typed
  attend models                                 the models that are there; also adds published ones
  attend doctor                                 what runs here, and what would be faster

Environment:
  ATTEND_BACKEND=onnx|native|wasm  forces how the arithmetic is done
  ATTEND_DEVICE=cpu|gpu|NAME       where photos are encoded, as --device has it
  ATTEND_CACHE=DIR                 where what can be made again is kept
  ATTEND_DEBUG=1                   shows where an error comes from

Exit codes: 0 all done, 1 something failed or there was nothing to caption, 2 wrong usage, 130 interrupted.`,
  );
}
