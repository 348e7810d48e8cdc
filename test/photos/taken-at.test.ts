import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPhoto } from '../../src/photos/open-photo.ts';
import { takenAt } from '../../src/photos/taken-at.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

function photo(tags: Record<string, string>, format: 'jpeg' | 'webp' | 'png' | 'avif' = 'jpeg'): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 6, channels: 3, background: '#789' } })
    .withExif({ IFD2: tags })
    .toFormat(format)
    .toBuffer();
}
const takenOf = async (source: string | Buffer): Promise<number | undefined> => (await openPhoto(source)).taken;

describe('when a photo was taken', () => {
  it.each(['jpeg', 'webp', 'png', 'avif'] as const)('is told by its EXIF, in a %s', async (format) => {
    const tags = { DateTimeOriginal: '2019:07:04 12:30:05', OffsetTimeOriginal: '+02:00' };
    expect(await takenOf(await photo(tags, format))).toBe(Date.UTC(2019, 6, 4, 10, 30, 5));
  });

  it('is by this computer’s clock where the hours from UTC are not told', async () => {
    const path = join(folder, 'summer.jpg');
    await sharp(await photo({ DateTimeOriginal: '2019:07:04 12:30:05' }))
      .keepExif()
      .toFile(path);
    expect(await takenOf(path)).toBe(new Date(2019, 6, 4, 12, 30, 5).getTime());
  });

  it.each<[string, Record<string, string>]>([
    ['nothing is said', {}],
    ['a camera’s clock was never set', { DateTimeOriginal: '0000:00:00 00:00:00' }],
    ['it is no time', { DateTimeOriginal: 'last summer' }],
    ['another time is said', { DateTimeDigitized: '2019:07:04 12:30:05' }],
  ])('is not told where %s', async (_, tags) => {
    expect(await takenOf(await photo(tags))).toBeUndefined();
  });

  it('is not told by damaged EXIF, which is no fault of the photo', async () => {
    const { exif } = await sharp(await photo({ DateTimeOriginal: '2019:07:04 12:30:05' })).metadata();
    expect(takenAt(exif)).toBeDefined();
    expect(takenAt(undefined)).toBeUndefined();
    for (let length = 0; length < exif!.length - 24; length++)
      expect(() => takenAt(exif!.subarray(0, length))).not.toThrow();
    expect(takenAt(exif!.subarray(0, 20))).toBeUndefined();
    expect(takenAt(Buffer.alloc(100, 7))).toBeUndefined();
  });
});
