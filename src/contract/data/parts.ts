import { z } from 'zod';
import { BACKENDS } from '../constants/backends.ts';

export const Id = z.string().regex(/^[a-z0-9]{1,32}$/);
export const Probability = z.number().min(0).max(1);
export const Count = z.int().nonnegative();
/** An address to load a picture from, relative to the page's origin; see `AttendClient.url`. */
export const Address = z.string();
/** Words as the model has them: lower case, one each. */
export const ModelWord = z.string().min(1).max(100);
export const LanguageTag = z.string().min(2).max(35);
export const Nothing = z.object({});
export const Backend = z.enum(BACKENDS);
