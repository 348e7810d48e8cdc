import { describe, expect, it } from 'vitest';
import { droppedFiles } from '../../src/renderer/components/library/open-photos.ts';

/** A file by its name, or a folder with what lies in it. */
type Dropped = string | { name: string; inside: Dropped[] };

const file = (name: string): File => new File(['x'], name, { type: name.endsWith('.jpg') ? 'image/jpeg' : '' });

type Take<T> = (take: (value: T) => void, refuse: (error: Error) => void) => void;

/** As a browser gives it, a folder in portions; what is called "barred" it cannot read. */
function entryOf(dropped: Dropped, above = ''): object {
  const name = typeof dropped === 'string' ? dropped : dropped.name;
  const fullPath = `${above}/${name}`;
  const given =
    <T>(next: () => T): Take<T> =>
    (take, refuse) =>
      name.startsWith('barred') ? refuse(new Error('not an entry of requested type')) : take(next());
  if (typeof dropped === 'string') {
    return { name, fullPath, isFile: true, isDirectory: false, file: given(() => file(name)) };
  }
  const portions = [...dropped.inside.map((one) => [entryOf(one, fullPath)]), []];
  const createReader = () => ({ readEntries: given(() => portions.shift() ?? []) });
  return { name, fullPath, isFile: false, isDirectory: true, createReader };
}

function transfer(...dropped: Dropped[]): DataTransfer {
  const items = dropped.map((one) => ({ webkitGetAsEntry: () => entryOf(one) }));
  const files = dropped.map((one) => file(typeof one === 'string' ? one : one.name));
  return { items, files } as unknown as DataTransfer;
}

const namesOf = async (...dropped: Dropped[]): Promise<string[]> =>
  (await droppedFiles(transfer(...dropped), true)).files.map(({ name }) => name);

describe('what is dropped on the page', () => {
  it.each<[string, Dropped[], string[]]>([
    ['a folder of a Mac', [{ name: 'drop', inside: ['._ok.jpg', 'ok.jpg', '.DS_Store'] }], ['ok.jpg']],
    [
      'a folder of a storage system',
      [
        {
          name: 'eadir',
          inside: [{ name: '@eaDir', inside: ['thumbnail.jpg'] }, 'IMG_1.jpg', { name: 'b', inside: ['c.jpg'] }],
        },
      ],
      ['IMG_1.jpg', 'c.jpg'],
    ],
    ['a folder with other files', [{ name: 'notes', inside: ['notes.txt', 'a.jpg', 'a.jpg.xmp'] }], ['a.jpg']],
    ['all files of a folder', ['._ok.jpg', 'ok.jpg'], ['ok.jpg']],
    ['a hidden file by itself, which is meant', ['.hidden.jpg'], ['.hidden.jpg']],
    ['a file that is no photo, of which the service says so', ['notes.txt'], ['notes.txt']],
  ])('is what may be a photo, of %s', async (_, dropped, names) => {
    expect(await namesOf(...dropped)).toEqual(names);
  });

  it('comes without what the browser cannot read, which is named', async () => {
    const inside: Dropped[] = ['a.jpg', 'barred.jpg', { name: 'barred', inside: ['b.jpg'] }, 'c.jpg'];
    const { files, unread } = await droppedFiles(transfer({ name: 'names', inside }, 'd.jpg'), true);
    expect(files.map(({ name }) => name)).toEqual(['a.jpg', 'c.jpg', 'd.jpg']);
    expect(unread).toEqual(['names/barred.jpg', 'names/barred']);
  });
});
