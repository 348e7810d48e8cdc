import { z } from 'zod';
import { CARDS, DEVICES } from '../constants/devices.ts';
import { Grid } from './captions.ts';
import { Failure } from './failure.ts';
import { Backend, Count } from './parts.ts';

export const LibraryDamage = z.object({
  kind: z.literal('library'),
  /** Records that could not be read: each a photo, or a change of one. 0: there was no list at all, beside what it lists. */
  records: Count,
  /** Whether they lay in another order than that in which they were written; they are in theirs again. */
  disordered: z.boolean(),
  /** Photos of these that were found again: in an older copy, or by what was sent of them and their captions. */
  back: Count,
  /** Captions that were found and are of photos that nobody knows any more. */
  captions: Count,
  /** Where the library is; beside it lies the damaged file, byte for byte. */
  file: z.string(),
});
export type LibraryDamage = z.infer<typeof LibraryDamage>;

/** A part of what is kept that could not be read. What could be made of it is in use; nothing of it is deleted. */
export const Damage = z.discriminatedUnion('kind', [
  LibraryDamage,
  /** Settings that count as their defaults now. */
  z.object({ kind: z.literal('settings'), kept: z.string() }),
  /** What was found in a photo, maps and other captions; its caption stays. */
  z.object({ kind: z.literal('result'), photo: z.string(), kept: z.string() }),
  /**
   * Files that were sent and lay in the places of others: each is in its own again. Or that are not as they were sent.
   * With the names of some photos, and how many more there are.
   */
  z.object({ kind: z.literal('sent'), how: z.enum(['moved', 'changed']), photos: z.array(z.string()), more: Count }),
]);
export type Damage = z.infer<typeof Damage>;

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
  /** What of what is kept was damaged since this Attend runs; see the event `damage`. */
  damages: z.array(Damage),
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
  /** Of its weights, as captions have it that it finds. */
  checksum: z.string().optional(),
  backend: z.object({ name: Backend, reason: z.string() }).nullable(),
  /** Where photos are encoded, where a graphics card is wanted; `problem` says why it is not used. */
  device: z
    .object({ wanted: z.enum(DEVICES), used: z.enum(['cpu', ...CARDS]), problem: z.string().nullable() })
    .optional(),
  /** Of the captioner's maps. */
  grid: Grid.nullable(),
  /** How many layers and heads there are to choose maps from; left out where there is one attention. */
  attention: z.object({ layers: Count, heads: Count }).optional(),
  /** Whether the captioner can tell where it looked, given the word (`caption.posterior`). */
  hasPosterior: z.boolean().optional(),
  error: Failure.nullable(),
});
export type ModelStatus = z.infer<typeof ModelStatus>;
