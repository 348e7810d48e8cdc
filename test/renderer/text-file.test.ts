import { describe, expect, it } from 'vitest';
import { readTextFile, translatedFile } from '../../src/renderer/text/text-file.ts';

describe('a text file on the page', () => {
  it.each([
    ['film.srt', 'srt', 'film.de.srt'],
    ['page.md', 'markdown', 'page.de.md'],
    ['notes.TXT', 'text', 'notes.de.TXT'],
    ['letter', 'text', 'letter.de'],
  ])('%s is of the kind %s, and its translation is %s', async (name, format, translated) => {
    const file = await readTextFile(new File(['\ufeffA dog.\r\n'], name));
    expect(file).toMatchObject({ format, text: 'A dog.\r\n', form: { encoding: 'utf-8', mark: true } });
    const saved = translatedFile(file, 'Ein Hund.\r\n', 'de');
    expect(saved.name).toBe(translated);
    expect([...new Uint8Array(await saved.blob.arrayBuffer())].slice(0, 3)).toEqual([0xef, 0xbb, 0xbf]);
  });

  it.each([
    ['film.vtt', 'text/vtt', 'film.vtt is a kind of text that would not come back as it was.'],
    ['prices.csv', '', 'prices.csv is a kind of text that would not come back as it was.'],
    ['dog.jpg', '', 'dog.jpg is a photo, not a text.'],
    ['dog', 'image/png', 'dog is a photo, not a text.'],
  ])('is not made of %s', async (name, type, message) => {
    await expect(readTextFile(new File(['words'], name, { type }))).rejects.toThrow(message);
  });

  it('is refused by its name where it is none', async () => {
    const latin1 = new File([new Uint8Array([0x63, 0x61, 0x66, 0xe9])], 'old.txt');
    await expect(readTextFile(latin1)).rejects.toThrow(
      'old.txt is no text in UTF-8 or UTF-16. Save it as UTF-8 first.',
    );
  });
});
