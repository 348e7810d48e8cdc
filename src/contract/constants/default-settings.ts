import type { Settings } from '../data/settings.ts';

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  contrast: 'system',
  motion: 'system',
  language: 'system',
  mapStyle: { mode: 'tint', colourMap: 'cividis', strength: null, shape: 'smooth', range: 'word' },
  alternatives: 4,
  mapsFrom: {},
  beam: null,
  wording: 'plain',
  captionOnOpen: true,
  device: 'cpu',
  translateFrom: 'en',
  translateTo: 'de',
  page: {},
};
