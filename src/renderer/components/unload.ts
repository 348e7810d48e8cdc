import type { Attachment } from 'svelte/attachments';

/**
 * For a picture of a long list, which may leave the document before it has come: its loading is given up then. Otherwise
 * all that one scrolls past is loaded before what one stops at, and kept in memory until it is.
 */
export const unloads: Attachment<HTMLImageElement> = (image) => () => image.removeAttribute('src');
