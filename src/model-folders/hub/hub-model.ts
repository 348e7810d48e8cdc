import type { HubApiError } from '@huggingface/hub';
import { AttendError } from '../../contract/attend-error.ts';
import { publishedFiles } from '../../contract/constants/published-files.ts';
import type { HubConnection } from './hub-connection.ts';
import { isLicence } from '../published/published-card.ts';
import { hubReference } from './hub-name.ts';

/** A file of a model on the Hub. */
export interface HubFile {
  readonly file: string;
  readonly bytes: number;
  /** Of its content, where the Hub knows it: of large files. */
  readonly sha256?: string;
  /** Git's name for its content: SHA-1 of "blob BYTES\0" and the content. Of small files. */
  readonly blob?: string;
}

/** A model on the Hub: what it is, before anything of it is loaded. */
export interface HubModel {
  /** "owner/name". */
  readonly name: string;
  /** The commit; a branch may go on meanwhile. */
  readonly revision: string;
  /** As its authors state it; undefined where they don't. */
  readonly licence: string | undefined;
  /** Those that Attend needs, the small ones first. */
  readonly files: readonly HubFile[];
  /** Of these together. */
  readonly bytes: number;
}

/**
 * Asks the Hub what a model is.
 * @param wanted its name, or the address of its page
 * @param revision a branch, a tag or a commit; default: that of the address, or the newest
 * @throws AttendError with a sentence: no such model or revision, no access, no weights that Attend reads, no connection
 */
export async function askHub(
  connection: HubConnection,
  wanted: string,
  options: { revision?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<HubModel> {
  const reference = hubReference(wanted, connection.host);
  if (!reference) {
    const told = `"${wanted}" is no name of a model on the Hub: it has the form owner/name.`;
    throw new AttendError('bad-request', told);
  }
  const { name } = reference;
  const { signal, revision = reference.revision ?? 'main' } = options;
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const ask = {
    hubUrl: connection.endpoint,
    fetch: ((input: string, init?: RequestInit) =>
      connection.fetch(input, { ...init, ...(signal && { signal }) })) as typeof fetch,
    ...(connection.token !== undefined && { accessToken: connection.token }),
  };
  try {
    const info = await modelInfo({ ...ask, name, revision, additionalFields: ['sha', 'cardData'] });
    if (!/^[0-9a-f]{40}$/.test(info.sha))
      throw new AttendError('no-hub', `${connection.host} gave no commit of ${name}.`);
    const all: HubFile[] = [];
    let listed = 0;
    for await (const { lfs, oid, path, size, type } of listFiles({ ...ask, repo: name, revision: info.sha })) {
      if (++listed > MOST_FILES) throw refused(`${name} lists more than ${MOST_FILES} files: it is no model.`);
      if (type !== 'file') continue;
      const bytes: unknown = lfs?.size ?? size;
      if (!Number.isSafeInteger(bytes) || (bytes as number) < 0) {
        throw new AttendError('no-hub', `${connection.host} does not say how large ${path} of ${name} is.`);
      }
      all.push({ file: path, bytes: bytes as number, ...(lfs ? { sha256: lfs.oid } : oid ? { blob: oid } : {}) });
    }
    const files = neededFiles(name, all);
    return {
      name,
      revision: info.sha,
      licence: licenceOf(info.cardData),
      files,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw describe(error, connection, name, revision);
  }
}

/** A list that does not end is not waited for. */
const MOST_FILES = 20_000;

const CONFIG = 'config.json';

/** The files that Attend takes, the small ones first. */
function neededFiles(name: string, all: readonly HubFile[]): HubFile[] {
  const { small, weights } = publishedFiles(all.map(({ file }) => file));
  if (!small.includes(CONFIG)) throw refused(`${name} has no ${CONFIG}: it is no model that Attend can run.`);
  if (weights.length === 0) {
    throw refused(`${name} has no weights that Attend reads: it needs model.safetensors or pytorch_model.bin.`);
  }
  return all.filter(({ file }) => small.includes(file) || weights.includes(file)).toSorted((a, b) => a.bytes - b.bytes);
}

function licenceOf(card: unknown): string | undefined {
  const { license, license_name: name } = (card ?? {}) as { license?: unknown; license_name?: unknown };
  const stated = license === 'other' && typeof name === 'string' ? name : license;
  const all = (Array.isArray(stated) ? stated : [stated]).filter((one) => typeof one === 'string');
  return all.filter(isLicence).join(', ') || undefined;
}

/** What went wrong, in a sentence that says what to do. */
function describe(error: unknown, connection: HubConnection, name: string, revision: string): Error {
  const status = (error as Partial<HubApiError>).statusCode;
  if (status === undefined) return error instanceof Error ? error : new Error(String(error));
  return refusal(status, connection, `${name} (${revision})`, error);
}

/** Of what is there and no model that Attend takes. */
function refused(told: string): AttendError {
  return new AttendError('bad-request', told);
}

/** What a status of the Hub means for somebody who wants a model. @param what as messages name it */
export function refusal(status: number, connection: HubConnection, what: string, cause?: unknown): AttendError {
  const isOfModel = [401, 403, 404].includes(status);
  return new AttendError(isOfModel ? 'not-found' : 'no-hub', sentenceOf(status, connection, what), { cause });
}

function sentenceOf(status: number, { host, token }: HubConnection, what: string): string {
  const own = token === undefined ? 'HF_TOKEN is not set' : 'the token of HF_TOKEN does not open it';
  switch (status) {
    case 401:
      return `${host} does not show ${what}: there is no such model, or it is private, and ${own}.`;
    case 403:
      return `${host} does not give ${what} to you: its authors want their terms to be accepted on its page first, and ${own}.`;
    case 404:
      return `There is no ${what} on ${host}. Its name has the form owner/name, as its page shows it.`;
    default:
      return `${host} answered ${status} when asked for ${what}.`;
  }
}
