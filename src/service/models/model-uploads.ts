import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import { MOST_SENT, publishedFiles } from '../../contract/constants/published-files.ts';
import { dataSize } from '../../files/data-size.ts';
import { dataFolder } from '../../files/data-folder.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { safeName } from '../../files/safe-name.ts';
import { OutputError, reasonFor } from '../../files/write-file.ts';
import { assertRoom } from '../../model-folders/hub/free-space.ts';
import { newId } from '../library/entry.ts';

/** A folder that a page is sending. */
interface Upload {
  readonly folder: string;
  /** How large each file will be, and how much of it is there. */
  readonly files: ReadonlyMap<string, { readonly bytes: number; written: number }>;
  /** The pieces so far, one after the other; fails with the first that could not be written. */
  writing: Promise<void>;
  /** Whether somebody has it, whole, and adds it. */
  isEnded: boolean;
}

/** So long, in milliseconds, nobody waits with the next piece: what a crash has left goes. */
const ABANDONED = 24 * 3600 * 1000;
/** Pages that send at a time. */
const MOST_UPLOADS = 4;

/** The folders with models that pages in browsers send, file by file and piece by piece, until they are added or given up. */
export class ModelUploads {
  readonly #root: string;
  readonly #uploads = new Map<string, Upload>();

  /** @param cache the folder of what can be made again */
  constructor(cache: string) {
    this.#root = join(cache, 'uploads');
  }

  /**
   * @param name of the folder
   * @param files that will be sent of it
   * @throws AttendError where they are no model, are too large, or find no room
   */
  async begin(name: string, files: readonly { name: string; bytes: number }[]): Promise<string> {
    const names = files.map((file) => file.name);
    const { small, weights } = publishedFiles(names);
    const other = names.find((file, i) => names.indexOf(file) !== i || ![...small, ...weights].includes(file));
    if (other !== undefined) throw new AttendError('bad-request', `${other} is no file of a model that is sent once.`);
    const missing = !small.includes('config.json')
      ? `There is no published model in ${name}: config.json is missing.`
      : weights.length === 0
        ? `There are no weights in ${name}: it needs model.safetensors or pytorch_model.bin.`
        : undefined;
    if (missing !== undefined) throw new AttendError('bad-request', missing);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > MOST_SENT) {
      const told = `${name} has ${dataSize(bytes)}. A page sends ${dataSize(MOST_SENT)} at most: run “attend models add FOLDER”.`;
      throw new AttendError('too-large', told);
    }
    if (this.#uploads.size >= MOST_UPLOADS)
      throw new AttendError('bad-request', 'Other pages are sending models. Wait until one is done.');
    await this.#sweep();
    await assertRoom([
      { folder: this.#root, bytes },
      { folder: dataFolder(), bytes },
    ]);
    const id = newId();
    const folder = join(this.#root, id, safeName(name, 100));
    await makeFolder(join(this.#root, id));
    await mkdir(folder);
    this.#uploads.set(id, {
      folder,
      files: new Map(files.map((file) => [file.name, { bytes: file.bytes, written: 0 }])),
      writing: Promise.resolve(),
      isEnded: false,
    });
    return id;
  }

  /**
   * Takes the next piece of a file.
   * @param at where in the file it begins: where the one before it ended
   */
  async write(id: string, file: string, at: number, bytes: Uint8Array): Promise<void> {
    const upload = this.#get(id);
    const progress = upload.files.get(file);
    if (at !== progress?.written || at + bytes.length > progress.bytes) {
      throw new AttendError('bad-request', `This is not the next piece of ${file}.`);
    }
    progress.written += bytes.length;
    const path = join(upload.folder, file);
    // Pieces that are sent at the same time would be written into each other.
    upload.writing = upload.writing.then(async () => {
      try {
        await appendFile(path, bytes);
      } catch (error) {
        throw new OutputError(path, reasonFor(error), { cause: error });
      }
    });
    await upload.writing;
  }

  /**
   * Ends the sending of a folder: nothing more of it is taken, and nobody else has it. What was sent goes when it was used.
   * @param use is given the folder, whole
   * @throws AttendError where something of it is missing, could not be written, or somebody uses it already
   */
  async end<T>(id: string, use: (folder: string) => Promise<T>): Promise<T> {
    const upload = this.#get(id);
    const { files, folder, writing } = upload;
    upload.isEnded = true;
    try {
      await writing;
      for (const [file, { bytes, written }] of files) {
        if (written < bytes) throw new AttendError('bad-request', `${file} was not sent whole.`);
        // Of nothing there is no piece.
        if (bytes === 0) await appendFile(join(folder, file), '');
      }
      return await use(folder);
    } finally {
      await this.#remove(id);
    }
  }

  /** What was sent goes; one that is not there is fine, and one that is used goes after that. */
  async forget(id: string): Promise<void> {
    if (this.#uploads.get(id)?.isEnded !== true) await this.#remove(id);
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#uploads.keys()].map((id) => this.#remove(id)));
  }

  async #remove(id: string): Promise<void> {
    if (this.#uploads.delete(id)) await rm(join(this.#root, id), { recursive: true, force: true });
  }

  #get(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (!upload) throw new AttendError('not-found', 'Nothing of this folder is here any more. Add it again.');
    if (upload.isEnded) throw new AttendError('bad-request', 'This folder was sent, and is being added already.');
    return upload;
  }

  /** Removes what processes that ended badly have left. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#root).catch(() => [])) {
      const path = join(this.#root, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (!this.#uploads.has(name) && Date.now() - mtimeMs > ABANDONED)
        await rm(path, { recursive: true, force: true });
    }
  }
}
