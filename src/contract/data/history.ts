import { z } from 'zod';
import { STEP_KINDS } from '../constants/step-kinds.ts';
import { Count, Id } from './parts.ts';

/** Something that a person did to photos, as one thing to undo. */
export const HistoryStep = z.object({
  /** Its number, by which it can be undone as long as nothing came after it. */
  step: Count,
  kind: z.enum(STEP_KINDS),
  /** How many photos it was about. */
  photos: Count,
});
export type HistoryStep = z.infer<typeof HistoryStep>;

/** What would be undone and redone next; null where there is nothing. The same for all windows. */
export const History = z.object({ undo: HistoryStep.nullable(), redo: HistoryStep.nullable() });
export type History = z.infer<typeof History>;

/** What was undone or redone; null where there was nothing. */
export const HistoryMove = z.object({
  done: HistoryStep.nullable(),
  /** The photos that it was about and that are in the library now, at most a hundred of them. */
  photoIds: z.array(Id),
});
