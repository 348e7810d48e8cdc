import { z } from 'zod';
import { Failure } from './failure.ts';
import { Address, Count, Id } from './parts.ts';

/**
 * How far a photo's caption is:
 * `none` not asked for, `waiting` in the queue, `running`, `done`, `failed` (see `error`).
 */
export const CaptionState = z.enum(['none', 'waiting', 'running', 'done', 'failed']);
export type CaptionState = z.infer<typeof CaptionState>;

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
  /** Why the photo cannot be read or captioned; null where nothing is wrong. */
  error: Failure.nullable(),
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
