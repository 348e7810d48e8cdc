import type { ReviewState } from '../../contract/constants/review-states.ts';
import type { Caption } from '../../contract/data/captions.ts';
import { surenessOf } from './confidence.ts';
import type { Entry } from './entry.ts';
import type { EntryChange } from './library.ts';

// What a photo's caption and its review become by what a person does.

/** @param text as somebody typed it; nothing goes back to the model's caption, which is then looked at anew */
export function editedByHand(text: string | null): EntryChange {
  const edited = text?.trim() ?? '';
  return edited === '' ? { edited: null, review: 'new' } : { edited, review: 'edited' };
}

/** @returns undefined for a photo that has no caption to speak of */
export function reviewed({ caption, edited }: Entry, state: Exclude<ReviewState, 'edited'>): EntryChange | undefined {
  if (edited === null && caption === null) return undefined;
  return { review: state === 'accepted' && edited !== null ? 'edited' : state };
}

/** Another of the model's captions in place of the first one or of one written by hand. */
export function chosen(caption: Caption, keywords: readonly string[] | undefined): EntryChange {
  return {
    caption: caption.caption,
    ...surenessOf(caption),
    edited: null,
    review: 'accepted',
    ...(keywords && { keywords: [...keywords] }),
  };
}

/** A caption in which words were replaced, perhaps unseen: what was new stays new. */
export function replacedIn({ review }: { review: ReviewState }, edited: string): EntryChange {
  return { edited, review: review === 'accepted' ? 'edited' : review };
}
