import { realpathSync } from 'node:fs';
import { UsageError } from '../exit.ts';

/**
 * Lets no result take the place of what it is made from: a photo, a text, the references.
 *
 * @param output nothing: standard output
 * @param inputs files that the command reads; they need not exist
 * @throws UsageError where the output is one of them, perhaps by another name
 */
export function refuseToOverwrite(output: string | undefined, inputs: Iterable<string>): void {
  if (output === '') throw new UsageError('--output names no file.');
  const place = output === undefined ? undefined : realPath(output);
  // Nothing is there yet: nothing can be lost.
  if (place === undefined) return;
  for (const input of inputs) {
    if (realPath(input) !== place) continue;
    throw new UsageError(`--output would overwrite ${input}, which this command reads. Choose another file.`);
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
