/** What is wrong with a TIFF; see `PhotoError`. */
export interface TiffProblem {
  readonly code: 'unsupported' | 'truncated' | 'unreadable';
  /** The end of a sentence for a person. */
  readonly reason: string;
}

/** How the photo of a TIFF has to be read. */
export interface TiffLayout {
  /** Which page the photo is; the first that is no preview. */
  readonly page: number;
  /** Samples of a pixel that are colours: 1, 3 or 4. */
  readonly colours: number;
  /**
   * Which of the samples after the colours is transparency, from 0; -1 where they are saved selections or the like,
   * which say nothing about what is seen. Undefined where there are no such samples.
   */
  readonly alpha: number | undefined;
}

// Tags: TIFF 6.0, its supplements for Photoshop (SubIFDs), and the DNG specification.
const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planes: 284,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  dngVersion: 50706,
} as const;

const UNCOMPRESSED = 1;
const YCBCR = 6;
/** Colour filter array, and what is left of one after demosaicing: pixels of a camera that nobody has developed. */
const RAW_PHOTOMETRIC = new Set([32803, 34892]);

/** What the decoder was built with: CCITT, LZW, JPEG, Deflate (two numbers), PackBits, WebP. */
const COMPRESSIONS = new Set([UNCOMPRESSED, 2, 3, 4, 5, 7, 8, 32771, 32773, 32946, 50001]);
/** Those of cameras. 32769 is also somebody's PackBits; no photo of a computer has it. */
const RAW_COMPRESSIONS = new Set([262, 32767, 32769, 32770, 32772, 34713, 65000, 65535]);
const COMPRESSION_NAMES: Record<number, string> = {
  6: 'old-style JPEG',
  9: 'JBIG',
  10: 'JBIG',
  32766: 'NeXT',
  32809: 'ThunderScan',
  32908: 'Pixar film',
  32909: 'Pixar log',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};
const COLOUR_NAMES: Record<number, string> = {
  4: 'transparency mask',
  8: 'CIELab',
  9: 'ICCLab',
  10: 'ITULab',
  32844: 'LogL',
  32845: 'LogLuv',
};
/** Samples of a pixel's colour: white is zero, black is zero, RGB, palette, CMYK, YCbCr, Lab. */
const COLOURS: Record<number, number> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3 };

const CAMERA_RAW: TiffProblem = {
  code: 'unsupported',
  reason: 'camera raw files are not supported. Export it as JPEG from your photo editor.',
};
const CUT_SHORT: TiffProblem = {
  code: 'truncated',
  reason: 'the file is cut short. Copy or download it again.',
};
const unsupported = (what: string): TiffProblem => ({
  code: 'unsupported',
  reason: `${what} not supported. Save it as JPEG or PNG.`,
});

/** Whether a file begins as a TIFF or a BigTIFF does. */
export function isTiff(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return /^(II[*+]\0|MM\0[*+])$/.test(start);
}

/**
 * Reads the directories of a TIFF and says how its photo is to be read, or why it cannot be. The decoder leaves pixels
 * that it cannot decode black or white and says nothing, so this looks beforehand: is the compression one that it
 * knows, does every strip and tile lie within the file, and what does a sample beyond the colours mean.
 */
export function readTiff(bytes: Uint8Array): TiffLayout | TiffProblem {
  const file = new TiffFile(bytes);
  const pages = file.pages();
  const [first] = pages;
  if (!first || pages.length === 0) return CUT_SHORT;
  const inside = pages.flatMap((page) => file.directoriesIn(page));
  if (isCameraRaw(bytes, pages, inside)) return CAMERA_RAW;

  const page = pages.findIndex((directory) => !isPreview(directory));
  // Only previews: the picture itself is where the decoder does not look.
  if (page < 0 && inside.length > 0) return unsupported('the way in which its full-size picture is stored is');
  const directory = pages[Math.max(page, 0)] as Directory;
  const problem = problemOf(directory, bytes.length);
  if (problem) return problem;
  const samples = directory.number(TAG.samples, 1);
  const colours = Math.min(samples, COLOURS[directory.number(TAG.photometric, 1)] ?? samples);
  return { page: Math.max(page, 0), colours, alpha: alphaOf(directory, samples - colours) };
}

export const isTiffProblem = (found: TiffLayout | TiffProblem): found is TiffProblem => 'reason' in found;

function isCameraRaw(bytes: Uint8Array, pages: readonly Directory[], inside: readonly Directory[]): boolean {
  const mark = String.fromCharCode(...bytes.subarray(8, 12));
  if (/^(CR|IIII|MMMM)/.test(mark)) return true;
  const all = [...pages, ...inside];
  return (
    all.some(
      (directory) =>
        directory.has(TAG.dngVersion) ||
        RAW_PHOTOMETRIC.has(directory.number(TAG.photometric, -1)) ||
        RAW_COMPRESSIONS.has(directory.number(TAG.compression, -1)),
    ) ||
    // A camera's small picture, with the large one where only its own programs look.
    (pages.every(isPreview) && pages.some((page) => page.has(TAG.make)))
  );
}

const isPreview = (directory: Directory): boolean => (directory.number(TAG.subfileType, 0) & 1) === 1;

function problemOf(directory: Directory, size: number): TiffProblem | undefined {
  const compression = directory.number(TAG.compression, UNCOMPRESSED);
  if (!COMPRESSIONS.has(compression)) {
    return unsupported(`the compression ${COMPRESSION_NAMES[compression] ?? `number ${compression}`} is`);
  }
  const photometric = directory.number(TAG.photometric, 1);
  const bits = Math.max(...directory.numbers(TAG.bits, [1]));
  const isFloat = directory.numbers(TAG.sampleFormat, [1]).includes(3);
  // Lab in floating point is the only one that the decoder has right.
  const isReadable = COLOURS[photometric] !== undefined && (photometric !== 8 || isFloat);
  if (!isReadable) return unsupported(`the colour space ${COLOUR_NAMES[photometric] ?? `number ${photometric}`} is`);
  if (isFloat && photometric !== 8) return unsupported('numbers with a floating point instead of 8 or 16 bits are');
  if (directory.numbers(TAG.sampleFormat, [1]).some((format) => format === 2 || format > 4)) {
    return unsupported('numbers with a sign are');
  }
  if (bits > 16 && !isFloat) return unsupported(`${bits} bits for a colour are`);
  if (directory.has(TAG.tileOffsets) && directory.number(TAG.planes, 1) === 2) {
    return unsupported('tiles with a plane for each colour are');
  }
  return isWhole(directory, size, bits) ? undefined : CUT_SHORT;
}

/** Whether all strips or tiles of a picture are there and lie within the file. */
function isWhole(directory: Directory, size: number, bits: number): boolean {
  const width = directory.number(TAG.width, 0);
  const height = directory.number(TAG.height, 0);
  if (width < 1 || height < 1) return false;
  const isTiled = directory.has(TAG.tileOffsets);
  const offsets = directory.numbers(isTiled ? TAG.tileOffsets : TAG.stripOffsets, []);
  const lengths = directory.numbers(isTiled ? TAG.tileBytes : TAG.stripBytes, []);
  const partWidth = isTiled ? directory.number(TAG.tileWidth, width) : width;
  const partHeight = isTiled
    ? directory.number(TAG.tileHeight, height)
    : Math.min(height, directory.number(TAG.rowsPerStrip, height) || height);
  if (partWidth < 1 || partHeight < 1) return false;
  const samples = directory.number(TAG.samples, 1);
  const planes = directory.number(TAG.planes, 1) === 2 ? samples : 1;
  const down = Math.ceil(height / partHeight);
  const count = Math.ceil(width / partWidth) * down * planes;
  if (offsets.length < count) return false;

  const isPlain =
    directory.number(TAG.compression, UNCOMPRESSED) === UNCOMPRESSED &&
    // With subsampled colours a row has other lengths.
    directory.number(TAG.photometric, 1) !== YCBCR;
  const rowBytes = Math.ceil((partWidth * bits * (planes === 1 ? samples : 1)) / 8);
  for (let part = 0; part < count; part++) {
    const offset = offsets[part] as number;
    // The last strip has the rows that are left; tiles are all of a size.
    const rows = isTiled ? partHeight : Math.min(partHeight, height - (part % down) * partHeight);
    const length = lengths[part] ?? (isPlain ? rowBytes * rows : 0);
    if (offset === 0 || length === 0 || offset + length > size) return false;
    if (isPlain && length < rowBytes * rows) return false;
  }
  return true;
}

/** ExtraSamples: 0 is anything (a saved selection, a spot colour), 1 and 2 are transparency. */
function alphaOf(directory: Directory, extra: number): number | undefined {
  if (extra <= 0) return undefined;
  // Without the tag a fourth sample is taken for transparency, as every program does.
  if (!directory.has(TAG.extraSamples)) return 0;
  return directory
    .numbers(TAG.extraSamples, [])
    .slice(0, extra)
    .findIndex((kind) => kind === 1 || kind === 2);
}

/** A directory: its entries with numbers in them, by tag. */
class Directory {
  readonly #entries: ReadonlyMap<number, readonly number[]>;
  /** Where the next one is; 0 at the last. */
  readonly next: number;

  constructor(entries: ReadonlyMap<number, readonly number[]>, next: number) {
    this.#entries = entries;
    this.next = next;
  }

  has(tag: number): boolean {
    return this.#entries.has(tag);
  }

  numbers(tag: number, otherwise: readonly number[]): readonly number[] {
    const found = this.#entries.get(tag);
    return found && found.length > 0 ? found : otherwise;
  }

  number(tag: number, otherwise: number): number {
    return this.numbers(tag, [otherwise])[0] as number;
  }
}

/** A damaged file may have directories without end. */
const MOST_DIRECTORIES = 200;
/** Bytes of a number, by the type of an entry: byte, text, short, long, and so on up to those of BigTIFF. */
const TYPE_BYTES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8 };
const WANTED = new Set<number>(Object.values(TAG));

class TiffFile {
  readonly #view: DataView;
  readonly #isLittle: boolean;
  readonly #isBig: boolean;
  #read = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittle = bytes[0] === 0x49;
    this.#isBig = bytes[2] === 43 || bytes[3] === 43;
  }

  /** The pages, in their order; those before the first damaged one. */
  pages(): Directory[] {
    const size = this.#view.byteLength;
    if (size < 16) return [];
    return this.#chain(this.#isBig ? this.#long8(8) : this.#long(4));
  }

  /** The directories that an entry of a page leads to. */
  directoriesIn(page: Directory): Directory[] {
    return page.numbers(TAG.subDirectories, []).flatMap((offset) => this.#chain(offset));
  }

  #chain(offset: number): Directory[] {
    const found: Directory[] = [];
    const seen = new Set<number>();
    while (offset !== 0 && !seen.has(offset) && this.#read < MOST_DIRECTORIES) {
      seen.add(offset);
      const directory = this.#directory(offset);
      if (!directory) break;
      found.push(directory);
      offset = directory.next;
    }
    return found;
  }

  /** The directory at an offset; nothing where it is not all within the file. */
  #directory(offset: number): Directory | undefined {
    this.#read++;
    const size = this.#view.byteLength;
    const [countBytes, entryBytes, placeBytes] = this.#isBig ? [8, 20, 8] : [2, 12, 4];
    if (offset + countBytes > size) return undefined;
    const count = this.#isBig ? this.#long8(offset) : this.#short(offset);
    const end = offset + countBytes + count * entryBytes;
    // The place of the next one may be missing in a file of one page.
    if (end > size) return undefined;
    const entries = new Map<number, readonly number[]>();
    for (let at = offset + countBytes; at < end; at += entryBytes) {
      const tag = this.#short(at);
      if (!WANTED.has(tag)) continue;
      const numbers = this.#numbers(at, placeBytes);
      if (!numbers) return undefined;
      entries.set(tag, numbers);
    }
    return new Directory(entries, end + placeBytes <= size ? this.#place(end) : 0);
  }

  #numbers(entry: number, placeBytes: number): number[] | undefined {
    const type = this.#short(entry + 2);
    const bytes = TYPE_BYTES[type];
    if (bytes === undefined) return [];
    const count = this.#isBig ? this.#long8(entry + 4) : this.#long(entry + 4);
    const value = entry + 4 + placeBytes;
    const start = count * bytes <= placeBytes ? value : this.#place(value);
    if (start + count * bytes > this.#view.byteLength) return undefined;
    return Array.from({ length: count }, (_, i) => this.#number(start + i * bytes, bytes));
  }

  #number(at: number, bytes: number): number {
    if (bytes === 1) return this.#view.getUint8(at);
    if (bytes === 2) return this.#short(at);
    return bytes === 4 ? this.#long(at) : this.#long8(at);
  }

  #place(at: number): number {
    return this.#isBig ? this.#long8(at) : this.#long(at);
  }

  #short(at: number): number {
    return this.#view.getUint16(at, this.#isLittle);
  }

  #long(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }

  #long8(at: number): number {
    return Number(this.#view.getBigUint64(at, this.#isLittle));
  }
}
