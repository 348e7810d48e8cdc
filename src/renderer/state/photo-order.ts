import { REVIEW_STATES } from '../../contract/constants/review-states.ts';
import type { Photo } from '../../contract/data/photos.ts';

/** The least sure caption first; where the model does not say, at the end. */
export function bySureness(a: Photo, b: Photo): number {
  return (a.confidence ?? 2) - (b.confidence ?? 2);
}

/** As they were added. */
export function byAdded(a: Photo, b: Photo): number {
  return a.addedAt < b.addedAt ? -1 : a.addedAt > b.addedAt ? 1 : 0;
}

/** The oldest first; what has no date was added some day. */
function byTaken(a: Photo, b: Photo): number {
  const [first, second] = [a.taken ?? a.addedAt, b.taken ?? b.addedAt];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** How the photos of the grid may be ordered. */
export const ORDERS = [
  'added',
  'latest',
  'taken',
  'taken-latest',
  'name',
  'least-sure',
  'surest',
  'state',
  'failed',
] as const;
export type PhotoOrder = (typeof ORDERS)[number];

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** @returns nothing for the order in which photos were added, which they have already */
export function comparisonOf(order: PhotoOrder): ((a: Photo, b: Photo) => number) | undefined {
  switch (order) {
    case 'added':
      return undefined;
    case 'latest':
      return (a, b) => byAdded(b, a);
    case 'taken':
      return byTaken;
    case 'taken-latest':
      return (a, b) => byTaken(b, a);
    case 'name':
      return (a, b) => names.compare(a.name, b.name);
    case 'least-sure':
      return bySureness;
    case 'surest':
      return (a, b) => (b.confidence ?? -1) - (a.confidence ?? -1);
    case 'state':
      return (a, b) => REVIEW_STATES.indexOf(a.review) - REVIEW_STATES.indexOf(b.review);
    case 'failed':
      return (a, b) => Number(b.error !== null) - Number(a.error !== null);
  }
}
