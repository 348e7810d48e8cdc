import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { Library } from '../../src/service/library/library.ts';
import { temporaryFolder } from './tiny-captioner.ts';

/** A folder for libraries of a test. */
export interface LibraryHome {
  /** A folder that holds nothing else. */
  readonly folder: string;
  /** Where libraries are; it is not there yet. */
  readonly home: string;
  /** Opens a library, which is closed after the test. */
  readonly open: typeof Library.open;
}

/** A new folder for each test, removed after it; what a test opened is closed before. */
export function useLibraryHome(): LibraryHome {
  let folder: { path: string; remove: () => Promise<void> };
  const opened: Library[] = [];
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    for (const library of opened.splice(0)) await library.close().catch(() => undefined);
    await folder.remove();
  });
  return {
    get folder() {
      return folder.path;
    },
    get home() {
      return join(folder.path, 'library');
    },
    async open(...args) {
      const library = await Library.open(...args);
      opened.push(library);
      return library;
    },
  };
}
