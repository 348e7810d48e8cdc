import type { AttendApi, RequestControl } from '../contract/api.ts';
import type { Photo } from '../contract/data/photos.ts';
import type { Output } from '../contract/requests.ts';

/**
 * Whether a page has its service: `lost` where nothing answers, `refused` where something does that does not know the
 * page (a service that was started anew has another token).
 */
export type Connection = 'connected' | 'lost' | 'refused';

/** The API as a page has it: with what depends on where the page runs. Get one from `connect()` (src/renderer). */
export interface AttendClient extends AttendApi {
  readonly door: 'electron' | 'browser';

  /** A relative address from an answer (`photo.picture`) as one that an `<img>` or `fetch` can load. */
  url(address: string): string;

  /**
   * Tells whether the service is there. Each `connected` is a beginning: events are heard from then on, and what happened
   * before was not; whoever shows something asks for it anew. A page in a window of its own hears it once.
   *
   * @returns a function that ends the subscription
   */
  onConnection(listener: (connection: Connection) => void): () => void;

  /**
   * Adds files that were dropped, pasted or chosen in an `<input>`: by their paths in Electron (folders too), else
   * by sending their bytes. A file that cannot be added does not stop the others.
   *
   * @param onAdded called for each photo as it is added
   * @param onFailed called for each file that cannot be
   */
  addFiles(
    files: readonly File[],
    control?: { signal?: AbortSignal; onAdded?: (photo: Photo) => void; onFailed?: () => void },
  ): Promise<{ photos: Photo[]; failed: { name: string; message: string }[] }>;

  /** Adds the model in a folder that was dropped or chosen: by its path in Electron, else by sending its files. */
  addModel(folder: DroppedFolder, control?: RequestControl<'models.add'>): Promise<Output<'models.addFolder'>>;

  /**
   * Begins to drag a photo, or the picture of a word of one of its captions (word null: the sheet), as a file.
   * @returns false where the page does it by itself, as in a browser
   */
  dragFile(photoId: string, map: { caption: number; word: number | null } | null): boolean;

  /** Saves what `export.run` or `export.picture` answered (in a browser: the page's own download). */
  download(file: { address: string; name: string }): void;

  /** Puts a text on the clipboard. */
  copyText(text: string): Promise<void>;
}

/** A folder. */
export interface DroppedFolder {
  readonly name: string;
  /** Those that lie in it, none of deeper ones; in Electron the folder itself. */
  readonly files: readonly File[];
}

/** What only a page can do. */
export interface PageTools {
  /** Saves what an address serves. */
  download(url: string, name: string): void;
  copyText(text: string): Promise<void>;
}
