/** What `--overlay` can draw. */
export const OVERLAY_FORMATS = ['png', 'svg', 'webp', 'gif', 'json'] as const;
export type OverlayFormat = (typeof OVERLAY_FORMATS)[number];
