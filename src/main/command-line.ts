import { resolve } from 'node:path';

/**
 * The photos and folders that a command line names.
 * @param argv as in `process.argv`
 * @param isPackaged an app that is developed is started as `electron FOLDER …`
 * @param cwd what relative paths are relative to
 */
export function filesOnCommandLine(argv: readonly string[], isPackaged: boolean, cwd: string): string[] {
  const own = argv.slice(isPackaged ? 1 : 2);
  const end = own.indexOf('--');
  // Chromium's switches come among them; after "--" there are none.
  const paths = [
    ...own.slice(0, end < 0 ? undefined : end).filter((one) => !one.startsWith('-')),
    ...(end < 0 ? [] : own.slice(end + 1)),
  ];
  return paths.filter((path) => path !== '').map((path) => resolve(cwd, path));
}
