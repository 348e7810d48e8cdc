import { z } from 'zod';

/**
 * Everything that a door of Attend understands: the page asks through Electron's messages or over loopback HTTP,
 * the service answers. Each door checks what comes in against these schemas, so behind it values are what their
 * types say. Nothing in here knows how a message travels.
 *
 * Pictures are not sent in answers but named by addresses (`/photos/ID/thumbnail`), relative to the page's origin.
 */

// ---------------------------------------------------------------------------------------------------------- errors

/** Faults of a photo itself (as in src/photos/photo-error.ts), which another try does not mend. */
export const PHOTO_FAILURES = [
  'is-directory',
  'not-permitted',
  'empty',
  'unsupported',
  'too-large',
  'truncated',
  'unreadable',
  'file-gone',
] as const;

/** Why a request failed. Callers branch on the code, people read the message. */
export const ERROR_CODES = [
  // What was asked for.
  'bad-request',
  'unknown-request',
  'not-found',
  'unknown-words',
  'unknown-language',
  'too-long',
  'nothing-to-export',
  ...PHOTO_FAILURES,
  // What is missing here.
  'no-captioner',
  'no-translator',
  'no-attention',
  'not-here',
  // Writing.
  'cannot-write',
  // Who asks.
  'unauthorized',
  'forbidden',
  // How it went.
  'cancelled',
  'connection-lost',
  'internal',
] as const;
export const ErrorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** An error as it travels. */
export const Failure = z.object({
  code: ErrorCode,
  /** One or two sentences for a person: what is wrong, and what to do about it. */
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;

/** A request that failed, thrown on the asking side as well as inside the service. */
export class AttendError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AttendError';
    this.code = code;
  }

  toJSON(): Failure {
    return { code: this.code, message: this.message };
  }
}

// ----------------------------------------------------------------------------------------------------------- parts

const Id = z.string().regex(/^[a-z0-9]{1,32}$/);
const Probability = z.number().min(0).max(1);
const Count = z.int().nonnegative();
/** An address to load a picture from, relative to the page's origin; see `AttendClient.url`. */
const Address = z.string();
/** Words as the model has them: lower case, one each. */
const ModelWord = z.string().min(1).max(100);
const LanguageTag = z.string().min(2).max(35);
const Nothing = z.object({});

export const Word = z.object({
  /** In lower case, as the model has it. */
  word: z.string(),
  /** p(word | photo, words before). */
  probability: Probability,
  /** Where the model looked: rows x columns numbers that sum to 1, row by row from the top left; empty without attention. */
  weights: z.array(z.number()),
});
export type Word = z.infer<typeof Word>;

/** [rows, columns] of every `weights`. */
export const Grid = z.tuple([z.int().positive(), z.int().positive()]);
export type Grid = z.infer<typeof Grid>;

export const Caption = z.object({
  /** As a sentence: "A dog runs through the snow." */
  caption: z.string(),
  /** What the search ranked by, 0 at best. */
  score: z.number(),
  words: z.array(Word),
});
export type Caption = z.infer<typeof Caption>;

/** How a caption is looked for. What is left out is as the model has it. */
export const CaptionOptions = z.object({
  /** Beam width; 1 is greedy. */
  beam: z.int().min(1).max(50).optional(),
  /** How many further captions are wanted. */
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
});
export type CaptionOptions = z.infer<typeof CaptionOptions>;

/** What a photo is filed under: "dog", "soccer ball"; none twice. */
export const Keywords = z.array(z.string().min(1).max(100)).max(200);

export const CaptionResult = z.object({
  photoId: Id,
  /** Best first; at least one. With `sample`: in the order drawn. */
  captions: z.array(Caption).min(1),
  grid: Grid,
  /** What the photo could be filed under, in the captions' words; left out where the model does not write English. */
  keywords: Keywords.optional(),
  /** How many words of every caption were given by `start` or `prefix`. */
  given: Count,
  model: z.string(),
  backend: z.enum(['native', 'wasm']),
  milliseconds: z.object({ read: z.number(), encode: z.number(), decode: z.number() }),
  /** When it was found, ISO 8601. */
  at: z.string(),
});
export type CaptionResult = z.infer<typeof CaptionResult>;

/** A caption while it is decoded: the best one so far, which may still change its mind about earlier words. */
export const PartialCaption = z.object({ words: z.array(Word), grid: Grid });
export type PartialCaption = z.infer<typeof PartialCaption>;

// ---------------------------------------------------------------------------------------------------------- photos

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

// -------------------------------------------------------------------------------------------------------- settings

/** How maps are drawn, on the screen and in exports. */
export const MapStyle = z.object({
  mode: z.enum(['heat', 'tint', 'dim']),
  colourMap: z.enum(['cividis', 'viridis', 'inferno']),
  /** How much the map covers the photo; null: what suits the mode. */
  strength: z.number().min(0).max(1).nullable(),
  shape: z.enum(['smooth', 'cells']),
  /** What counts as full attention: the largest value of each word's own map, or of all maps of the caption. */
  range: z.enum(['word', 'caption']),
});
export type MapStyle = z.infer<typeof MapStyle>;

export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  contrast: z.enum(['system', 'normal', 'high']),
  motion: z.enum(['system', 'full', 'reduced']),
  /** 'system', or a language tag that the page has texts for. */
  language: z.string().max(35),
  mapStyle: MapStyle,
  /** How many alternatives are shown. */
  alternatives: z.int().min(0).max(20),
  /** Null: as the model has it. */
  beam: z.int().min(1).max(50).nullable(),
  /** Whether photos are captioned as soon as they are added. */
  captionOnOpen: z.boolean(),
  translateFrom: z.string().max(35),
  translateTo: z.string().max(35),
  /** What the page wants to keep for itself (rail place, sizes of panes). */
  page: z.record(z.string().max(60), z.union([z.string().max(2000), z.number(), z.boolean(), z.null()])),
});
export type Settings = z.infer<typeof Settings>;

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  contrast: 'system',
  motion: 'system',
  language: 'system',
  mapStyle: { mode: 'tint', colourMap: 'cividis', strength: null, shape: 'smooth', range: 'word' },
  alternatives: 4,
  beam: null,
  captionOnOpen: true,
  translateFrom: 'en',
  translateTo: 'de',
  page: {},
};

// ------------------------------------------------------------------------------------------------------------- app

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
});
export type AppInfo = z.infer<typeof AppInfo>;

/** The models: loading, ready to run, or not to be had. */
export const ModelStatus = z.object({
  state: z.enum(['loading', 'ready', 'missing', 'failed']),
  /** Name of the model, where it is known. */
  name: z.string().nullable(),
  backend: z.object({ name: z.enum(['native', 'wasm']), reason: z.string() }).nullable(),
  /** Of the captioner's maps. */
  grid: Grid.nullable(),
  error: Failure.nullable(),
});
export type ModelStatus = z.infer<typeof ModelStatus>;

// ---------------------------------------------------------------------------------------------------------- export

export const EXPORT_FORMATS = [
  /** One PNG a word, with its map. */
  'png',
  /** The contact sheet, PNG. */
  'sheet',
  'svg',
  'webp',
  'gif',
  /** One JSON file a photo: the caption with words and weights. */
  'json',
  /** One self-contained page a photo that works with the mouse. */
  'html',
  /** One table of all captions. */
  'csv',
  'jsonl',
  /** One text file a photo, beside it or in the folder. */
  'txt',
  /** One XMP sidecar a photo: description, alternative text and keywords. */
  'xmp',
  /** The same in the photo's own metadata; its pixels and other metadata stay. */
  'embed',
] as const;
export const ExportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const ExportInput = z.object({
  photoIds: z.array(Id).min(1).max(100_000),
  formats: z.array(ExportFormat).min(1),
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
  /** To which language captions and the keywords found in them are translated; what was written by hand stays. */
  language: LanguageTag.optional(),
  /** Whether keywords go into `xmp` and `embed` (default true). */
  keywords: z.boolean().optional(),
  /** With `embed`: also EXIF ImageDescription, and PNG text in PNG files. */
  exif: z.boolean().optional(),
});
export type ExportInput = z.infer<typeof ExportInput>;

/** Counted in photos times formats; `file` is the photo in hand. */
export const ExportProgress = z.object({ done: Count, total: Count, file: z.string() });
export type ExportProgress = z.infer<typeof ExportProgress>;

export const ExportOutput = z.object({
  /** Paths of the files that were written (names inside the zip for a download). */
  written: z.array(z.string()),
  skipped: z.array(z.string()),
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
  style: MapStyle.partial().optional(),
});

// ------------------------------------------------------------------------------------------------------- translate

/** A piece of a sentence as the model reads and writes it. */
export const Token = z.object({
  /** As it is printed: `▁dog` with its space, `<2de>`, `<end>`, a byte as `<0xF0>`. */
  text: z.string(),
  /** The word of the sentence that it belongs to, counted from 0; null for what writes nothing (the tag, the end). */
  word: Count.nullable(),
});
export type Token = z.infer<typeof Token>;

/**
 * Words of a translated caption that are less likely than this are mostly wrong: of the things in the translations of 400
 * captions, the captions translators put 5 of some 900 below it in German and 5 in French, nearly all wrong or invented.
 */
export const UNSURE_BELOW = 0.25;

export const Translation = z.object({
  text: z.string(),
  score: z.number(),
  /** Words of `text`, in order, punctuation apart. */
  words: z.array(z.object({ word: z.string(), probability: Probability })),
  tokens: z.array(Token),
  /** alignment[target word][source word]: how much each source word counted; rows sum to 1; empty without attention. */
  alignment: z.array(z.array(z.number())),
});
export type Translation = z.infer<typeof Translation>;

export const TranslatedSentence = z.object({
  source: z.object({ text: z.string(), words: z.array(z.string()), tokens: z.array(Token) }),
  /** Best first; at least one. */
  translations: z.array(Translation).min(1),
  /** There where the sentence was left as it is: the model knows (almost) none of its characters. */
  kept: z.literal('unknown-script').optional(),
});
export type TranslatedSentence = z.infer<typeof TranslatedSentence>;

/** A kind of text that some translators are made for. */
export const TranslationDomain = z.enum(['captions']);

export const TranslateOptions = z.object({
  from: LanguageTag.optional(),
  to: LanguageTag,
  alternatives: z.int().min(0).max(10).optional(),
  beam: z.int().min(1).max(50).optional(),
  /** One of `translate.models`; left out: the best for the pair. */
  model: z.string().max(100).optional(),
  /** What the text is: captions are translated by a model that was made for them, where there is one. */
  domain: TranslationDomain.optional(),
});

export const TranslateOutput = z.object({
  from: LanguageTag,
  to: LanguageTag,
  /** In order. What stands between them (white space, emoji, addresses) is in `text` only. */
  sentences: z.array(TranslatedSentence),
  /** The whole text with its line breaks. */
  text: z.string(),
  model: z.string(),
  backend: z.enum(['native', 'wasm']),
  milliseconds: z.number(),
});
export type TranslateOutput = z.infer<typeof TranslateOutput>;

export const Language = z.object({
  tag: LanguageTag,
  /** Its own name for itself: "Deutsch". */
  name: z.string(),
});

export const TranslationModel = z.object({
  name: z.string(),
  /** What a person reads: "Transformer", "GRU with additive attention". */
  title: z.string(),
  architecture: z.enum(['seq2seq', 'transformer']),
  pairs: z.array(z.object({ from: LanguageTag, to: LanguageTag })),
  /** 0 where the model has no attention; a recurrent one has 1. */
  layers: Count,
  heads: Count,
  /** Whether it was trained to be compared with others, and not to translate as well as can be. */
  isComparison: z.boolean(),
  /** The only kind of text that it was made for; left out: all. */
  domain: TranslationDomain.optional(),
});
export type TranslationModel = z.infer<typeof TranslationModel>;

/** What a model looked at while it translated one sentence. */
export const LookInsideOutput = z.object({
  source: z.array(Token),
  target: z.array(Token),
  /** Probability of each target token. */
  probabilities: z.array(Probability),
  text: z.string(),
  /**
   * One matrix a layer, head and kind; rows are queries, columns keys, rows sum to 1. `end` tokens are the last.
   * None for a model without attention; a recurrent model has one, `cross`, layer 0, head 0.
   */
  maps: z.array(
    z.object({
      /**
       * `cross`: target x source; `encoder`: source x source; `decoder`: target x fed, where the fed tokens are the start
       * token and then the target's without its last, so that row i looks at columns 0 to i.
       */
      kind: z.enum(['cross', 'encoder', 'decoder']),
      layer: Count,
      head: Count,
      weights: z.array(z.array(z.number())),
    }),
  ),
  model: z.string(),
  milliseconds: z.number(),
});
export type LookInsideOutput = z.infer<typeof LookInsideOutput>;

// -------------------------------------------------------------------------------------------------------- requests

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

export const REQUESTS = {
  'app.info': { summary: 'What runs here.', input: Nothing, output: AppInfo },
  'app.model': {
    summary: 'Whether the captioner is ready; see the event `model`.',
    input: Nothing,
    output: ModelStatus,
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
    summary: 'Takes photos out of the library. Their files stay where they are.',
    input: z.object({ photoIds: z.array(Id).max(100_000) }),
    output: Nothing,
  },
  'photos.search': {
    summary: 'The photos whose caption, keywords and name together have all the words, in the order of the library.',
    input: z.object({ text: z.string().max(500) }),
    output: z.object({ photoIds: z.array(Id) }),
  },

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
  'caption.edit': {
    summary: 'Keeps a caption written by hand; null goes back to the model’s.',
    input: z.object({ photoId: Id, caption: z.string().max(5000).nullable() }),
    output: Photo,
  },
  'caption.keywords': {
    summary: 'Keeps keywords chosen by hand; null goes back to those found in the captions.',
    input: z.object({ photoId: Id, keywords: Keywords.nullable() }),
    output: z.object({ keywords: Keywords.nullable() }),
  },
  'caption.choose': {
    summary: 'Makes one of the result’s captions the first one.',
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
    }),
    output: z.object({
      /** Likeliest first; word null is the end of the sentence. Five unless asked otherwise. */
      candidates: z.array(z.object({ word: z.string().nullable(), probability: Probability })),
      weights: z.array(z.number()),
      grid: Grid,
    }),
  },
  'caption.occlusion': {
    summary: 'Does it matter: blanks where the model looked for a word, and regions of the same size elsewhere.',
    input: z.object({
      photoId: Id,
      /** The caption's words. */
      words: z.array(ModelWord).min(1).max(100),
      /** Which of them. */
      position: Count,
      /** The part of the word's attention that the blanked region holds, default 0.5. */
      share: z.number().min(0.05).max(0.95).optional(),
    }),
    progress: z.object({ done: Count, total: Count }),
    output: z.object({
      grid: Grid,
      /** The cells that were blanked. */
      region: z.array(Count),
      /** Probability of the word with the whole photo, and without the region it looked at. */
      whole: Probability,
      blanked: Probability,
      /** The same-sized regions elsewhere: their cells and the word's probability without each. */
      elsewhere: z.array(z.object({ region: z.array(Count), probability: Probability })),
      /** Mean of those; null where the photo has no room for another region. */
      elsewhereMean: Probability.nullable(),
    }),
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

  'translate.models': {
    summary: 'The translators that are installed, best first; empty where there is none.',
    input: Nothing,
    output: z.object({ models: z.array(TranslationModel), languages: z.array(Language) }),
  },
  'translate.run': {
    summary: 'Translates a text, sentence by sentence; reports each as it is done, in no particular order.',
    input: TranslateOptions.extend({ text: z.string().max(100_000) }),
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

// ---------------------------------------------------------------------------------------------------------- events

/** What a menu asks the page to do. */
export const MENU_COMMANDS = [
  'open-files',
  'open-folder',
  'paste',
  'samples',
  'export',
  'copy-caption',
  'copy-overlay',
  'edit-caption',
  'select-all',
  'remove',
  'find',
  'place-caption',
  'place-translate',
  'place-look-inside',
  'play',
  'contact-sheet',
  'settings',
  'shortcuts',
  'about',
] as const;

export const EVENTS = {
  /** Photos that were added or changed (in any way), and ids of those removed. Comes in bundles, not one by one. */
  photos: z.object({ changed: z.array(Photo), removed: z.array(Id) }),
  batch: Batch,
  model: ModelStatus,
  settings: Settings,
  /** Photos that came in from outside the page (open-with, recent files, command line): show them. */
  opened: z.object({ photoIds: z.array(Id) }),
  menu: z.object({ command: z.enum(MENU_COMMANDS) }),
} as const satisfies Record<string, z.ZodType>;

export type EventName = keyof typeof EVENTS;
export type EventOf<Name extends EventName> = z.output<(typeof EVENTS)[Name]>;

// ------------------------------------------------------------------------------------------------------------- api

export interface RequestControl<Name extends RequestName> {
  /** Aborting cancels at once, also what is running; the request rejects with `cancelled`. */
  signal?: AbortSignal;
  /** Called for each report of a request that has `progress`. */
  onProgress?: (progress: Progress<Name>) => void;
}

/** The one API that all doors offer. Requests reject with an `AttendError`. */
export interface AttendApi {
  request<Name extends RequestName>(
    name: Name,
    input: Input<Name>,
    control?: RequestControl<Name>,
  ): Promise<Output<Name>>;
  /** @returns a function that ends the subscription */
  subscribe<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void;
}
