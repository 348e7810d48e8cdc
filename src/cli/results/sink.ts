import { open, type FileHandle } from 'node:fs/promises';
import { isStream, reasonFor } from '../../files/write-file.ts';
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
 * A file, from its beginning or from its end on.
 * @param named what messages call it
 * @throws Error that says why it cannot be opened
 */
export async function fileSink(path: string, append: boolean, named = path): Promise<Sink> {
  const explained = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw new Error(`cannot write ${named}: ${reasonFor(error)}`, { cause: error });
    }
  };
  const file: FileHandle = await explained(() => open(path, append || isStream(path) ? 'a' : 'w'));
  return {
    write: (text) => explained(() => file.appendFile(text)),
    close: () => explained(() => file.close()),
  };
}
