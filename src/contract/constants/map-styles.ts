/**
 * How a map lies over a photo:
 * - `heat`: the coloured map over the whole photo, which is turned grey so that every colour is the map's;
 * - `tint`: colour only where there is attention, over the photo in its own colours;
 * - `dim`: no colour; the photo is bright where there is attention and dark elsewhere, as in Xu et al. 2015.
 */
export const BLEND_MODES = ['heat', 'tint', 'dim'] as const;
export type BlendMode = (typeof BLEND_MODES)[number];

/** The colour maps: each is perceptually uniform, with lightness rising from end to end. */
export const COLOUR_MAPS = ['cividis', 'viridis', 'inferno'] as const;
export type ColourMapName = (typeof COLOUR_MAPS)[number];
