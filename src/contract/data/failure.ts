import { z } from 'zod';
import { ERROR_CODES } from '../constants/error-codes.ts';

/** An error as it travels. */
export const Failure = z.object({
  code: z.enum(ERROR_CODES),
  /** One or two sentences for a person: what is wrong, and what to do about it. */
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;
