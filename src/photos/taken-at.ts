import readExif from 'exif-reader';

/**
 * When a photo was taken, as the camera wrote it into its EXIF (DateTimeOriginal, with the hours from UTC where they stand
 * there, else by this computer's clock).
 * @returns milliseconds since 1970; undefined where it does not say, or says something that is no time
 */
export function takenAt(exif: Uint8Array | undefined): number | undefined {
  if (!exif) return undefined;
  let tags: ReturnType<typeof readExif>['Photo'];
  try {
    tags = readExif(Buffer.from(exif.buffer, exif.byteOffset, exif.length)).Photo;
  } catch {
    return undefined;
  }
  // The clock's digits, read as if they were UTC.
  const clock: unknown = tags?.DateTimeOriginal;
  if (!(clock instanceof Date) || !(clock.getTime() > 0)) return undefined;
  const digits = clock.toISOString().slice(0, 19);
  const offset: unknown = tags?.OffsetTimeOriginal;
  const zone = typeof offset === 'string' && /^[+-]\d\d:\d\d$/.test(offset.trim()) ? offset.trim() : '';
  const time = Date.parse(`${digits}${zone}`);
  return Number.isNaN(time) ? undefined : time;
}
