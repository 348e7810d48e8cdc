import { tick } from 'svelte';
import type { Photo } from '../../../contract/data/photos.ts';
import type { App } from '../../state/app.svelte.ts';

/** Opens a photo's menu where the pointer is, or on what has the keyboard's focus. */
export function openMenu(event: MouseEvent, app: App, photo: Photo): void {
  event.preventDefault();
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const isPointed = event.clientX > 0 || event.clientY > 0;
  app.menu = null;
  void tick().then(() => {
    app.menu = {
      photo,
      x: isPointed ? event.clientX : box.x + box.width / 2,
      y: isPointed ? event.clientY : box.y + box.height / 2,
    };
  });
}
