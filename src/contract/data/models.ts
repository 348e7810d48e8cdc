import { z } from 'zod';
import { MODEL_KINDS } from '../constants/model-kinds.ts';
import { Backend, Count, LanguageTag } from './parts.ts';

/** A model's name, as `models.list` has it. */
export const ModelName = z.string().min(1).max(200);

/** A model that is there. */
export const InstalledModel = z.object({
  name: ModelName,
  kind: z.enum(MODEL_KINDS),
  /** What a person reads: "BLIP", "Transformer"; null where nobody says. */
  title: z.string().nullable(),
  /** Whether it is taken where nobody names another. */
  isFirst: z.boolean(),
  /** Whether somebody added it: it can be removed. */
  isAdded: z.boolean(),
  bytes: Count,
  /** The language that a translator reads; null of a captioner. */
  from: LanguageTag.nullable(),
  /** The languages that it writes, as far as that is known. */
  to: z.array(LanguageTag),
  /** As its card states it; null where it does not. */
  licence: z.string().nullable(),
  /** How long a photo or a sentence took when that was measured on this machine; null where it was not. */
  speed: z.object({ milliseconds: z.number(), backend: Backend }).nullable(),
});
export type InstalledModel = z.infer<typeof InstalledModel>;

/** What can be said of a model of the Hub before it is loaded. */
export const ModelOffer = z.object({
  /** "owner/name". */
  name: z.string(),
  /** The commit. */
  revision: z.string(),
  /** What its authors call its kind. */
  family: z.string(),
  licence: z.string().nullable(),
  /** To be loaded in all, and what of it is there from before. */
  bytes: Count,
  loaded: Count,
  /** Where from. */
  host: z.string(),
});
export type ModelOffer = z.infer<typeof ModelOffer>;

/** How far the adding of a model is, in bytes; `convert`: its weights are written in Attend's own form. */
export const AddingProgress = z.object({ stage: z.enum(['load', 'convert']), bytes: Count, of: Count });
export type AddingProgress = z.infer<typeof AddingProgress>;

/** "owner/name", as the Hub's pages show it. */
export const HubName = z.string().min(3).max(200);
/** A branch, a tag or a commit. */
export const HubRevision = z.string().min(1).max(200);
