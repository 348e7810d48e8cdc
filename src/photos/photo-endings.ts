/** The endings of files that Attend reads, without the dot, in lower case. The content tells the format, not the ending. */
export const READABLE_ENDINGS = [
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'png',
  'webp',
  'gif',
  'tif',
  'tiff',
  'avif',
  'svg',
] as const;

/** Photos that Attend cannot read: they are taken all the same, so that somebody is told what to do about them. */
const UNREADABLE_ENDINGS = ['heic', 'heif'] as const;

/** What is taken for a photo. */
export const PHOTO_ENDINGS: readonly string[] = [...READABLE_ENDINGS, ...UNREADABLE_ENDINGS];

/** Whether a file is taken for a photo by its name. */
export function hasPhotoEnding(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot >= 0 && PHOTO_ENDINGS.includes(name.slice(dot + 1).toLowerCase());
}
