// Runs the app's main script, the first argument, as Electron does: the app becomes ready only after the script has run to
// its end, all that it awaits included (electron.mjs).
import { pathToFileURL } from 'node:url';

process.argv.splice(1, 1);
globalThis.mainHasRun = import(pathToFileURL(process.argv[1]).href);
await globalThis.mainHasRun;
