import { isPassedOver } from '../../../photos/passed-over.ts';
import { hasPhotoEnding, PHOTO_ENDINGS } from '../../../photos/photo-endings.ts';
import type { DroppedFolder } from '../../../client/attend-client.ts';
import { i18n } from '../../i18n/i18n.svelte.ts';
import type { App } from '../../state/app.svelte.ts';

/** What a page's own file dialog offers; the service says of each file whether it can be read. */
const ACCEPT = ['image/*', ...PHOTO_ENDINGS.map((ending) => `.${ending}`)].join();

/** Lets the user choose photos, or a folder of them: in the system's dialog, or the page's own in a browser. */
export async function openPhotos(app: App, kind: 'files' | 'folder'): Promise<void> {
  if (app.client.door === 'electron') {
    await app.library.add(app.client.request('photos.dialog', { kind }));
    return;
  }
  await app.library.addFiles(await chooseFiles(kind === 'folder' ? { folder: true } : { accept: ACCEPT }));
}

/** Adds the picture on the clipboard, as the menu asks for it. */
export async function pastePhoto(app: App): Promise<void> {
  if (app.client.door === 'electron') {
    await app.library.add(app.client.request('photos.paste', {}), i18n.t.add.nothingToPaste);
    return;
  }
  // Who may not look at the clipboard finds nothing there.
  const files = await clipboardPictures().catch(() => []);
  if (files.length === 0) app.problem(i18n.t.add.nothingToPaste);
  else await app.library.addFiles(files);
}

async function clipboardPictures(): Promise<File[]> {
  const files: File[] = [];
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((name) => name.startsWith('image/'));
    if (type) files.push(new File([await item.getType(type)], `pasted.${type.slice('image/'.length)}`, { type }));
  }
  return files;
}

/**
 * The page's own file dialog. Empty where the user chose nothing. Of a folder only what may be a photo comes; what was
 * chosen by itself is meant, whatever it is.
 */
export async function chooseFiles(options: { accept?: string; folder?: boolean; one?: boolean }): Promise<File[]> {
  const files = await choose(options);
  return options.folder ? files.filter(isWorthReading) : files;
}

function choose(options: { accept?: string; folder?: boolean; one?: boolean }): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = options.one !== true;
  if (options.accept !== undefined) input.accept = options.accept;
  if (options.folder) input.webkitdirectory = true;
  return new Promise((resolve) => {
    input.addEventListener('cancel', () => resolve([]));
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.click();
  });
}

/** What was dropped. */
export interface Dropped {
  files: File[];
  /** What the browser has no access to, by its path from what was dropped on; the others are there. */
  unread: string[];
}

/**
 * The files of what was dropped: those of folders too, where the browser gives folders. Of several files hidden ones are
 * passed over, which come along where all that lies in a folder is taken; what was dropped by itself is meant.
 */
export async function droppedFiles(transfer: DataTransfer, inside: boolean): Promise<Dropped> {
  // Entries must be taken before the first await: the transfer is empty after the event.
  const entries = [...transfer.items].map((item) => (inside ? item.webkitGetAsEntry() : null));
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) {
    const seen = files.filter(({ name }) => !isPassedOver(name));
    return { files: seen.length > 0 ? seen : files, unread: [] };
  }
  const found: Dropped = { files: [], unread: [] };
  for (const entry of entries) if (entry) await collect(entry, found);
  return { ...found, files: found.files.filter(isWorthReading) };
}

/**
 * The folder that was dropped; of several the first. Null where it was none.
 * @param inside whether its files are wanted, and not itself
 */
export async function droppedFolder(transfer: DataTransfer, inside: boolean): Promise<DroppedFolder | null> {
  const entries = [...transfer.items].map((item) => (inside ? item.webkitGetAsEntry() : null));
  const [itself] = transfer.files;
  if (!inside) return itself ? { name: itself.name, files: [itself] } : null;
  const folder = entries.find((entry) => entry?.isDirectory);
  if (!folder) return null;
  const files: File[] = [];
  for (const entry of await entriesOf(folder)) if (isFile(entry)) files.push(await fileOf(entry));
  return { name: folder.name, files };
}

/** Lets the user choose a folder in the page's own dialog, with all that lies in it; null where they chose none. */
export async function chooseFolder(): Promise<DroppedFolder | null> {
  const chosen = (await choose({ folder: true })).map((file) => ({ file, path: file.webkitRelativePath.split('/') }));
  const name = chosen[0]?.path[0];
  if (name === undefined) return null;
  return { name, files: chosen.filter(({ path }) => path.length === 2).map(({ file }) => file) };
}

async function collect(entry: FileSystemEntry, found: Dropped): Promise<void> {
  if (isPassedOver(entry.name)) return;
  try {
    if (isFile(entry)) found.files.push(await fileOf(entry));
    else for (const inner of await entriesOf(entry)) await collect(inner, found);
  } catch {
    // No permission, or a name that the browser cannot say: it stops none of the others.
    found.unread.push(entry.fullPath.replace(/^\//, ''));
  }
}

async function entriesOf(folder: FileSystemEntry): Promise<FileSystemEntry[]> {
  const reader = (folder as FileSystemDirectoryEntry).createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A folder comes in portions; an empty one is the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

/** Of a folder only what may be a photo is sent: everything else in it was not meant. */
function isWorthReading(file: File): boolean {
  // Empty where the file was not chosen with its folder.
  if ((file.webkitRelativePath || '').split('/').some(isPassedOver)) return false;
  return file.type.startsWith('image/') || hasPhotoEnding(file.name);
}
