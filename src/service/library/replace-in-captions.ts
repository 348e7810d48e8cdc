import { reviewOf, type Entry } from './entry.ts';
import type { EntryChange } from './library.ts';
import { replaceWords, type Replacement } from './replace-words.ts';
import { replacedIn } from './review.ts';

/** So many are shown. */
const EXAMPLES = 3;

/** What is to be changed, and what somebody is shown before. */
export interface Replaced {
  readonly ids: string[];
  readonly photos: number;
  readonly places: number;
  readonly examples: { photoId: string; before: string; after: string }[];
  readonly change: (entry: Entry) => EntryChange | undefined;
}

/** Replaces words in the captions of photos, be they the model's or somebody's own. */
export function replaceInCaptions(entries: readonly Entry[], replacement: Replacement): Replaced {
  const replaced = (entry: Entry) => replaceWords(entry.edited ?? entry.caption ?? '', replacement);
  const found = entries.map((entry) => ({ entry, ...replaced(entry) })).filter(({ places }) => places > 0);
  return {
    ids: found.map(({ entry }) => entry.id),
    photos: found.length,
    places: found.reduce((sum, { places }) => sum + places, 0),
    examples: found.slice(0, EXAMPLES).map(({ entry, text }) => ({
      photoId: entry.id,
      before: entry.edited ?? entry.caption ?? '',
      after: text,
    })),
    // Looked at again when its turn comes: somebody may have written meanwhile.
    change: (entry) => {
      const { places, text } = replaced(entry);
      return places > 0 ? replacedIn({ review: reviewOf(entry) }, text) : undefined;
    },
  };
}
