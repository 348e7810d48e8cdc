import { resolve } from 'node:path';
import { z } from 'zod';
import { findCaptioner } from '../captioning/find-captioner.ts';

/** What a command line asks the app for. */
export interface CommandLine {
  /** Photos and folders to open, as whole paths. */
  files: string[];
  /** The captioner, and the translator to take first: a folder or a name, as somebody typed it. */
  model?: string;
  translator?: string;
  /** An option without its value. */
  incomplete?: string;
}

/** Chromium's switches come in the same list; these are ours, and take a value: `--model=DIR` or `--model DIR`. */
const OPTIONS: Readonly<Record<string, 'model' | 'translator'>> = {
  '--model': 'model',
  '-m': 'model',
  '--translator': 'translator',
};

/**
 * Reads a command line.
 * @param argv as in `process.argv`
 * @param isPackaged an app that is developed is started as `electron FOLDER …`
 * @param cwd what relative paths are relative to
 */
export function parseCommandLine(argv: readonly string[], isPackaged: boolean, cwd: string): CommandLine {
  const line: CommandLine = { files: [] };
  const paths: string[] = [];
  const own = argv.slice(1);
  let areOptionsOver = false;
  for (let at = 0; at < own.length; at++) {
    const argument = own[at]!;
    if (areOptionsOver || !argument.startsWith('-')) {
      paths.push(argument);
      continue;
    }
    if (argument === '--') {
      areOptionsOver = true;
      continue;
    }
    const [name, ...value] = argument.split('=');
    const option = Object.hasOwn(OPTIONS, name!) ? OPTIONS[name!] : undefined;
    if (option === undefined) continue;
    const text = value.length > 0 ? value.join('=') : (own[++at] ?? '');
    if (text === '' || (value.length === 0 && text.startsWith('-'))) line.incomplete = name!;
    else line[option] = text;
  }
  // Electron's switches may stand before the folder of the app.
  const files = isPackaged ? paths : paths.slice(1);
  line.files = files.filter((path) => path !== '').map((path) => resolve(cwd, path));
  return line;
}

/** What a second start of the app hands to the first: whatever else comes is nothing. */
const Handed = z.object({ files: z.array(z.string().min(1)).max(100_000) });

/** The files of a second start. Its command line may arrive in another order; this is what it made of it itself. */
export function filesOfSecondInstance(handed: unknown): string[] {
  const parsed = Handed.safeParse(handed);
  return parsed.success ? parsed.data.files : [];
}

/** What is wrong with a command line, before anything is loaded; undefined where nothing is. */
export async function problemOf({ incomplete, model, translator }: CommandLine): Promise<string | undefined> {
  if (incomplete !== undefined) return `${incomplete} needs a folder or a name, as in "${incomplete}=NAME".`;
  try {
    if (model !== undefined) findCaptioner(model);
    if (translator !== undefined) {
      // What reads models is large: it is not loaded at every start.
      const { findTranslator } = await import('../translation/find-translator.ts');
      await findTranslator({ model: translator });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
