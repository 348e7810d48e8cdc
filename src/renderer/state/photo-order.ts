import type { Photo } from '../../contract/data/photos.ts';

/** The least sure caption first; where the model does not say, at the end. */
export function bySureness(a: Photo, b: Photo): number {
  return (a.confidence ?? 2) - (b.confidence ?? 2);
}

/** As they were added. */
export function byAdded(a: Photo, b: Photo): number {
  return a.addedAt < b.addedAt ? -1 : a.addedAt > b.addedAt ? 1 : 0;
}
