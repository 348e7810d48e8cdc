import type { Attachment } from 'svelte/attachments';

/** A picture of one pixel. */
const NOTHING = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';

/**
 * For a picture of a long list, which may leave the document before it has come: its loading is given up then. Otherwise
 * all that one scrolls past is loaded before what one stops at, and kept in memory until it is.
 */
export const unloads: Attachment<HTMLImageElement> = (image) => () => {
  // Another picture, not none: Chromium never lets go of a lazy one that has left the document and lost its address.
  image.src = NOTHING;
};
