import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasPhotoEnding, READABLE_ENDINGS } from '../../src/photos/photo-endings.ts';

describe('the endings of photos', () => {
  it.each(['beach.JPG', 'a.b.jfif', 'scan.tif', 'IMG_1.HEIC', 'x.jpe'])('take %s for a photo', (name) => {
    expect(hasPhotoEnding(name)).toBe(true);
  });

  it.each(['jpg', 'notes.txt', 'beach.jpg.xmp', 'beach.'])('do not take %s for one', (name) => {
    expect(hasPhotoEnding(name)).toBe(false);
  });

  it('have those that the installed app is offered for', () => {
    const offered = [...readFileSync('electron-builder.yml', 'utf8').matchAll(/\{ ext: (\w+),/g)].map(([, ext]) => ext);
    expect(offered.length).toBeGreaterThan(0);
    expect(READABLE_ENDINGS).toEqual(expect.arrayContaining(offered));
  });
});
