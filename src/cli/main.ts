import { CommanderError } from 'commander';
import { ClosedOutput, EXIT, UsageError } from './exit.ts';
import { createProgram } from './program.ts';

/**
 * Runs the command line. Every error ends here: a person gets its message, and with ATTEND_DEBUG=1 its stack.
 * @param argv as in `process.argv`
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever writes gets the error too; without a listener it would end the process with a stack trace.
    stream.on('error', () => undefined);
  }
  const die = (error: unknown): void => process.exit(report(error));
  process.once('uncaughtException', die);
  process.once('unhandledRejection', die);
  try {
    await createProgram().parseAsync(argv);
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    return report(error);
  }
}

/** What the system says of a process and not of a file, in a sentence. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'uv_cwd') return 'The folder that you are in is not there any more. Go to another one.';
  if (code === 'EMFILE' || code === 'ENFILE') {
    return 'Too many files are open. Allow more (ulimit -n), or end other programs.';
  }
  return message;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its message, or the help that was asked for.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof ClosedOutput) return EXIT.done;
  const message = messageOf(error);
  process.stderr.write(`error: ${message}\n`);
  if (process.env['ATTEND_DEBUG'] && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      process.stderr.write(`${cause.stack}\n`);
  }
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
