import { z } from 'zod';
import { EXPORT_FORMATS } from '../constants/export-formats.ts';
import { MAP_KINDS } from '../constants/map-kinds.ts';
import { Caption } from './captions.ts';
import { Failure } from './failure.ts';
import { ModelName } from './models.ts';
import { Address, Count, Id, LanguageTag } from './parts.ts';
import { MapStyle } from './settings.ts';

/**
 * What pictures show: where the model looked (default), where it looked given the word, or what mattered, which takes a
 * look at the photo for each cell.
 */
const DrawnMaps = z.enum(MAP_KINDS).optional();

export const ExportInput = z.object({
  photoIds: z.array(Id).min(1).max(100_000),
  formats: z.array(z.enum(EXPORT_FORMATS)).min(1),
  /**
   * `folder`: one that was chosen in a dialog; `beside`: each photo's own folder (sidecars, texts, embedding);
   * `download`: a file, or a zip of several, to be fetched from an address.
   */
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('folder'), path: z.string().min(1) }),
    z.object({ kind: z.literal('beside') }),
    z.object({ kind: z.literal('download') }),
  ]),
  /** Where a file or a description exists: leave it, replace it, or add to it (texts and descriptions; else a new name). */
  existing: z.enum(['skip', 'overwrite', 'append']),
  style: MapStyle.partial().optional(),
  maps: DrawnMaps,
  /** To which language captions and the keywords found in them are translated; what was written by hand stays. */
  language: LanguageTag.optional(),
  /** Whether keywords go into `xmp` and `embed` (default true). */
  keywords: z.boolean().optional(),
  /** With `embed`: also EXIF ImageDescription, and PNG text in PNG files. */
  exif: z.boolean().optional(),
  /** With `embed`: whether the photo's file keeps its times (default true). */
  keepTimes: z.boolean().optional(),
  /** Whether captions that the model is not sure of, and nobody has looked at, go into `xmp` and `embed`, too (default false). */
  includeUnsure: z.boolean().optional(),
  /** With `csv`: whether a byte order mark stands before it, by which spreadsheets know UTF-8 (default false). */
  byteOrderMark: z.boolean().optional(),
});
export type ExportInput = z.infer<typeof ExportInput>;

/** Counted in photos times formats; `file` is the photo in hand. */
export const ExportProgress = z.object({ done: Count, total: Count, file: z.string() });
export type ExportProgress = z.infer<typeof ExportProgress>;

export const ExportOutput = z.object({
  /** Paths of the files that were written (names inside the zip for a download). */
  written: z.array(z.string()),
  skipped: z.array(z.string()),
  /** How many captions were left out of `xmp` and `embed`, since the model is not sure of them. */
  unsure: Count,
  /** How many captions were left out of `xmp` and `embed`, since somebody rejected them. */
  rejected: Count,
  failed: z.array(z.object({ photoId: Id, name: z.string(), error: Failure })),
  /** For a download: where to fetch it, once, and what to call it. */
  download: z.object({ address: Address, name: z.string() }).nullable(),
});
export type ExportOutput = z.infer<typeof ExportOutput>;

/** A picture for the clipboard or to be saved: one word's map over the photo, or (word null) the contact sheet. */
export const PictureInput = z.object({
  photoId: Id,
  word: Count.nullable(),
  /** The caption whose maps are drawn; 0 is the best. */
  caption: Count.optional(),
  /** One that is not among the photo's, which then counts: what was drawn at random is not kept. */
  drawn: Caption.optional(),
  model: ModelName.optional().describe(
    'The captioner that wrote it, which is asked for other maps; left out: the one that wrote the photo’s caption',
  ),
  style: MapStyle.partial().optional(),
  maps: DrawnMaps,
});
