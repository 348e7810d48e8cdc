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

/** Photos to other programs: most are camera raw files, which lie beside their JPEGs. */
const OTHER_ENDINGS =
  'bmp psd jxl jp2 dng cr2 cr3 crw nef nrw arw srf sr2 raf rw2 raw rwl orf pef x3f mrw 3fr fff iiq erf kdc dcr srw'.split(
    ' ',
  );

/** Whether a file is taken for a photo by its name. */
export function hasPhotoEnding(name: string): boolean {
  return PHOTO_ENDINGS.includes(endingOf(name));
}

/** Whether a file is a photo to other programs by its name, and not to Attend. */
export function hasOtherPhotoEnding(name: string): boolean {
  return OTHER_ENDINGS.includes(endingOf(name));
}

function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}
