import { z } from 'zod';
import { REVIEW_STATES } from '../constants/review-states.ts';
import { WORDINGS } from '../constants/wordings.ts';
import { Backend, Count, Id, LanguageTag, ModelWord, Probability } from './parts.ts';

export const Word = z.object({
  /** In lower case, as the model has it; in a translated caption as it is written there. */
  word: z.string(),
  /** p(word | photo, words before); in a translated caption the translator's. */
  probability: Probability,
  /** Where the model looked: rows x columns numbers that sum to 1, row by row from the top left; empty without attention. */
  weights: z.array(z.number()),
  /**
   * Of a word that says what is seen: how likely people who see the photo confirm it, as fitted for the model; left out
   * where the model has no such fit, and of other words.
   */
  confidence: Probability.optional(),
  posterior: z
    .array(z.number())
    .optional()
    .describe(
      'Where it was asked for: where the model looked, given the word that it then said (posterior attention), as parts of 1, in the order of weights, which stay where it looked before it knew the word',
    ),
  mattered: z
    .array(z.number())
    .optional()
    .describe(
      'Where it was asked for: what the word depended on. How far its log p falls where the photo is blank around each cell, as parts of 1, in the order of weights',
    ),
  entropy: z.number().optional().describe('In JSON: how spread weights are, bits; 0 where all is at one cell'),
  divergence: z
    .number()
    .optional()
    .describe(
      'In JSON, beside posterior or mattered: how far it is from weights (Jensen-Shannon), bits; 1 where they share no cell',
    ),
  said: z
    .string()
    .optional()
    .describe('What stands in the caption in its place, where careful wording was asked for and it is something else'),
});
export type Word = z.infer<typeof Word>;

/** [rows, columns] of every `weights`. */
export const Grid = z.tuple([z.int().positive(), z.int().positive()]);
export type Grid = z.infer<typeof Grid>;

export const Caption = z.object({
  /** As a sentence: "A dog runs through the snow." */
  caption: z.string(),
  /** What the search ranked by: log p of the caption / (words + 1)^α, with the model's or the caller's α. 0 at best. */
  score: z.number(),
  words: z.array(Word),
  /** How likely people who see the photo confirm all things that it names, as fitted for the model; left out where there is no fit. */
  confidence: Probability.optional(),
});
export type Caption = z.infer<typeof Caption>;

/**
 * Whose attention the maps of a model with layers and heads show; what is left out is averaged over. With `rollout` they
 * are carried back through the encoder, from its vectors to the patches that these come from. Captions stay the same.
 */
export const MapsFrom = z.object({
  /** Of the decoder, from 0. */
  layer: Count.optional(),
  /** From 0. */
  head: Count.optional(),
  rollout: z.boolean().optional(),
});
export type MapsFrom = z.infer<typeof MapsFrom>;

/** How a caption is looked for. What is left out is as the model has it. */
export const CaptionOptions = z.object({
  /** Beam width; 1 is greedy. */
  beam: z.int().min(1).max(50).optional(),
  /** How many further captions are wanted. They never change the first one. */
  alternatives: z.int().min(0).max(20).optional(),
  /** How the caption must begin, as somebody typed it: "A dog". */
  start: z.string().max(500).optional(),
  /** How the caption must begin, as words of the model ("decode again from here"); stronger than `start`. */
  prefix: z.array(ModelWord).max(100).optional(),
  /** Draw the captions at random instead of searching for the best ("another one"). The same seed draws the same. */
  sample: z
    .object({
      seed: z.int().nonnegative().optional(),
      temperature: z.number().positive().max(5).optional(),
      topP: z.number().positive().max(1).optional(),
    })
    .optional(),
  /** α of the beam search. */
  lengthNormalisation: z.number().min(0).max(10).optional(),
  /** Look at the photo's mirror image as well, at twice the time. */
  secondLook: z.boolean().optional(),
  /** How captions are worded; `careful` changes something only where the model says how sure it is. */
  wording: z.enum(WORDINGS).optional(),
  mapsFrom: MapsFrom.optional(),
});
export type CaptionOptions = z.infer<typeof CaptionOptions>;

/** What a photo is filed under: "dog", "soccer ball"; none twice. */
export const Keywords = z.array(z.string().min(1).max(100)).max(200);

/** Milliseconds: reading is the photo's own time; of encode and decode, where they are done in batches, it is its share. */
const CaptionTimes = z.object({ read: z.number(), encode: z.number(), decode: z.number() });

export const CaptionResult = z.object({
  photoId: Id,
  /** The caption, then the further ones, best first; at least one. With `sample`: in the order drawn. */
  captions: z.array(Caption).min(1),
  grid: Grid,
  /** What the photo could be filed under, in the captions' words; left out where the model does not write English. */
  keywords: Keywords.optional(),
  /** How many words of every caption were given by `start` or `prefix`. */
  given: Count,
  model: z.string(),
  /** Of the model's weights: another model may come under the same name. Left out where it was found before this was kept. */
  checksum: z.string().optional(),
  backend: Backend,
  milliseconds: CaptionTimes,
  /** When it was found, ISO 8601. */
  at: z.string(),
});
export type CaptionResult = z.infer<typeof CaptionResult>;

/** A captioned photo as JSON: what `attend caption --json` and `/v1/caption` give. */
export const CaptionedPhoto = z.object({
  /** The photo as the caller named it. */
  file: z.string(),
  /** Size in pixels as seen upright. */
  width: Count,
  height: Count,
  ...Caption.shape,
  grid: Grid,
  alternatives: z
    .array(Caption.partial({ words: true }))
    .describe(
      'The further captions, best first, as many as were asked for or there are; with words where these were, too',
    ),
  keywords: Keywords.optional().describe('Where they were asked for, and the captioner writes English'),
  notSure: z.literal(true).optional().describe('Its confidence is below what was asked for, 1/3 by default'),
  model: z.string(),
  backend: Backend,
  language: LanguageTag.optional().describe('What the caption was translated to'),
  translator: z.string().optional().describe('The model that translated it'),
  original: z
    .object({ caption: z.string(), words: z.array(Word), keywords: Keywords.optional() })
    .optional()
    .describe('Before it was translated'),
  milliseconds: CaptionTimes,
});
export type CaptionedPhoto = z.infer<typeof CaptionedPhoto>;

/** The same in an export, where a person may have had the last word: `caption` is then theirs, and the words the model's. */
export const ExportedPhoto = CaptionedPhoto.partial({
  // Not there where no model has seen the photo.
  score: true,
  words: true,
  grid: true,
  alternatives: true,
  model: true,
  backend: true,
  milliseconds: true,
}).extend({
  edited: z.literal(true).optional(),
  /** How far a person has looked at the caption. */
  review: z.enum(REVIEW_STATES).optional(),
  modelCaption: z.string().nullable().optional(),
});
export type ExportedPhoto = z.infer<typeof ExportedPhoto>;

/** A caption in another language. */
export const TranslatedCaption = z.object({
  caption: z.string(),
  /** Its words, marks of punctuation apart, each with the maps of the words that it comes from. */
  words: z.array(Word),
  keywords: Keywords,
  /** As the translator has it. */
  to: LanguageTag,
  translator: z.string(),
});
export type TranslatedCaption = z.infer<typeof TranslatedCaption>;

/** A caption while it is decoded: the best one so far, which may still change its mind about earlier words. */
export const PartialCaption = z.object({
  words: z.array(Word),
  grid: Grid,
  /** Whether these are its words; what is still to come are others beside it, and how sure the model is. */
  isWhole: z.boolean().optional(),
});
export type PartialCaption = z.infer<typeof PartialCaption>;
