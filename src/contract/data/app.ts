import { z } from 'zod';
import { Grid } from './captions.ts';
import { Failure } from './failure.ts';
import { Backend, Count } from './parts.ts';

export const LibraryDamage = z.object({
  /** Records that could not be read: each a photo, or a change of one. */
  records: Count,
  /** Photos of these that were found again in an older copy. */
  back: Count,
  /** Beside it lies the damaged file, byte for byte. */
  file: z.string(),
});
export type LibraryDamage = z.infer<typeof LibraryDamage>;

export const AppInfo = z.object({
  version: z.string(),
  door: z.enum(['electron', 'browser']),
  /** process.platform of the machine that the service runs on. */
  platform: z.string(),
  node: z.string(),
  samples: Count,
  /** Uploads may have at most so many bytes; null: no limit (the service reads files itself). */
  uploadLimit: Count.nullable(),
  /** Whether captions can be written into the photos' own metadata here. */
  embedsMetadata: z.boolean(),
  /** What was lost of the library when it was opened; null where nothing was. */
  libraryDamage: LibraryDamage.nullable(),
});
export type AppInfo = z.infer<typeof AppInfo>;

/** What somebody may want to know of what runs here, and of what it keeps. */
export const About = z.object({
  /** The folder of photos, captions and settings. */
  data: z.string(),
  /** Pictures that can be made again. */
  cache: z.object({ folder: z.string(), bytes: Count }),
  /** The captioner and the translators, with their cards in Markdown: what they learned from, and what they cannot do. */
  models: z.array(z.object({ name: z.string(), card: z.string() })),
});
export type About = z.infer<typeof About>;

/** The models: loading, ready to run, or not to be had. */
export const ModelStatus = z.object({
  state: z.enum(['loading', 'ready', 'missing', 'failed']),
  /** Name of the model, where it is known. */
  name: z.string().nullable(),
  backend: z.object({ name: Backend, reason: z.string() }).nullable(),
  /** Of the captioner's maps. */
  grid: Grid.nullable(),
  /** How many layers and heads there are to choose maps from; left out where there is one attention. */
  attention: z.object({ layers: Count, heads: Count }).optional(),
  error: Failure.nullable(),
});
export type ModelStatus = z.infer<typeof ModelStatus>;
