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
  /** What people accepted or wrote, as the captions file that `attend train captioner` takes. */
  'training',
  /** One text file a photo, beside it or in the folder. */
  'txt',
  /** One XMP sidecar a photo: description, alternative text and keywords. */
  'xmp',
  /** The same in the photo's own metadata; its pixels and other metadata stay. */
  'embed',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Those that are drawn from maps. */
export const DRAWN_FORMATS = ['png', 'sheet', 'svg', 'webp', 'gif', 'html'] as const satisfies readonly ExportFormat[];
export type DrawnFormat = (typeof DRAWN_FORMATS)[number];

/** Whether a format has maps in it. */
export function hasMaps(format: ExportFormat): boolean {
  return format === 'json' || isDrawn(format);
}

export function isDrawn(format: ExportFormat): format is DrawnFormat {
  return (DRAWN_FORMATS as readonly ExportFormat[]).includes(format);
}
