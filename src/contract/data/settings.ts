import { z } from 'zod';
import { MapsFrom } from './captions.ts';
import { BLEND_MODES, COLOUR_MAPS } from '../constants/map-styles.ts';
import { DEVICES } from '../constants/devices.ts';
import { WORDINGS } from '../constants/wordings.ts';

/** How maps are drawn, on the screen and in exports. */
export const MapStyle = z.object({
  mode: z.enum(BLEND_MODES),
  colourMap: z.enum(COLOUR_MAPS),
  /** How much the map covers the photo; null: what suits the mode. */
  strength: z.number().min(0).max(1).nullable(),
  shape: z.enum(['smooth', 'cells']),
  /** What counts as full attention: the largest value of each word's own map, or of all maps of the caption. */
  range: z.enum(['word', 'caption']),
});
export type MapStyle = z.infer<typeof MapStyle>;

/** The most things that the page may want to keep. */
const PAGE_SETTINGS = 50;

export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  contrast: z.enum(['system', 'normal', 'high']),
  motion: z.enum(['system', 'full', 'reduced']),
  /** 'system', or a language tag that the page has texts for. */
  language: z.string().max(35),
  mapStyle: MapStyle,
  /** How many alternatives are shown. */
  alternatives: z.int().min(0).max(20),
  /** Whose attention maps show, where the model has several. */
  mapsFrom: MapsFrom,
  /** Null: as the model has it. */
  beam: z.int().min(1).max(50).nullable(),
  /** How captions are worded from now on; those that are there stay as they are. */
  wording: z.enum(WORDINGS),
  /** Whether photos are captioned as soon as they are added. */
  captionOnOpen: z.boolean(),
  /** Where photos are encoded: a graphics card is taken where it captions as the processor does. */
  device: z.enum(DEVICES),
  translateFrom: z.string().max(35),
  translateTo: z.string().max(35),
  /** What the page wants to keep for itself (rail place, sizes of panes). */
  page: z
    .record(z.string().max(60), z.union([z.string().max(2000), z.number(), z.boolean(), z.null()]))
    .refine(
      (kept) => Object.keys(kept).length <= PAGE_SETTINGS,
      `more than ${PAGE_SETTINGS} of the page's own settings`,
    ),
});
export type Settings = z.infer<typeof Settings>;
