/** The rows or columns of a long list that are worth having in the document. */
export interface Visible {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/**
 * @param offset how far the list is scrolled, in pixels
 * @param viewport how much of it is seen, in pixels
 * @param size of each item, in pixels
 * @param overscan items kept beyond either edge, so that scrolling does not outrun drawing
 */
export function visibleItems(offset: number, viewport: number, size: number, count: number, overscan: number): Visible {
  const first = Math.max(0, Math.floor(offset / size) - overscan);
  const end = Math.min(count, Math.ceil((offset + viewport) / size) + overscan);
  return { first: Math.min(first, count), end: Math.max(end, Math.min(first, count)) };
}
