import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { PhotoRef } from '../../captioning/photo-tasks.ts';
import { Keywords } from '../../contract/data/captions.ts';
import { Failure } from '../../contract/data/failure.ts';
import { CaptionState, ReviewState, type Photo } from '../../contract/data/photos.ts';

/** A photo as it is kept. */
export const Entry = z.object({
  id: z.string(),
  name: z.string(),
  /** Where the user's file lies; null for what was sent. */
  path: z.string().nullable(),
  /** The file in `uploads/`, for what was sent. */
  upload: z.string().nullable(),
  /** SHA-256 of what was sent, in hexadecimal. */
  digest: z.string().optional(),
  /** Time of change of the file when it was read, in milliseconds; tells pictures of an old content from the new. */
  changed: z.number(),
  /** When it was taken, as its EXIF says, in milliseconds; left out where it does not, and by an Attend that did not ask. */
  taken: z.number().optional(),
  width: z.number(),
  height: z.number(),
  state: CaptionState,
  /** The model's caption. */
  caption: z.string().nullable(),
  /** Written by hand. */
  edited: z.string().nullable(),
  /** Those of the result; and those chosen by hand, which then count. */
  keywords: Keywords.optional(),
  editedKeywords: Keywords.optional(),
  /** Left out by an Attend that did not ask: see `reviewOf`. */
  review: ReviewState.optional(),
  /** Of the model's caption, see `confidence.ts`; left out by an Attend that did not ask. */
  confidence: z.number().min(0).max(1).nullable().optional(),
  /** Likewise; see `isDoubted`. */
  notSure: z.boolean().optional(),
  error: Failure.nullable(),
  addedAt: z.string(),
});
export type Entry = z.infer<typeof Entry>;

/** What a photo is filed under: what somebody chose, else what was found in its captions. */
export function keywordsOf({ editedKeywords, keywords = [] }: Entry): readonly string[] {
  return editedKeywords ?? keywords;
}

/** How far a person has looked at a caption; who wrote it has looked. */
export function reviewOf({ edited, review }: Pick<Entry, 'edited' | 'review'>): ReviewState {
  return review ?? (edited === null ? 'new' : 'edited');
}

/** Whether the model is not sure of what is shown, and nobody has looked at it. */
export function isDoubted(entry: Entry): boolean {
  return entry.notSure === true && entry.edited === null && reviewOf(entry) === 'new';
}

export function newId(): string {
  return randomBytes(8).toString('hex');
}

/** A photo for the models. @param source where its file lies, or the bytes of it */
export function refOf(
  { changed, id, name }: Pick<Entry, 'changed' | 'id' | 'name'>,
  source: PhotoRef['source'],
): PhotoRef {
  return { key: `${id} ${changed}`, name, source };
}

/** A photo as pages see it. */
export function toPhoto(entry: Entry): Photo {
  const { id, name, path, width, height, state, caption, edited, confidence = null, error, addedAt, changed } = entry;
  const version = Math.round(changed).toString(36);
  const time = entry.taken ?? changed;
  return {
    id,
    name,
    path,
    width,
    height,
    taken: time > 0 ? new Date(time).toISOString() : null,
    thumbnail: `/photos/${id}/thumbnail?v=${version}`,
    picture: `/photos/${id}/picture?v=${version}`,
    state,
    caption: edited ?? caption,
    edited: edited !== null,
    review: reviewOf(entry),
    confidence,
    notSure: isDoubted(entry),
    error,
    addedAt,
  };
}
