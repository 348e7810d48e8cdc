import type { Clipboard, ClipboardItem, OpenDialogOptions, OpenDialogReturnValue, Shell } from 'electron';
import { AttendError } from '../contract/attend-error.ts';
import { PHOTO_ENDINGS } from '../photos/photo-endings.ts';
import type { AttendService } from '../service/attend-service.ts';
import type { Handlers } from '../service/dispatch.ts';
import { addUpload } from '../service/library/add-photos.ts';
import { toPhoto } from '../service/library/entry.ts';

/** What this needs of Electron. */
export interface DoorParts {
  /** Over the window that is open. */
  openDialog: (options: OpenDialogOptions) => Promise<Pick<OpenDialogReturnValue, 'canceled' | 'filePaths'>>;
  clipboard: Pick<Clipboard, 'read' | 'write' | 'writeText'>;
  /** A picture for the clipboard. */
  clipboardItem: (items: Record<string, Blob>) => ClipboardItem;
  shell: Pick<Shell, 'showItemInFolder'>;
  /** Told of photos that were opened by their paths. */
  onOpened: (paths: string[]) => void;
}

/** The service's handlers with what only a window of its own can do. */
export function doorHandlers(service: AttendService, parts: DoorParts): Handlers {
  const { clipboard, clipboardItem, onOpened, openDialog, shell } = parts;
  const { handlers, library } = service;
  const open: Handlers['photos.open'] = async (input, control) => {
    const answer = await handlers['photos.open'](input, control);
    onOpened(answer.photos.flatMap(({ error, path }) => (path !== null && error === null ? [path] : [])));
    return answer;
  };
  /** Files that an export wrote, by path: the only ones that are shown. */
  const exported = new Set<string>();

  return {
    ...handlers,
    'photos.open': open,
    'photos.dialog': async ({ kind }, control) => {
      const { canceled, filePaths } = await openDialog(
        kind === 'folder'
          ? { properties: ['openDirectory'] }
          : {
              properties: ['openFile', 'multiSelections'],
              // Everything else is there under "All files", and then says why it cannot be read.
              filters: [
                { name: 'Photos', extensions: [...PHOTO_ENDINGS] },
                { name: 'All files', extensions: ['*'] },
              ],
            },
      );
      return canceled || filePaths.length === 0 ? { photos: [] } : open({ paths: filePaths }, control);
    },
    'models.dialog': async (_, control) => {
      const { canceled, filePaths } = await openDialog({ properties: ['openDirectory'] });
      const path = canceled ? undefined : filePaths[0];
      return path === undefined ? { name: null } : handlers['models.addFolder']({ path }, control);
    },
    'photos.paste': async () => {
      for (const item of await clipboard.read()) {
        const type = ['image/png', 'image/jpeg'].find((one) => item.types.includes(one));
        if (type === undefined) continue;
        const bytes = new Uint8Array(await ((await item.getType(type)) as Blob).arrayBuffer());
        return { photos: [toPhoto(await addUpload(library, `pasted.${type.slice('image/'.length)}`, bytes))] };
      }
      return { photos: [] };
    },
    'export.folder': async () => {
      const { canceled, filePaths } = await openDialog({ properties: ['openDirectory', 'createDirectory'] });
      const path = canceled ? undefined : filePaths[0];
      if (path === undefined) return { path: null };
      service.chosenFolders.add(path);
      return { path };
    },
    'export.run': async (input, control) => {
      const output = await handlers['export.run'](input, control);
      for (const path of [...output.written, ...output.skipped]) exported.add(path);
      return output;
    },
    'export.copy': async (input, { signal }) => {
      if ('text' in input) {
        await clipboard.writeText(input.text);
      } else {
        const png = await service.draw(input.picture, signal);
        await clipboard.write([clipboardItem({ 'image/png': new Blob([Buffer.from(png)], { type: 'image/png' }) })]);
      }
      return {};
    },
    'export.show': (input) => {
      const path = 'path' in input ? input.path : library.get(input.photoId).path;
      if (path === null) throw new AttendError('not-here', 'This photo was pasted: it has no file of its own.');
      if ('path' in input && !exported.has(path)) {
        throw new AttendError('forbidden', 'Only files that were exported can be shown.');
      }
      shell.showItemInFolder(path);
      return {};
    },
  };
}
