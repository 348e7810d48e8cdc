import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../src/contract/text-form.ts';

const utf16be = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

describe('how a text is written down', () => {
  it.each([
    ['UTF-8', Buffer.from('Žluťoučký 🎉'), { encoding: 'utf-8', mark: false }],
    ['UTF-8 with a mark', Buffer.from('\ufeffŽ'), { encoding: 'utf-8', mark: true }],
    ['UTF-16, little end first', Buffer.from('\ufeffŽ 🎉', 'utf16le'), { encoding: 'utf-16le', mark: true }],
    ['UTF-16, big end first', utf16be('Ž 🎉'), { encoding: 'utf-16be', mark: true }],
    ['nothing', new Uint8Array(), { encoding: 'utf-8', mark: false }],
  ])('is known, and comes back: %s', (_, bytes, form) => {
    const { text, ...found } = decodeText(bytes);
    expect(found).toEqual(form);
    expect(text).not.toContain('\ufeff');
    expect(Buffer.from(encodeText(text, found))).toEqual(Buffer.from(bytes));
  });

  it.each([
    ['Latin-1', Buffer.from('café', 'latin1')],
    ['UTF-16 without a mark', Buffer.from('cafe', 'utf16le')],
    ['half of UTF-16', Buffer.from([0xff, 0xfe, 0x41])],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ])('is no text: %s', (_, bytes) => {
    expect(() => decodeText(bytes)).toThrow('is no text in UTF-8 or UTF-16. Save it as UTF-8 first.');
  });
});
