import { describe, expect, it } from 'vitest';
import { ForeignTextError, withTextAdded } from '../../../src/service/export/text-file.ts';

const add = (before: Uint8Array, text: string): Buffer | undefined => {
  const after = withTextAdded(before, () => text);
  return after && Buffer.from(after);
};
const LATIN = Buffer.from('Oma im Café', 'latin1');
const LITTLE = Buffer.from('\uFEFFOma\r\n', 'utf16le');
const BIG = Buffer.from('\uFEFFOma', 'utf16le').swap16();

describe('a text that is added to a file', () => {
  it.each<[string, Uint8Array, string, Uint8Array]>([
    ['UTF-8', Buffer.from('Café\n'), 'Ünder.\n', Buffer.from('Café\nÜnder.\n')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFCafé'), 'Dog.\n', Buffer.from('\uFEFFCafé\nDog.\n')],
    ['UTF-16 from Windows', LITTLE, 'Hündin.\n', Buffer.concat([LITTLE, Buffer.from('Hündin.\r\n', 'utf16le')])],
    ['UTF-16, big-endian', BIG, '犬\n', Buffer.concat([BIG, Buffer.from('\n犬\n', 'utf16le').swap16()])],
    ['another encoding', LATIN, 'A dog.\n', Buffer.concat([LATIN, Buffer.from('\nA dog.\n')])],
    [
      'another encoding, its second letter that of a mark',
      Buffer.from('aÿ', 'latin1'),
      'Dog',
      Buffer.from('aÿ\nDog', 'latin1'),
    ],
    ['nothing', Buffer.from(''), 'A dog.\n', Buffer.from('A dog.\n')],
  ])('leaves every byte of %s', (_, before, text, expected) => {
    expect(add(before, text)).toEqual(Buffer.from(expected));
  });

  it('is not added twice, but a part of a line is no line', () => {
    expect(add(Buffer.from('A dog.\r\nA cat.'), 'A dog.\n')).toBeUndefined();
    expect(add(Buffer.from('A dog runs'), 'A dog\n')?.toString()).toBe('A dog runs\nA dog\n');
  });

  it.each([
    ['letters that no encoding is known for', LATIN, 'Hündin.\n'],
    ['UTF-16 without a mark', Buffer.from('Oma', 'utf16le'), 'A dog.\n'],
  ])('is refused: %s', (_, before, text) => {
    expect(() => add(before, text)).toThrow(ForeignTextError);
  });
});
