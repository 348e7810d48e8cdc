import { describe, expect, it } from 'vitest';
import { PhotoError } from '../../src/photos/photo-error.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { FORMATS, mutatedPhotos, soundPhotos } from './mutated-photos.ts';

// The short version of `npm run faults`.
describe('damaged photos', () => {
  it('are read whole or refused in a sentence, every one of them', async () => {
    const files = await mutatedPhotos(140, 1);
    const read = await Promise.allSettled(files.map(({ bytes, name }) => readPhoto(bytes, { name })));
    let refused = 0;
    read.forEach((one, i) => {
      const { name } = files[i]!;
      if (one.status === 'fulfilled') {
        expect(one.value.pixels, name).toHaveLength(224 * 224 * 3);
        return;
      }
      refused++;
      expect(one.reason, name).toBeInstanceOf(PhotoError);
      const { message } = one.reason as PhotoError;
      expect(message.startsWith(`cannot read ${name}: `), message).toBe(true);
      expect(message, name).toMatch(/\.$/);
      expect(message, name).not.toMatch(/\n|corrupt header|\(\W*\)|undefined|process stopped/);
    });
    // Otherwise nothing was damaged.
    expect(refused).toBeGreaterThan(30);
  });

  it('are the same each time', async () => {
    const [first, again] = [await mutatedPhotos(20, 7), await mutatedPhotos(20, 7)];
    expect(again).toEqual(first);
    expect(await mutatedPhotos(20, 8)).not.toEqual(first);
  });

  it('come from sound ones, which are read', async () => {
    const sound = await soundPhotos();
    for (const format of FORMATS) expect(await readPhoto(sound[format])).toMatchObject({ format });
  });
});
