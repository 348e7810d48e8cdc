import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photoPath, readPhotoCaptions } from '../../src/photos/captions-file.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
let path: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'captions.jsonl');
});
afterAll(() => folder.remove());

describe('readPhotoCaptions', () => {
  it('reads photos with their captions and splits, and passes over empty lines and other keys', async () => {
    await writeFile(
      path,
      '\ufeff{"file":"a.jpg","captions":["a dog"],"id":1}\r\n\r\n{"file":"b.jpg","captions":["x"],"split":"dev"}',
    );
    expect(await readPhotoCaptions(path)).toEqual([
      { file: 'a.jpg', captions: ['a dog'] },
      { file: 'b.jpg', captions: ['x'], split: 'dev' },
    ]);
  });

  it.each([
    ['nothing in it', '\n', 'captions.jsonl is empty'],
    ['a line of something else', '{"file":"a","captions":["x"]}\nhello\n', 'captions.jsonl, line 2 is not JSON.'],
    ['no file', '{"captions":["x"]}', 'line 1 names no "file"'],
    ['no list of captions', '{"file":"a","captions":"x"}', 'line 1 needs "captions", a list'],
    ['captions that say nothing', '{"file":"a","captions":[""," "]}', 'line 1 needs "captions", a list'],
    ['a split that is none', '{"file":"a","captions":["x"],"split":3}', 'line 1: "split" is not a word'],
    [
      'a photo twice',
      '{"file":"a","captions":["x"]}\n\n{"file":"a","captions":["y"]}',
      'line 3 names a again (line 1)',
    ],
    [
      'a photo twice in other spellings',
      '{"file":"b/../\u00e4.jpg","captions":["x"]}\n{"file":"./a\u0308.jpg","captions":["y"]}',
      'line 2 names a\u0308.jpg again (line 1)',
    ],
    [
      'a photo by its name and by its path',
      `{"file":"a.jpg","captions":["x"]}\n{"file":${JSON.stringify(resolve('photos/a.jpg'))},"captions":["y"]}`,
      'a.jpg again (line 1)',
    ],
  ])('refuses a file with %s', async (_, text, message) => {
    await writeFile(path, text);
    await expect(readPhotoCaptions(path, 'photos')).rejects.toThrow(message);
  });

  it('refuses what is no text, and says what is missing', async () => {
    await writeFile(path, new Uint8Array([0x7b, 0xff]));
    await expect(readPhotoCaptions(path)).rejects.toThrow('captions.jsonl is no text in UTF-8');
    await expect(readPhotoCaptions(`${path}.no`)).rejects.toThrow('captions.jsonl.no: there is no such file.');
    await expect(readPhotoCaptions(folder.path)).rejects.toThrow('it is a folder');
  });
});

it('finds photos in their folder, or where their path says', () => {
  expect(photoPath('photos', 'a/b.jpg')).toBe(join('photos', 'a/b.jpg'));
  expect(photoPath('photos', resolve('c.jpg'))).toBe(resolve('c.jpg'));
});
