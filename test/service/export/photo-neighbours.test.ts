import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PhotoNeighbours } from '../../../src/service/export/photo-neighbours.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-neighbours-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The neighbours of a photo in a folder with these files. */
async function beside(...names: string[]): Promise<PhotoNeighbours> {
  for (const name of names) await writeFile(join(folder, name), '');
  return new PhotoNeighbours();
}
const at = (name: string): string => join(folder, name);

describe('a photo that shares its name', () => {
  it.each([
    ['with its raw file', 'a.NEF', true],
    ['with a photo in other capitals', 'A.png', true],
    ['with a text, which is no photo', 'a.txt', false],
    ['with nobody', 'b.jpg', false],
  ])('%s', async (_, other, shares) => {
    expect(await (await beside('a.jpg', other)).sharesName(at('a.jpg'))).toBe(shares);
  });

  it('is not its own neighbour, nor one of a folder that is gone', async () => {
    expect(await (await beside('a.jpg')).sharesName(at('a.jpg'))).toBe(false);
    expect(await new PhotoNeighbours().sharesName(join(folder, 'gone', 'a.jpg'))).toBe(false);
  });
});

describe('files of a photo that another photo’s could be called as', () => {
  it.each([
    ['a.jpg', 'a.png', true],
    ['b-jpg.png', 'b.jpg', true],
    ['b-gif.png', 'b.jpg', false],
    ['a.jpg', 'c.png', false],
  ])('%s beside %s', async (photo, other, shares) => {
    expect(await (await beside(photo, other)).sharesOutputs(at(photo))).toBe(shares);
  });
});

describe('the sidecars of a photo', () => {
  const names = async (neighbours: PhotoNeighbours, photo: string): Promise<string[]> =>
    (await neighbours.sidecarsOf(at(photo))).map((path) => basename(path));

  it('are those of both ways to name them, darktable’s first', async () => {
    const neighbours = await beside('a.jpg', 'a.xmp', 'a.jpg.xmp');
    expect(await names(neighbours, 'a.jpg')).toEqual(['a.jpg.xmp', 'a.xmp']);
    expect(await neighbours.sidecarFor(at('a.jpg'))).toBe(at('a.jpg.xmp'));
  });

  it('are found in other capitals, but as they are written first', async () => {
    expect(await names(await beside('a.jpg', 'A.XMP'), 'a.jpg')).toEqual(['A.XMP']);
    expect(await names(await beside('a.xmp'), 'a.jpg')).toEqual(['a.xmp']);
  });

  it('are not taken from a raw file of the same name', async () => {
    const neighbours = await beside('a.jpg', 'a.cr2', 'a.xmp');
    expect(await names(neighbours, 'a.jpg')).toEqual([]);
    expect(await neighbours.sidecarFor(at('a.jpg'))).toBe(at('a.jpg.xmp'));
  });

  it('are made beside the photo where there are none', async () => {
    expect(await (await beside('a.jpg')).sidecarFor(at('a.jpg'))).toBe(at('a.jpg.xmp'));
  });
});
