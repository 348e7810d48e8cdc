import { z } from 'zod';
import { REVIEW_STATES } from '../constants/review-states.ts';
import { Failure } from './failure.ts';
import { Address, Count, Id, Probability } from './parts.ts';

/**
 * How far a photo's caption is:
 * `none` not asked for, `waiting` in the queue, `running`, `done`, `failed` (see `error`).
 */
export const CaptionState = z.enum(['none', 'waiting', 'running', 'done', 'failed']);
export type CaptionState = z.infer<typeof CaptionState>;

/**
 * How far a person has looked at the caption: `new` nobody has, `accepted` it stands as the model (or a replacement in
 * many captions) wrote it, `edited` somebody wrote or changed it, `rejected` it is wrong and nothing was put in its place.
 */
export const ReviewState = z.enum(REVIEW_STATES);
export type ReviewState = z.infer<typeof ReviewState>;

/** A photo of the library. */
export const Photo = z.object({
  id: Id,
  /** The file's name. */
  name: z.string(),
  /** Where it lies; null for what was pasted or sent by a browser. */
  path: z.string().nullable(),
  /** Size in pixels as seen upright; 0 where the photo cannot be read. */
  width: Count,
  height: Count,
  /** At most 320 pixels on the long side. */
  thumbnail: Address,
  /** At most 2560 pixels on the long side, upright. */
  picture: Address,
  state: CaptionState,
  /** What to show and export: the edited caption, else the model's best; null where there is none yet. */
  caption: z.string().nullable(),
  /** Whether `caption` was written by hand. It is then never overwritten by the model. */
  edited: z.boolean(),
  review: ReviewState,
  /** How sure the model is of its caption, by which photos are ordered; null where it has none or does not say. */
  confidence: Probability.nullable(),
  /** Whether the model is not sure of the caption, by what was fitted for it, and nobody has looked at it since. */
  notSure: z.boolean().optional(),
  /** Why the photo cannot be read or captioned; null where nothing is wrong. */
  error: Failure.nullable(),
  /** When it was taken, ISO 8601: as its EXIF says, else the time of its file; null where neither is known. */
  taken: z.string().nullable(),
  /** ISO 8601. */
  addedAt: z.string(),
});
export type Photo = z.infer<typeof Photo>;

/** The one run over many photos. It goes on in the background; what somebody looks at comes before it. */
export const Batch = z.object({
  state: z.enum(['idle', 'running', 'paused']),
  total: Count,
  done: Count,
  failed: Count,
  /** Null while there is nothing to tell it by. */
  secondsLeft: z.number().nonnegative().nullable(),
});
export type Batch = z.infer<typeof Batch>;
