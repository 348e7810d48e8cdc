import { spawn } from 'node:child_process';
import type { ExifTool } from 'exiftool-vendored';

/** Tags by group and name ("XMP-dc:Description"), each with its texts letter for letter. */
export type Tags = ReadonlyMap<string, readonly string[]>;

// JSONQ: also what looks like a number stays a text; "1.10" would come back as 1.1.
const LETTER_FOR_LETTER = ['-G1', '-api', 'StructFormat=JSONQ'];

/**
 * ExifTool's process, which ends within seconds after this one: it reads commands to the end of its input and then
 * waits for more, so it looks who its parent is (a new one has adopted it when ours is gone).
 */
const ENDS_WITH_PARENT =
  'my $parent = getppid(); $SIG{ALRM} = sub { exit if getppid() != $parent; alarm 1 }; alarm 1; $0 = shift; do $0';

/** ExifTool where it is there and runs. */
export async function startExifTool(): Promise<ExifTool | undefined> {
  try {
    const { DefaultExiftoolArgs, ExifTool } = await import('exiftool-vendored');
    const tool: ExifTool = new ExifTool({
      maxProcs: 1,
      taskTimeoutMillis: 60_000,
      // On Windows it is a program of its own, whose end is the system's affair.
      ...(process.platform === 'win32'
        ? {}
        : {
            processFactory: async () =>
              spawn('perl', ['-e', ENDS_WITH_PARENT, await tool.exiftoolPath(), ...DefaultExiftoolArgs], {
                stdio: 'pipe',
                env: { ...process.env, LANG: 'C' },
              }),
          }),
    });
    try {
      await awake(tool.version());
      return tool;
    } catch {
      await tool.end(false).catch(() => undefined);
      return undefined;
    }
  } catch {
    return undefined;
  }
}

/** Reads tags of a file. @param wanted as ExifTool names them; "XMP-dc:all" is all of a group */
export async function readTags(
  tool: ExifTool,
  file: string,
  wanted: readonly string[],
  options: readonly string[] = [],
): Promise<Tags> {
  const readArgs = [...LETTER_FOR_LETTER, ...options, ...wanted.map((name) => `-${name}`)];
  const read: unknown = await awake(tool.readRaw(file, { readArgs }));
  const entries = Object.entries(read as Record<string, unknown>);
  return new Map(entries.map(([name, value]) => [name, textsOf(value)]));
}

/** Writes tags into a file, letter for letter. */
export async function writeTags(
  tool: ExifTool,
  file: string,
  tags: ReadonlyMap<string, string | readonly string[]>,
  options: readonly string[] = [],
): Promise<void> {
  const encoded = [...tags].map(([name, value]) => [
    name,
    typeof value === 'string' ? asTyped(value) : value.map(asTyped),
  ]);
  const { warnings = [], ...count } = await awake(
    tool.write(file, Object.fromEntries(encoded) as Record<string, string>, {
      // In place, since this is a copy of the file with all that systems keep beside its bytes.
      writeArgs: ['-overwrite_original_in_place', ...options],
    }),
  );
  if (count.created + count.updated + count.unchanged === 0) throw new Error(warnings[0] ?? 'ExifTool wrote nothing');
}

/**
 * Keeps this process alive until an answer is there. ExifTool's process does not by itself: one that only waits for it,
 * as the command line does between two photos, would end in the middle.
 */
async function awake<T>(answer: Promise<T>): Promise<T> {
  const waiting = setInterval(() => undefined, 60_000);
  try {
    return await answer;
  } finally {
    clearInterval(waiting);
  }
}

/** An ampersand that was typed is no entity, which is what ExifTool is told that texts come with. */
function asTyped(text: string): string {
  return text.replaceAll('&', '&amp;');
}

function textsOf(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []));
}
