import { randomBytes } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../files/make-folder.ts';
import { withoutMark } from '../../files/read-file.ts';
import { readWhole } from '../../files/read-whole.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { takeLock } from '../../files/system-lock.ts';

/** Who holds a data folder, as it says of itself. */
const Holder = z.object({
  pid: z.number(),
  door: z.enum(['electron', 'browser']),
  /** Where its pages are, with the token that opens them; null for the app, which has a window. */
  address: z.string().nullable(),
});
export type Holder = z.infer<typeof Holder>;

/** A data folder that this process holds. */
export interface HeldData {
  /** Where the library lies. */
  readonly session: string;
  /** Tells the next one that comes where to find this one. */
  announce(holder: Holder): Promise<void>;
  /** A secret of this folder, made at the first time: whoever can read the folder may know it. */
  token(): Promise<string>;
  release(): Promise<void>;
}

/** Another process has the library open: two that wrote the same one would lose each other's captions. */
export class DataInUseError extends Error {
  /** Where it was told. */
  readonly holder: Holder | undefined;

  constructor(data: string, holder: Holder | undefined) {
    const who = holder?.door === 'electron' ? 'The Attend app' : 'Another Attend';
    const process = holder ? ` (process ${holder.pid})` : '';
    const where = holder?.address ? ` Its pages are at ${holder.address}` : ' Use that one, or end it first.';
    super(
      `${who}${process} has the photos and captions of ${data} open.${where} (To have others beside them, set ATTEND_DATA to another folder.)`,
    );
    this.name = 'DataInUseError';
    this.holder = holder;
  }
}

/**
 * Takes a data folder for this process; it is made where it is missing, for its owner's eyes alone.
 *
 * @throws DataInUseError where another process holds it; Error with a sentence for a person where it cannot be had
 */
export async function holdData(data: string): Promise<HeldData> {
  const session = join(data, 'session');
  try {
    await makeFolder(session, 0o700);
    // One that an earlier Attend made was open to others.
    await chmod(data, 0o700).catch(() => undefined);
  } catch (error) {
    throw new Error(`Attend cannot keep its photos and captions in ${data}: ${explain(error)}`, { cause: error });
  }
  const lock = await takeLock(data);
  const file = join(data, 'running.json');
  if (!lock) throw new DataInUseError(data, await readHolder(file));
  return {
    session,
    announce: (holder) => writeFileAtomically(file, JSON.stringify(holder)).catch(() => undefined),
    token: () => keptToken(join(data, 'token')),
    async release() {
      await rm(file, { force: true }).catch(() => undefined);
      await lock.release();
    },
  };
}

async function keptToken(file: string): Promise<string> {
  const kept = withoutMark(await readWhole(file).then(String, () => '')).trimEnd();
  if (/^[\w-]{32,}$/.test(kept)) return kept;
  const token = randomBytes(24).toString('base64url');
  // Where it cannot be kept, the next start has another one.
  await writeFileAtomically(file, token)
    .then(() => chmod(file, 0o600))
    .catch(() => undefined);
  return token;
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(String(await readWhole(file))));
  } catch {
    return undefined;
  }
}

function explain(error: unknown): string {
  const wayOn = 'Set ATTEND_DATA to another folder.';
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `the folder cannot be written. Change its permissions, or set ATTEND_DATA to another one.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full. Free some space, or set ATTEND_DATA to a folder on another one.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `there is a file where a folder should be. ${wayOn}`;
    default:
      return `${error instanceof Error ? error.message : String(error)}. ${wayOn}`;
  }
}
