import type { Photo } from '../../contract/data/photos.ts';
import type { Desk } from './desk.ts';
import type { Library } from './library.svelte.ts';

/** What is shown of the library's photo, whichever that is. */
export abstract class OfPhoto {
  protected readonly desk: Desk;
  protected readonly library: Library;
  readonly photo = $derived.by((): Photo | undefined => this.library.current);
  readonly picture = $derived.by(() => (this.photo ? this.desk.client.url(this.photo.picture) : ''));
  /** Width of the photo over its height. */
  readonly shape = $derived.by(() => (this.photo ? this.photo.width / Math.max(1, this.photo.height) : 1));

  protected constructor(desk: Desk, library: Library) {
    this.desk = desk;
    this.library = library;
  }
}
