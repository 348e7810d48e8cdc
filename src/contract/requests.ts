import { z } from 'zod';
import { About, AppInfo, ModelStatus } from './data/app.ts';
import {
  CaptionOptions,
  CaptionResult,
  Grid,
  Keywords,
  PartialCaption,
  TranslatedCaption,
  Word,
} from './data/captions.ts';
import { ExportInput, ExportOutput, ExportProgress, PictureInput } from './data/export.ts';
import { History, HistoryMove } from './data/history.ts';
import { Address, Backend, Count, Id, LanguageTag, ModelWord, Nothing, Probability } from './data/parts.ts';
import { AddingProgress, HubName, HubRevision, InstalledModel, ModelName, ModelOffer } from './data/models.ts';
import { Batch, Photo, ReviewState } from './data/photos.ts';
import { Settings } from './data/settings.ts';
import {
  CaptionTrace,
  CaptionTraceInput,
  SearchTree,
  SentenceTrace,
  SoftAndHard,
  SentenceTraceInput,
} from './data/traces.ts';
import {
  Language,
  LookInsideOutput,
  TranslatedSentence,
  TranslateOptions,
  TranslateOutput,
  TranslationModel,
} from './data/translation.ts';

/**
 * Everything that a door of Attend understands: the page asks through Electron's messages or over loopback HTTP,
 * the service answers. Each door checks what comes in against these schemas, so behind it values are what their
 * types say. Nothing in here knows how a message travels.
 *
 * Pictures are not sent in answers but named by addresses (`/photos/ID/thumbnail`), relative to the page's origin.
 *
 * What is said with values, and not with types alone, is beside the schemas: `constants` and `attend-error.ts` do
 * without the validator, for the page, which ships none.
 */

/** A request that answers at once, or reports `progress` on its way. */
interface RequestSpec {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly progress?: z.ZodType;
  /** Only where the app runs in its own window; elsewhere it fails with `not-here`. */
  readonly electronOnly?: true;
  /** For a person; also in the OpenAPI description. */
  readonly summary: string;
}

/** Of requests that can be undone: the number of the step; left out where nothing was to be changed. */
const Stepped = z.object({ step: Count.optional() });

/** Of a tree that somebody can still look through. */
const BeamWidth = z.int().min(1).max(10);

/** Who is asked about words: another captioner has other maps of them, and other words beside them. */
const writer = ModelName.optional().describe(
  'The captioner that wrote the words; left out: the one that wrote the photo’s caption, or the first where it has none',
);

const checksum = z
  .string()
  .max(64)
  .optional()
  .describe('Beside model: the checksum of the caption’s result. Both left out: that of the photo’s caption');

const writtenEarlier = z
  .literal(true)
  .optional()
  .describe(
    'Where an earlier version of the captioner wrote the words, with other weights under the same name: what is told is of today’s',
  );

/** What is asked, and answered, where maps of a caption's words are found. */
const foundMaps = {
  input: z.object({
    photoId: Id,
    /** The caption's words. */
    words: z.array(ModelWord).min(1).max(100),
    model: writer,
    checksum,
  }),
  progress: z.object({ done: Count, total: Count }),
  output: z.object({
    /** Of each word: rows x columns numbers that sum to 1, row by row from the top left. */
    weights: z.array(z.array(z.number())),
    grid: Grid,
    writtenEarlier,
  }),
};

export const REQUESTS = {
  'app.info': { summary: 'What runs here.', input: Nothing, output: AppInfo },
  'app.model': {
    summary: 'Whether the captioner is ready; see the event `model`.',
    input: Nothing,
    output: ModelStatus,
  },
  'app.about': {
    summary: 'The cards of the models, and where photos, captions and pictures are kept.',
    input: Nothing,
    output: About,
  },
  'app.notices': {
    summary: 'The licences of what comes with Attend and is not its own, as a text in English.',
    input: Nothing,
    output: z.object({ text: z.string() }),
  },
  'app.clearCache': {
    summary: 'Removes the pictures that can be made again; `bytes` is what is left.',
    input: Nothing,
    output: z.object({ bytes: Count }),
  },
  'settings.get': { summary: 'The settings.', input: Nothing, output: Settings },
  'settings.set': { summary: 'Changes some settings.', input: Settings.partial(), output: Settings },

  'photos.list': {
    summary: 'The library of the session, in the order added; also after a restart.',
    input: Nothing,
    output: z.object({ photos: z.array(Photo), batch: Batch }),
  },
  'photos.upload': {
    summary:
      'Adds a photo by its bytes (dropped or pasted in a browser). What cannot be read is added with its `error`.',
    input: z.object({ name: z.string().min(1).max(1000), bytes: z.instanceof(Uint8Array) }),
    output: Photo,
  },
  'photos.open': {
    summary: 'Adds photos and folders by their paths. What cannot be read is added with its `error`.',
    electronOnly: true,
    input: z.object({ paths: z.array(z.string().min(1)).min(1).max(100_000) }),
    output: z.object({ photos: z.array(Photo) }),
  },
  'photos.dialog': {
    summary: 'Lets the user choose photos or a folder, and adds them; empty where they chose nothing.',
    electronOnly: true,
    input: z.object({ kind: z.enum(['files', 'folder']) }),
    output: z.object({ photos: z.array(Photo) }),
  },
  'photos.paste': {
    summary: 'Adds the picture that lies on the clipboard; empty where there is none.',
    electronOnly: true,
    input: Nothing,
    output: z.object({ photos: z.array(Photo) }),
  },
  'photos.samples': {
    summary: 'Adds the sample photos that come with Attend.',
    input: Nothing,
    output: z.object({ photos: z.array(Photo) }),
  },
  'photos.remove': {
    summary: 'Takes photos out of the library, until that is undone. Their files stay where they are.',
    input: z.object({ photoIds: z.array(Id).max(100_000) }),
    output: Stepped,
  },
  'photos.search': {
    summary: 'The photos whose caption, keywords and name together have all the words, in the order of the library.',
    input: z.object({
      text: z.string().max(500),
      /** Only photos of these states; left out: all. */
      review: z.array(ReviewState).optional(),
    }),
    output: z.object({ photoIds: z.array(Id) }),
  },

  'review.set': {
    summary:
      'Says of photos’ captions that a person accepts or rejects them, or that they are new again. What was written by ' +
      'hand and is accepted counts as edited. Photos without a caption stay as they are.',
    input: z.object({
      photoIds: z.array(Id).min(1).max(100_000),
      state: ReviewState.exclude(['edited']),
    }),
    /** Those that it was said of, whatever they were before. */
    output: Stepped.extend({ photos: z.array(Photo) }),
  },
  'history.get': { summary: 'What would be undone and redone next.', input: Nothing, output: History },
  'history.undo': {
    summary: 'Undoes what was done last, in whichever window.',
    input: z.object({
      /** Only if this is what was done last; else it fails with `not-found`. */
      step: Count.optional(),
    }),
    output: HistoryMove,
  },
  'history.redo': { summary: 'Does again what was undone last.', input: Nothing, output: HistoryMove },

  'caption.get': {
    summary: 'What is known of a photo: the last result with all its maps, and what was written by hand.',
    input: z.object({ photoId: Id }),
    output: z.object({
      result: CaptionResult.nullable(),
      edited: z.string().nullable(),
      /** Null where nobody has changed those of the result. */
      keywords: Keywords.nullable(),
    }),
  },
  'caption.run': {
    summary: 'Captions a photo; reports the best caption so far word by word.',
    input: CaptionOptions.extend({
      photoId: Id,
      /** What the user looks at is `foreground` (default) and comes first. */
      priority: z.enum(['foreground', 'background']).optional(),
      /** Whether the library keeps the result as the photo's caption; default true without `sample`, else false. */
      keep: z.boolean().optional(),
    }),
    progress: PartialCaption,
    output: CaptionResult,
  },
  'caption.beside': {
    summary: 'What another captioner says of a photo, and where it looked. Nothing is kept of it.',
    input: z.object({ photoId: Id, model: ModelName }),
    output: z.object({ caption: z.string(), words: z.array(Word), grid: Grid }),
  },
  'caption.edit': {
    summary: 'Keeps a caption written by hand; null goes back to the model’s.',
    input: z.object({ photoId: Id, caption: z.string().max(5000).nullable() }),
    output: Photo.extend(Stepped.shape),
  },
  'caption.keywords': {
    summary: 'Keeps keywords chosen by hand; null goes back to those found in the captions.',
    input: z.object({ photoId: Id, keywords: Keywords.nullable() }),
    output: z.object({ keywords: Keywords.nullable() }),
  },
  'caption.replace': {
    summary: 'Replaces words in many captions, as one thing to undo. What nobody has looked at stays new.',
    input: z.object({
      find: z.string().min(1).max(500),
      /** Nothing: what is found is taken out. */
      replacement: z.string().max(500),
      /** Left out: all photos. */
      photoIds: z.array(Id).max(100_000).optional(),
      /** Whether what is found must not be a part of a word (default true). */
      wholeWords: z.boolean().optional(),
      /** Whether capitals count (default false; a capital that stands there then stays one). */
      matchCase: z.boolean().optional(),
      /** Only says what would be replaced. */
      preview: z.boolean().optional(),
    }),
    output: Stepped.extend({
      /** Captions in which something is replaced, and how often in all of them. */
      photos: Count,
      places: Count,
      /** The first few. */
      examples: z.array(z.object({ photoId: Id, before: z.string(), after: z.string() })),
    }),
  },
  'caption.choose': {
    summary:
      'Makes one of the result’s captions the photo’s, accepted, in place of one written by hand; keywords are found ' +
      'anew, unless somebody chose them.',
    input: z.object({ photoId: Id, caption: Count }),
    output: CaptionResult,
  },
  'caption.candidates': {
    summary: 'Why this word: the likeliest words after some words, and where the model looked for them.',
    input: z.object({
      photoId: Id,
      /** The words before the one in question. */
      prefix: z.array(ModelWord).max(100),
      count: z.int().min(1).max(50).optional(),
      model: writer,
      checksum,
    }),
    output: z.object({
      /** Likeliest first; word null is the end of the sentence. Five unless asked otherwise. */
      candidates: z.array(
        z.object({
          word: z.string().nullable(),
          probability: Probability,
          /** Its probability had the model looked everywhere alike for this word and those before; not without attention. */
          unlooked: Probability.optional(),
        }),
      ),
      weights: z.array(z.number()),
      grid: Grid,
      writtenEarlier,
    }),
  },
  'caption.occlusion': {
    summary:
      'Does it matter: blanks where the model looked for a word, and regions of the same size to compare it with: elsewhere, the centre, and what another word looked at.',
    input: z.object({
      photoId: Id,
      /** The caption's words. */
      words: z.array(ModelWord).min(1).max(100),
      /** Which of them. */
      position: Count,
      /** The part of the word's attention that the blanked region holds, default 0.5. */
      share: z.number().min(0.05).max(0.95).optional(),
      model: writer,
      checksum,
    }),
    progress: z.object({ done: Count, total: Count }),
    output: z.object({
      grid: Grid,
      /** The cells that were blanked. */
      region: z.array(Count),
      /** Probability of the word with the whole photo, and without the region it looked at. */
      whole: Probability,
      blanked: Probability,
      /** Without as many cells in the photo's middle; null where the word looked there itself. */
      centre: z.object({ region: z.array(Count), probability: Probability }).nullable(),
      /** Without what another word of the caption looked at; null where they all looked at much the same. */
      otherWord: z.object({ position: Count, region: z.array(Count), probability: Probability }).nullable(),
      /** The same-sized regions elsewhere: their cells and the word's probability without each. */
      elsewhere: z.array(z.object({ region: z.array(Count), probability: Probability })),
      /** Mean of those; null where the photo has no room for another region. */
      elsewhereMean: Probability.nullable(),
      writtenEarlier,
    }),
  },
  'caption.mattered': {
    summary:
      'What mattered: for each word of a caption, how far its log p falls where the photo is blank around each cell. Beside ' +
      'where it looked, never in its place: a look at the photo for every cell. Kept for the photos asked about last.',
    ...foundMaps,
  },
  'caption.posterior': {
    summary:
      'Posterior attention: for each word of a caption where the model looked, given the word (Shankar and Sarawagi 2019): ' +
      'its attention before the word was known times the probability of the word where it looks at that cell alone. Of ' +
      'recurrent captioners with attention. Kept for the photos asked about last.',
    ...foundMaps,
  },
  'caption.translate': {
    summary: 'Says a caption in another language. Each of its words looked where the words that it comes from did.',
    input: z.object({
      caption: z.string().max(5000),
      /** All words of the caption, in order; one that nobody looked for has no weights. */
      words: z.array(Word).max(1000),
      to: LanguageTag,
      /** Whether a person wrote it: of more than captions speak of, so a translator of all texts translates it. */
      byHand: z.boolean().optional(),
    }),
    output: TranslatedCaption,
  },
  'caption.vocabulary': {
    summary: 'Which words of a beginning the model does not know, and how its last word may go on.',
    input: z.object({ text: z.string().max(500), completions: z.int().min(0).max(20).optional() }),
    output: z.object({ unknown: z.array(z.string()), completions: z.array(z.string()) }),
  },

  'batch.start': {
    summary: 'Captions many photos in the background; those with a caption only if `again`. Adds to a batch that runs.',
    input: z.object({
      /** Left out: all photos without a caption. */
      photoIds: z.array(Id).max(100_000).optional(),
      again: z.boolean().optional(),
      options: CaptionOptions.omit({ sample: true, prefix: true }).optional(),
    }),
    output: Batch,
  },
  'batch.pause': { summary: 'Stops after the photo in hand; `batch.resume` goes on.', input: Nothing, output: Batch },
  'batch.resume': { summary: 'Goes on.', input: Nothing, output: Batch },
  'batch.cancel': { summary: 'Forgets the photos that still wait.', input: Nothing, output: Batch },

  'export.folder': {
    summary: 'Lets the user choose a folder to export to; null where they chose none.',
    electronOnly: true,
    input: Nothing,
    output: z.object({ path: z.string().nullable() }),
  },
  'export.run': { summary: 'Exports photos.', input: ExportInput, progress: ExportProgress, output: ExportOutput },
  'export.picture': {
    summary: 'Draws one picture; its address serves a PNG.',
    input: PictureInput,
    output: z.object({ address: Address, name: z.string() }),
  },
  'export.copy': {
    summary: 'Puts a text or a drawn picture on the clipboard.',
    electronOnly: true,
    input: z.union([z.object({ text: z.string().max(1_000_000) }), z.object({ picture: PictureInput })]),
    output: Nothing,
  },
  'export.show': {
    summary: 'Shows a photo of the library, or an exported file, in the system’s file manager.',
    electronOnly: true,
    input: z.union([z.object({ photoId: Id }), z.object({ path: z.string() })]),
    output: Nothing,
  },

  'models.list': {
    summary: 'The models that are there: captioners, then translators, each with the first choice first.',
    input: Nothing,
    output: z.object({ models: z.array(InstalledModel) }),
  },
  'models.card': {
    summary: 'The card of a model, in Markdown: where it comes from, and what it cannot do.',
    input: z.object({ name: ModelName }),
    output: z.object({ card: z.string() }),
  },
  'models.choose': {
    summary: 'Makes a model the one that is taken where nobody names another.',
    input: z.object({ name: ModelName }),
    output: Nothing,
  },
  'models.measure': {
    summary: 'Measures how long a model takes for a photo or a sentence on this machine, and remembers it.',
    input: z.object({ name: ModelName }),
    output: z.object({ milliseconds: z.number(), backend: Backend }),
  },
  'models.remove': {
    summary: 'Removes a model that somebody added.',
    input: z.object({ name: ModelName }),
    output: Nothing,
  },
  'models.offer': {
    summary: 'Asks the Hub what a model is: its family, licence and size. Nothing of weight is loaded.',
    input: z.object({ name: HubName, revision: HubRevision.optional() }),
    output: ModelOffer,
  },
  'models.add': {
    summary: 'Loads a model from the Hub and adds it; the commit is that of an offer. What was interrupted goes on.',
    input: z.object({ name: HubName, revision: HubRevision }),
    progress: AddingProgress,
    output: z.object({ name: ModelName }),
  },
  'models.addFolder': {
    summary: 'Adds a model from a folder as its authors publish it.',
    electronOnly: true,
    input: z.object({ path: z.string().min(1) }),
    output: z.object({ name: ModelName }),
  },
  'models.beginUpload': {
    summary: 'Begins to send a folder with a model, in a browser: which files, and how large.',
    input: z.object({
      /** Of the folder. */
      name: z.string().min(1).max(200),
      files: z.array(z.object({ name: z.string().min(1).max(100), bytes: Count })).max(500),
    }),
    output: z.object({ upload: Id }),
  },
  'models.upload': {
    summary: 'Sends the next piece of one of its files.',
    input: z.object({ upload: Id, file: z.string().max(100), at: Count, bytes: z.instanceof(Uint8Array) }),
    output: Nothing,
  },
  'models.endUpload': {
    summary: 'Adds the model of a folder that was sent whole; or gives it up (`add` false), and `name` is null.',
    input: z.object({ upload: Id, add: z.boolean() }),
    output: z.object({ name: ModelName.nullable() }),
  },
  'models.dialog': {
    summary: 'Lets the user choose a folder with a model, and adds it; null where they chose none.',
    electronOnly: true,
    input: Nothing,
    output: z.object({ name: ModelName.nullable() }),
  },

  'translate.models': {
    summary: 'The translators that are installed, best first; empty where there is none.',
    input: Nothing,
    output: z.object({
      models: z.array(TranslationModel),
      languages: z.array(Language),
      /** Pairs that two of the models translate together, through English. */
      through: z.array(z.object({ from: LanguageTag, to: LanguageTag })),
    }),
  },
  'translate.run': {
    summary: 'Translates a text, sentence by sentence; reports each as it is done, in no particular order.',
    input: TranslateOptions.extend({
      text: z.string().max(100_000),
      /** What the text is: of a document the mark-up stays, and `text` of the answer is a document (default `text`). */
      format: z.enum(['text', 'markdown', 'srt']).optional(),
    }),
    progress: z.object({ sentence: Count, of: Count, translated: TranslatedSentence }),
    output: TranslateOutput,
  },
  'translate.lookInside': {
    summary: 'Translates one sentence and shows what every layer and head looked at.',
    input: TranslateOptions.extend({
      text: z.string().max(2000),
      /** Shows what the model looks at while it writes exactly this; empty: its own translation. */
      target: z.string().max(2000).optional(),
    }),
    output: LookInsideOutput,
  },

  'learn.caption': {
    summary:
      'How the captioner comes to a word after some words, with every number on the way; and what a change of the ' +
      'scores, before the softmax, makes of it. Of one look at the photo, even where captions are made of two.',
    input: CaptionTraceInput,
    output: CaptionTrace,
  },
  'learn.sentence': {
    summary: 'How a translator comes to a token of one sentence, likewise; of a Transformer, one head of one layer.',
    input: SentenceTraceInput,
    output: SentenceTrace,
  },
  'learn.softAndHard': {
    summary:
      'A photo captioned with soft and with hard attention (Xu et al. 2015), and where each looked. Nothing is kept of it.',
    input: z.object({ photoId: Id }),
    output: SoftAndHard,
  },
  'learn.captionTree': {
    summary: 'Captions a photo, and tells everything that the beam search looked at. Nothing is kept of it.',
    input: z.object({
      photoId: Id,
      /** Left out: as captions are searched for. */
      beam: BeamWidth.optional(),
    }),
    output: SearchTree,
  },
  'learn.sentenceTree': {
    summary: 'Translates one sentence, and tells everything that the beam search looked at.',
    input: SentenceTraceInput.pick({ text: true, from: true, to: true, model: true }).extend({
      beam: BeamWidth.optional(),
    }),
    output: SearchTree,
  },
} as const satisfies Record<string, RequestSpec>;

export type RequestName = keyof typeof REQUESTS;
export type Input<Name extends RequestName> = z.input<(typeof REQUESTS)[Name]['input']>;
export type Output<Name extends RequestName> = z.output<(typeof REQUESTS)[Name]['output']>;
export type Progress<Name extends RequestName> = (typeof REQUESTS)[Name] extends { progress: infer Schema }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : never
  : never;

export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(REQUESTS, name);
}
