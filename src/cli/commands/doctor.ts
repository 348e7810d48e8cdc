import { Option, type Command } from 'commander';
import { DEVICES } from '../../contract/constants/devices.ts';
import type { DoctorOptions } from '../options/doctor-options.ts';

/** `attend doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('say what runs here and what would be faster')
    .description(
      'Checks the installation: backend, versions, model files against their checksums; captions a test photo and translates a test sentence.',
    )
    .option('--json', 'print it as JSON')
    .option('-m, --model <dir>', 'check this captioner instead of the models of the package')
    .addOption(
      new Option('--device <where>', 'also try the graphics cards (gpu), or one, with a sample photo').choices(DEVICES),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  attend doctor\n  attend doctor --json\n  attend doctor --model my-model\n  attend doctor --device gpu',
    )
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../actions/doctor.ts');
      await doctor(options);
    });
}
