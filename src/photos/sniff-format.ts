/** What the first bytes of a file say it is, for formats that get their own advice when they cannot be read. */
export type ForeignFormat =
  'HEIC' | 'PDF' | 'BMP' | 'Photoshop' | 'JPEG XL' | 'JPEG 2000' | 'icon' | 'video' | 'camera raw';

// ISO base media brands (ISO/IEC 14496-12; HEIF: ISO/IEC 23008-12 annex B).
const HEVC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const AV1_BRANDS = new Set(['avif', 'avis']);

/** Raw files that are no TIFF, or one with a number of its own: Fujifilm, Panasonic and Leica, Olympus, Minolta, Sigma. */
const RAW_STARTS = ['FUJIFILM', 'IIU\0', 'IIRO', 'IIRS', 'MMOR', '\0MRM', 'FOVb', 'ARRI', 'NIKON', 'DSC-Image'];

/**
 * Names a format that cannot be read here, from its signature; undefined for anything else
 * (a readable photo, or a file of unknown kind).
 */
export function sniffForeignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(4, 8) === 'ftyp') return sniffMediaBrands(bytes, ascii);
  if (ascii(0, 5) === '%PDF-') return 'PDF';
  if (ascii(0, 2) === 'BM') return 'BMP';
  if (ascii(0, 4) === '8BPS') return 'Photoshop';
  if ((bytes[0] === 0xff && bytes[1] === 0x0a) || ascii(4, 8) === 'JXL ') return 'JPEG XL';
  if (ascii(4, 8) === 'jP  ') return 'JPEG 2000';
  if (bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 1 && bytes[3] === 0) return 'icon';
  if (ascii(0, 4) === '\x1aE\xdf\xa3' || (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'AVI ')) return 'video';
  if (RAW_STARTS.some((start) => ascii(0, start.length) === start) || ascii(6, 14) === 'HEAPCCDR') return 'camera raw';
  return undefined;
}

/** HEIC and AVIF share a container; the brands after "ftyp" tell them (and videos) apart. */
function sniffMediaBrands(bytes: Uint8Array, ascii: (from: number, to: number) => string): ForeignFormat | undefined {
  const boxSize = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const end = Math.min(boxSize, bytes.length, 4096);
  const brands = [ascii(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(at, at + 4));
  if (brands.some((brand) => AV1_BRANDS.has(brand))) return undefined;
  if (brands.some((brand) => HEVC_BRANDS.has(brand)) || brands[0] === 'mif1' || brands[0] === 'msf1') return 'HEIC';
  if (brands[0] === 'crx ') return 'camera raw';
  return 'video';
}

/** Whether the file begins like a JPEG, PNG, WebP, GIF, TIFF or AVIF: then it is damaged, if it cannot be read. */
export function hasPhotoSignature(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF.{4}WEBP|II[*+]\0|MM\0[*+]|.{4}ftypavi[fs])/s.test(start);
}

/** Whether a file may be an SVG: a text in angle brackets in any encoding, or a gzipped file. */
export function isDrawing(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return true;
  return /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*</.test(String.fromCharCode(...bytes.subarray(0, 256)));
}

/** Whether the file is an AVIF that begins with a sequence of pictures: the decoder knows only those that begin with one. */
export function isAvifSequence(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(4, 12)) === 'ftypavis';
}

/** What a JPEG says about how it was made; nothing where no frame begins in it. */
export interface JpegFrame {
  readonly isLossless: boolean;
  /** Bits of a sample; 8 in nearly every photo. */
  readonly bits: number;
}

/** The frame header of a JPEG (ISO/IEC 10918-1, B.2.2). */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1] as number;
    const isAlone = marker === 0xff || marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
    if (isAlone) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    // The start of a scan, or the end.
    if (marker === 0xda || marker === 0xd9) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { isLossless: marker === 0xc3, bits: bytes[at + 4] as number };
    at += 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }
  return undefined;
}
