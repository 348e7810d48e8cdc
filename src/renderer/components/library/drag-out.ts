import type { AttendClient } from '../../../client/attend-client.ts';
import type { Photo } from '../../../contract/data/photos.ts';

type Door = Pick<AttendClient, 'url' | 'dragFile'>;

/** Lets a photo be dragged out of the page: its caption into a text, its picture into a folder or another program. */
export function dragOut(event: DragEvent, client: Door, photo: Photo): void {
  const { dataTransfer } = event;
  if (!dataTransfer) return;
  // A file takes the place of all else.
  if (photo.width > 0 && client.dragFile(photo.id, null)) {
    event.preventDefault();
    return;
  }
  dataTransfer.effectAllowed = 'copy';
  dataTransfer.setData('text/plain', photo.caption ?? photo.name);
  if (photo.width === 0) return;
  // Pictures that pages show are JPEGs, whatever the photo was.
  offer(dataTransfer, 'image/jpeg', `${stemOf(photo)}.jpg`, client.url(photo.picture));
}

/**
 * Lets the picture of one word be dragged out, the photo with its map, or the contact sheet (word null).
 * @param caption one of those that the photo's result has, by its index
 */
export function dragMap(
  event: DragEvent,
  client: Door,
  { caption, photo, text, word }: { photo: Photo; caption: number; word: number | null; text: string },
): void {
  const { dataTransfer } = event;
  if (!dataTransfer) return;
  if (client.dragFile(photo.id, { caption, word })) {
    event.preventDefault();
    return;
  }
  dataTransfer.effectAllowed = 'copy';
  dataTransfer.setData('text/plain', text);
  // It is drawn when it is dropped.
  const address = client.url(`/photos/${photo.id}/maps/${caption}/${word ?? 'sheet'}.png`);
  const place =
    word === null ? 'sheet' : `${String(word + 1).padStart(2, '0')}-${text.replace(/[^\p{L}\p{N}]+/gu, '_')}`;
  offer(dataTransfer, 'image/png', `${stemOf(photo)}-${place}.png`, address);
}

function stemOf({ name }: Photo): string {
  return name.replace(/\.[^.]*$/, '').replace(/[:/\\]/g, '_');
}

/** Chromium's way to a file, and an address for the others. */
function offer(dataTransfer: DataTransfer, type: string, name: string, relative: string): void {
  const address = new URL(relative, location.href).href;
  dataTransfer.setData('text/uri-list', address);
  dataTransfer.setData('DownloadURL', `${type}:${name}:${address}`);
}

/** Lets a caption be dragged into a text. */
export function dragText({ dataTransfer }: DragEvent, text: string): void {
  if (!dataTransfer) return;
  dataTransfer.effectAllowed = 'copy';
  dataTransfer.setData('text/plain', text);
}
