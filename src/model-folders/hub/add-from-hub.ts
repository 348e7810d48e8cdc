import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import { cacheFolder } from '../../files/cache-folder.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { readJson } from '../../files/read-file.ts';
import { installedFolder } from '../installed-models.ts';
import { addModel, type AddedModel } from '../published/add-model.ts';
import { publishedFamily } from '../published/read-published.ts';
import { downloadFile, loadedOf } from './download-file.ts';
import { assertRoom, type FreeSpace } from './free-space.ts';
import type { HubConnection } from './hub-connection.ts';
import { askHub, type HubModel } from './hub-model.ts';

/** What can be said of a model on the Hub before it is loaded. */
export interface HubOffer extends HubModel {
  /** What its authors call its kind. */
  readonly family: string;
  /** How much of it was loaded before and will not be loaded again. */
  readonly loaded: number;
}

/** How far the loading is, in bytes of all files. */
export interface HubProgress {
  /** `convert`: the weights are written in Attend's own form. */
  readonly stage: 'load' | 'convert';
  readonly bytes: number;
  readonly of: number;
}

interface Asking {
  signal?: AbortSignal | undefined;
  /** Default: in `cacheFolder()`. */
  cache?: string;
  freeSpace?: FreeSpace;
}

/**
 * Asks what a model of the Hub is. Of its files `config.json` alone is loaded, which says of what family it is.
 * @throws Error with a sentence, also where Attend cannot run such a model or there is no room for it
 */
export async function offerFromHub(
  connection: HubConnection,
  name: string,
  { cache = cacheFolder(), freeSpace, revision, signal }: Asking & { revision?: string | undefined } = {},
): Promise<HubOffer> {
  const model = await askHub(connection, name, { revision, signal });
  const folder = folderOf(model, cache);
  const config = model.files.find(({ file }) => file === 'config.json')!;
  await makeFolder(folder);
  await downloadFile(connection, model, config, folder, { signal });
  const family = publishedFamily(await readJson(join(folder, config.file)), `config.json of ${model.name}`).name;
  const loaded = await allLoaded(model, folder);
  await assertRoom(
    [
      { folder, bytes: model.bytes - loaded },
      // The same weights, of half the bytes where they were float32.
      { folder: installedFolder(), bytes: model.bytes },
    ],
    freeSpace,
  );
  return { ...model, family, loaded };
}

/**
 * Loads a model that was offered and adds it. An interruption, of whatever kind, keeps what was loaded: the same again
 * goes on from there. When the model is added, what was loaded goes.
 * @throws AttendError with a sentence, also where it is being loaded already
 */
export async function addFromHub(
  connection: HubConnection,
  offer: HubOffer,
  {
    cache = cacheFolder(),
    report = () => undefined,
    signal,
  }: Omit<Asking, 'freeSpace'> & { report?: (progress: HubProgress) => void } = {},
): Promise<AddedModel> {
  const { licence, name, revision } = offer;
  const folder = folderOf(offer, cache);
  if (loading.has(folder)) {
    throw new AttendError('bad-request', `${name} is being loaded already. Wait until that is done, or stop it.`);
  }
  loading.add(folder);
  try {
    await makeFolder(folder);
    let done = 0;
    for (const file of offer.files) {
      const tell = (bytes: number): void => report({ stage: 'load', bytes: done + bytes, of: offer.bytes });
      await downloadFile(connection, offer, file, folder, { report: tell, signal });
      done += file.bytes;
    }
    signal?.throwIfAborted();
    report({ stage: 'convert', bytes: offer.bytes, of: offer.bytes });
    const added = await addModel(folder, { name, revision, ...(licence !== undefined && { licence }) });
    await rm(folder, { recursive: true, force: true });
    return added;
  } finally {
    loading.delete(folder);
  }
}

/** Where something is being loaded to: two would write into the same files. */
const loading = new Set<string>();

/** Where a model is loaded to; each commit has its own, so that parts of two are never put together. */
function folderOf({ name, revision }: Pick<HubModel, 'name' | 'revision'>, cache: string): string {
  // What names a model's languages is the last part of its name.
  return join(cache, 'hub', revision, ...name.split('/'));
}

async function allLoaded({ files }: HubModel, folder: string): Promise<number> {
  const sizes = await Promise.all(files.map((file) => loadedOf(folder, file)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
