import { open, writeFile } from 'node:fs/promises';
import { isStream, OutputError, reasonFor, replaceFile } from '../../files/write-file.ts';
import { ClosedOutput } from '../exit.ts';

/** Where results go. Every write has arrived when its promise is kept. */
export interface Sink {
  write(text: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Standard output. */
export const standardOutput: Sink = {
  write: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => {
        if (!error) resolve();
        else if ((error as NodeJS.ErrnoException).code === 'EPIPE') reject(new ClosedOutput());
        else reject(new Error(`cannot write the results: ${reasonFor(error)}`, { cause: error }));
      });
    }),
  close: () => Promise.resolve(),
};

/**
 * A file that is gone on with, or begun anew: what stood there stays until the first of what comes in its place is on the
 * disk, so that a run that brings nothing takes nothing away.
 * @param named what messages call it
 * @throws Error that says why it cannot be written
 */
export async function fileSink(path: string, append: boolean, named = path): Promise<Sink> {
  const explained = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      if (error instanceof OutputError) throw error;
      throw new Error(`cannot write ${named}: ${reasonFor(error)}`, { cause: error });
    }
  };
  let file = await explained(() => open(path, 'a'));
  let isReplaced = append || isStream(path) || (await file.stat()).size === 0;
  const write = async (text: string | Uint8Array): Promise<void> => {
    if (isReplaced) return file.appendFile(text);
    await file.close();
    await replaceFile(path, (beside) => writeFile(beside, text));
    file = await open(path, 'a');
    isReplaced = true;
  };
  return {
    write: (text) => explained(() => write(text)),
    close: () => explained(() => file.close()),
  };
}
