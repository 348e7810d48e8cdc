import type { ByteSource } from './byte-source.ts';

/** A file in a zip archive, which lies there as it is. */
export interface ZipEntry {
  readonly from: number;
  readonly to: number;
}

/** Signatures of the format's records, little-endian. */
const FILE = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

/** The end record without its comment, and the longest comment. */
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
/** What stands in a field whose number is too large for it: it is in the extra field 1. */
const ELSEWHERE = 0xffffffff;
/** No model has a directory as long. */
const LONGEST_DIRECTORY = 64 * 2 ** 20;

/**
 * Where the files of a zip archive lie, by name (PKWARE's APPNOTE 6.3, with its numbers of 64 bits). Only what is not
 * compressed is read, as PyTorch writes it: so nothing can unfold to more than it is.
 *
 * @throws Error that says what is wrong with the archive
 */
export function readZipDirectory(source: ByteSource): Map<string, ZipEntry> {
  const { count, from, size } = directoryOf(source);
  if (!(size <= LONGEST_DIRECTORY) || !(from + size <= source.length)) throw new Error('it is no whole zip archive');
  const bytes = source.read(from, from + size);
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== ENTRY) throw new Error('it is no whole zip archive');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ];
    const end = at + 46 + nameBytes + extraBytes + commentBytes;
    if (end > size) throw new Error('it is no whole zip archive');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    if (view.getUint16(at + 8, true) & 1) throw new Error(`${name} in it is encrypted`);
    const [unpacked, packed, start] = wide(view, at, at + 46 + nameBytes, extraBytes);
    if (view.getUint16(at + 10, true) !== 0 || packed !== unpacked) throw new Error(`${name} in it is compressed`);
    entries.set(name, entryAt(source, start, packed));
    at = end;
  }
  return entries;
}

/** Behind its own header, whose names and extras may be longer than the directory's. */
function entryAt(source: ByteSource, start: number, size: number): ZipEntry {
  if (!(start + 30 <= source.length)) throw new Error('it is no whole zip archive');
  const head = viewOf(source.read(start, start + 30));
  if (head.getUint32(0, true) !== FILE) throw new Error('it is no whole zip archive');
  const from = start + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (!(from + size <= source.length)) throw new Error('it is no whole zip archive');
  return { from, to: from + size };
}

/** Size unpacked, size packed, place of the header. */
function wide(view: DataView, at: number, extraAt: number, extraBytes: number): [number, number, number] {
  const numbers = [24, 20, 42].map((place) => view.getUint32(at + place, true)) as [number, number, number];
  let [place, left] = [extraAt, extraBytes];
  while (left >= 4) {
    const [id, bytes] = [view.getUint16(place, true), view.getUint16(place + 2, true)];
    if (bytes > left - 4) break;
    if (id === 1) {
      let [from, rest] = [place + 4, bytes];
      for (const [i, number] of numbers.entries()) {
        if (number !== ELSEWHERE || rest < 8) continue;
        numbers[i] = Number(view.getBigUint64(from, true));
        from += 8;
        rest -= 8;
      }
    }
    place += 4 + bytes;
    left -= 4 + bytes;
  }
  return numbers;
}

function directoryOf(source: ByteSource): { count: number; from: number; size: number } {
  const start = Math.max(0, source.length - END_BYTES - LONGEST_COMMENT);
  const view = viewOf(source.read(start, source.length));
  let end = view.byteLength - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new Error('it is no whole zip archive');
  const small = {
    count: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    from: view.getUint32(end + 16, true),
  };
  if (end < 20 || view.getUint32(end - 20, true) !== LOCATOR_64) return small;
  const at = Number(view.getBigUint64(end - 12, true));
  if (!(at + 56 <= source.length)) throw new Error('it is no whole zip archive');
  const large = viewOf(source.read(at, at + 56));
  if (large.getUint32(0, true) !== END_64) throw new Error('it is no whole zip archive');
  const [count, size, from] = [32, 40, 48].map((place) => Number(large.getBigUint64(place, true))) as [
    number,
    number,
    number,
  ];
  return { count, size, from };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
