import { describe, expect, it } from 'vitest';
import { isAvifSequence, jpegFrame, sniffForeignFormat } from '../../src/photos/sniff-format.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('the format of a file that cannot be read', () => {
  it.each([
    ['%PDF-1.7\n', 'PDF'],
    ['BM\x46\0\0\0\0\0', 'BMP'],
    ['8BPS\0\x01', 'Photoshop'],
    ['\xff\x0a\x01\x02', 'JPEG XL'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL'],
    ['\0\0\0\x0cjP  \r\n\x87\n', 'JPEG 2000'],
    ['\0\0\x01\0\x01\0\x10\x10', 'icon'],
    ['\x1aE\xdf\xa3\x01', 'video'],
    ['RIFF\x10\0\0\0AVI LIST', 'video'],
    ['FUJIFILMCCD-RAW', 'camera raw'],
    ['II\x1a\0\0\0HEAPCCDR', 'camera raw'],
    ['\0\0\0\x14ftypheic\0\0\0\0mif1', 'HEIC'],
    ['\0\0\0\x14ftypmif1\0\0\0\0heic', 'HEIC'],
    ['\0\0\0\x14ftypmif1\0\0\0\0miaf', 'HEIC'],
    ['\0\0\0\x14ftypcrx \0\0\0\x01isom', 'camera raw'],
    ['\0\0\0\x14ftypisom\0\0\0\0mp42', 'video'],
    // Those that can be read, and what begins almost like another.
    ['\0\0\0\x14ftypmif1\0\0\0\0avif', undefined],
    ['\0\0\0\x10ftypisom\0\0\0\0heic', 'video'],
    ['%PDX-1.7\n', undefined],
    ['8BPX\0\x01', undefined],
    ['\xff\xd8\xff\xe0\0\x10JFIF', undefined],
    ['RIFF\x10\0\0\0WEBPVP8 ', undefined],
    ['\0\0\0\x0cJX  \r\n\x87\n', undefined],
    ['\0\0\x02\0\x01\0\x10\x10', undefined],
    ['', undefined],
  ])('%j is %s', (text, format) => {
    expect(sniffForeignFormat(bytes(text))).toBe(format);
  });
});

it.each([
  ['\0\0\0\x14ftypavis', true],
  ['\0\0\0\x14ftypavif', false],
])('an AVIF that begins with a sequence: %j', (text, isSequence) => {
  expect(isAvifSequence(bytes(text))).toBe(isSequence);
});

describe('the frame of a JPEG', () => {
  it.each([
    ['eight bits', '\xff\xd8\xff\xe0\0\x04..\xff\xc0\0\x0b\x08\0\x10\0\x10', { isLossless: false, bits: 8 }],
    ['behind stray bytes', '\xff\xd8..\xff\xff\xc1\0\x0b\x0c\0\x10\0\x10', { isLossless: false, bits: 12 }],
    ['lossless', '\xff\xd8\xff\xc3\0\x0b\x10\0\x10\0\x10', { isLossless: true, bits: 16 }],
    ['behind tables', '\xff\xd8\xff\xc4\0\x04..\xff\xc2\0\x0b\x08\0\x10\0\x10', { isLossless: false, bits: 8 }],
    ['none before the scan', '\xff\xd8\xff\xda\0\x04..\xff\xc0\0\x0b\x08\0\x10', undefined],
    ['none at all', '\xff\xd8\xff\xe0\0\x04..', undefined],
  ])('%s', (_, text, frame) => {
    expect(jpegFrame(bytes(`${text}\0\x03\x01\x11\0`))).toEqual(frame);
  });
});
