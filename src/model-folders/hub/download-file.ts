import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import { OutputError, reasonFor } from '../../files/write-file.ts';
import { reasonOf, type HubConnection } from './hub-connection.ts';
import { refusal, type HubFile, type HubModel } from './hub-model.ts';

/** A connection that is cut so often in a row without a byte between is given up. */
const CUTS = 5;

/**
 * Loads a file of a model into a folder. What was loaded before goes on where it ended, within a run and from one run to
 * the next; the whole is compared with the Hub's checksum before it gets its name.
 *
 * @param report told how many bytes of the file are there
 * @throws AttendError with a sentence; what was loaded is kept where it can go on
 */
export async function downloadFile(
  connection: HubConnection,
  model: Pick<HubModel, 'name' | 'revision'>,
  wanted: HubFile,
  folder: string,
  { report = () => undefined, signal }: { report?: (bytes: number) => void; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const target = join(folder, wanted.file);
  const part = `${target}.part`;
  if (existsSync(target)) {
    report(wanted.bytes);
    return;
  }
  for (let cuts = 0, restarts = 0; ;) {
    const before = await sizeOf(part);
    if (before > wanted.bytes) await rm(part);
    else if (before === wanted.bytes && existsSync(part)) break;
    else {
      try {
        const goesOn = await loadOn(connection, model, wanted, part, before, { report, signal });
        if (!goesOn && ++restarts === RESTARTS) {
          throw new AttendError(
            'no-hub',
            `${connection.host} has less of ${wanted.file} of ${model.name} than it says. Nothing was added; try again later.`,
          );
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof CutError)) throw error;
        cuts = (await sizeOf(part)) > before ? 0 : cuts + 1;
        if (cuts === CUTS) {
          throw new AttendError(
            'no-hub',
            `The connection to ${connection.host} was cut while ${wanted.file} was loaded: ${reasonOf(error)}. ` +
              'What is there is kept; the same again goes on from there.',
            { cause: error },
          );
        }
        await connection.pause(1000 * 2 ** cuts, signal);
      }
    }
  }
  if (!(await isIntact(part, wanted))) {
    await rm(part);
    throw new AttendError(
      'no-hub',
      `${wanted.file} of ${model.name} arrived damaged: its checksum is not the one that ${connection.host} gives. Nothing was added; try again.`,
    );
  }
  await rename(part, target);
}

/** How much of a file is there already. */
export async function loadedOf(folder: string, { file }: HubFile): Promise<number> {
  return (await sizeOf(join(folder, file))) || (await sizeOf(join(folder, `${file}.part`)));
}

/** So often a file is begun again whose beginning the Hub does not know. */
const RESTARTS = 2;

/** The connection ended before the file did. */
class CutError extends Error {}

/** @returns whether what is there is a beginning of the file; where it is not, it is gone */
async function loadOn(
  connection: HubConnection,
  { name, revision }: Pick<HubModel, 'name' | 'revision'>,
  { bytes, file }: HubFile,
  part: string,
  before: number,
  { report, signal }: { report: (bytes: number) => void; signal: AbortSignal | undefined },
): Promise<boolean> {
  const response = await connection.fetch(`${connection.endpoint}/${name}/resolve/${revision}/${file}`, {
    ...(signal && { signal }),
    headers: {
      // Of what is packed on the way no part could be asked for.
      'accept-encoding': 'identity',
      ...(connection.token !== undefined && { authorization: `Bearer ${connection.token}` }),
      ...(before > 0 && { range: `bytes=${before}-` }),
    },
  });
  if (response.status === 416) {
    // What is there is no beginning of the file.
    await response.body?.cancel();
    await rm(part, { force: true });
    return false;
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw refusal(response.status, connection, `${file} of ${name}`);
  }
  const goesOn = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${before}-`);
  const handle = await open(part, goesOn ? 'a' : 'w').catch((error: unknown) => {
    throw new OutputError(part, reasonFor(error), { cause: error });
  });
  let there = goesOn ? before : 0;
  try {
    for await (const chunk of piecesOf(response.body)) {
      there += chunk.length;
      if (there > bytes) throw new AttendError('no-hub', `${file} of ${name} is longer than ${connection.host} says.`);
      await write(handle, chunk, part);
      report(there);
    }
  } finally {
    await handle.sync().catch(() => undefined);
    await handle.close();
  }
  if (there < bytes) throw new CutError('it ended too early');
  return true;
}

/** @throws CutError where the connection ends */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw new CutError('the connection ended', { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function write(handle: FileHandle, chunk: Uint8Array, part: string): Promise<void> {
  try {
    for (let done = 0; done < chunk.length;) done += (await handle.write(chunk, done)).bytesWritten;
  } catch (error) {
    throw new OutputError(part, reasonFor(error), { cause: error });
  }
}

/** Whether a file has the checksum that the Hub gives; true where it gives none. */
async function isIntact(path: string, { blob, bytes, sha256 }: HubFile): Promise<boolean> {
  const wanted = sha256 ?? blob;
  if (wanted === undefined) return true;
  const hash = createHash(sha256 === undefined ? 'sha1' : 'sha256');
  if (sha256 === undefined) hash.update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === wanted;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
