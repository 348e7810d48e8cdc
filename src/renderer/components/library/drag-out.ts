import type { AttendClient } from '../../../client/attend-client.ts';
import type { Photo } from '../../../contract/data/photos.ts';

/** Lets a photo be dragged out of the page: its caption into a text, its picture into a folder or another program. */
export function dragOut({ dataTransfer }: DragEvent, client: Pick<AttendClient, 'url'>, photo: Photo): void {
  if (!dataTransfer) return;
  dataTransfer.effectAllowed = 'copy';
  dataTransfer.setData('text/plain', photo.caption ?? photo.name);
  if (photo.width === 0) return;
  const address = new URL(client.url(photo.picture), location.href).href;
  dataTransfer.setData('text/uri-list', address);
  // Chromium's way to a file: pictures that pages show are JPEGs, whatever the photo was.
  const name = photo.name.replace(/\.[^.]*$/, '').replace(/[:/\\]/g, '_');
  dataTransfer.setData('DownloadURL', `image/jpeg:${name}.jpg:${address}`);
}

/** Lets a caption be dragged into a text. */
export function dragText({ dataTransfer }: DragEvent, text: string): void {
  if (!dataTransfer) return;
  dataTransfer.effectAllowed = 'copy';
  dataTransfer.setData('text/plain', text);
}
