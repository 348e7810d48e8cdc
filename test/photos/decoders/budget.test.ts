import { describe, expect, it } from 'vitest';
import { PhotoError } from '../../../src/photos/photo-error.ts';
import { readPhoto } from '../../../src/photos/read-photo.ts';
import { ENDLESS_DRAWINGS, hugeGif, hugeWebp, LONG_TEXT } from '../hostile-photos.ts';
import { raster, toSharp } from '../synthetic-photo.ts';

const photo = () =>
  toSharp(raster(60, 40, () => [10, 200, 90]))
    .png()
    .toBuffer();

describe('a photo that would never end', () => {
  it.each([
    ['a bomb of markers', ENDLESS_DRAWINGS['a bomb of markers']],
    ['a megabyte of text', LONG_TEXT],
  ])('is given up, and the next one is read (%s)', async (_, drawing) => {
    const [hostile, friendly] = await Promise.allSettled([
      readPhoto(Buffer.from(drawing), { name: 'hostile.svg' }),
      readPhoto(await photo()),
    ]);
    expect(hostile).toMatchObject({
      reason: { message: expect.stringMatching(/^cannot read hostile\.svg: reading it takes too long/) as string },
    });
    expect(friendly).toMatchObject({ value: { width: 60 } });
  });

  it('is given up at once when nobody waits for it', async () => {
    const controller = new AbortController();
    const reading = readPhoto(Buffer.from(ENDLESS_DRAWINGS['nested uses']), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stopped')), 300);
    await expect(reading).rejects.toThrow('stopped');
    expect(await readPhoto(await photo())).toMatchObject({ width: 60 });
  });
});

describe('a photo that would take all memory', () => {
  it.each([
    ['WebP', hugeWebp(15_000, 15_000)],
    ['GIF', hugeGif(15_000, 15_000)],
  ])('is refused as %s, sixteen at once', async (_, bytes) => {
    const read = await Promise.allSettled(Array.from({ length: 16 }, () => readPhoto(bytes, { name: 'huge' })));
    for (const one of read) {
      const { reason } = one as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(PhotoError);
      expect(reason).toMatchObject({ code: 'too-large' });
      expect((reason as Error).message).toMatch(/^cannot read huge: reading it takes more than 900 MB of memory/);
    }
  });
});
