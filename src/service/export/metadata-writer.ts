import { isUtf8 } from 'node:buffer';
import { chmod, copyFile, readFile, realpath, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ExifTool } from 'exiftool-vendored';
import { AttendError } from '../../contract/attend-error.ts';
import { isNoFile, noFile, OutputError, reasonFor, writeFileAtomically, writeFlushed } from '../../files/write-file.ts';
import { tidyKeywords } from '../../captioning/keywords.ts';
import { readTags, startExifTool, writeTags, type Tags } from './exiftool.ts';
import { isUtf8ReadAsLatin } from './iptc-charset.ts';
import {
  appended,
  EXIF_CAPTIONS,
  firstOf,
  IMAGE_DESCRIPTION,
  IPTC_CAPTION,
  IPTC_KEYWORDS,
  NOTHING_BEFORE,
  PNG_DESCRIPTION,
  textBefore,
  textToWrite,
  UNSEEN,
  UNSEEN_ADDED,
  WANTED,
  type Existing,
  type PhotoText,
  type TextBefore,
} from './photo-text.ts';
import { replacePhoto } from './replace-photo.ts';
import { plain, xmpPieces, type XmpPieces } from './xmp-pieces.ts';
import { isOwnSidecar, ownText, xmpSidecar } from './xmp.ts';

export interface EmbedOptions {
  /** The file's times stay; the default. */
  keepTimes?: boolean;
  /** What stands about the photo in its sidecars. */
  elsewhere?: TextBefore;
}

/**
 * Writes captions and keywords into photos' metadata and into XMP sidecars with ExifTool, an optional package; sidecars
 * that are new need no ExifTool. Everything else in the metadata, and the pixels, stay as they are.
 */
export class MetadataWriter {
  #tool: Promise<ExifTool | undefined> | undefined;

  /** Whether captions can be written into photos here. */
  async isAvailable(): Promise<boolean> {
    return (await this.#exiftool()) !== undefined;
  }

  /** What stands in files about a photo, in the photo itself or sidecars; nothing in those that cannot be read. */
  async textIn(files: readonly string[]): Promise<TextBefore> {
    const texts: TextBefore[] = [];
    for (const file of files) {
      // A pipe would keep its reader waiting.
      if (await stat(file).then(isNoFile, () => false)) continue;
      const own = extname(file).toLowerCase() === '.xmp' ? await readFile(file, 'utf8').catch(() => '') : '';
      if (isOwnSidecar(own)) {
        texts.push(ownText(own));
        continue;
      }
      const tool = await this.#exiftool();
      if (!tool) continue;
      texts.push(
        await readAll(tool, file).then(
          ({ tags }) => textBefore(tags),
          () => NOTHING_BEFORE,
        ),
      );
    }
    return firstOf(texts);
  }

  /**
   * Writes a caption and its keywords into a photo's own metadata, in a copy that then takes the photo's place.
   * @param exif the caption also into EXIF and, in a PNG, its text, though nothing stands there
   * @throws AttendError with the photo's name; the photo is then as it was
   */
  async embed(
    photo: string,
    text: PhotoText,
    existing: Existing,
    exif: boolean,
    options: EmbedOptions = {},
  ): Promise<'written' | 'skipped'> {
    return this.#embed(photo, photo, text, existing, exif, options);
  }

  /** The same, in a copy of a photo that stays where it is. @param named what the photo is called */
  async embedInCopy(
    photo: string,
    named: string,
    copy: string,
    text: PhotoText,
    existing: Existing,
    exif: boolean,
    options: EmbedOptions = {},
  ): Promise<'written' | 'skipped'> {
    try {
      await copyFile(photo, copy);
      // A photo that must not be written may be copied.
      await chmod(copy, 0o600);
    } catch (error) {
      throw troubleWith(named, error);
    }
    return this.#embed(copy, named, text, existing, exif, options);
  }

  /**
   * Writes a caption and its keywords into a sidecar, which is made where it is not there.
   * @param elsewhere what stands about the photo in other files
   */
  async sidecar(
    path: string,
    text: PhotoText,
    existing: Existing,
    elsewhere: TextBefore = NOTHING_BEFORE,
  ): Promise<'written' | 'skipped'> {
    if (await stat(path).then(isNoFile, () => false)) throw noFile(path);
    const bytes = await readFile(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new OutputError(path, reasonFor(error), { cause: error });
    });
    // ExifTool would write a question mark for each letter of another encoding.
    if (bytes && !isUtf8(bytes)) {
      if (existing === 'skip') return 'skipped';
      throw new OutputError(path, 'what stands there is not in UTF-8. Save it as UTF-8, or move it.');
    }
    const written = bytes?.toString('utf8');
    if (written === undefined || isOwnSidecar(written)) {
      const before = written === undefined ? NOTHING_BEFORE : ownText(written);
      const merged = mergedSidecar(before, text, existing, elsewhere);
      if (!merged) return 'skipped';
      await writeFileAtomically(path, xmpSidecar(merged), { sameFile: true });
      return 'written';
    }
    const tool = await this.#exiftool();
    if (!tool) {
      if (existing === 'skip') return 'skipped';
      throw new OutputError(
        path,
        'it holds what another program wrote, and ExifTool, which could add to it, is not here.',
      );
    }
    try {
      return await write(tool, path, text, existing, false, { elsewhere, keepTimes: false });
    } catch (error) {
      // Behind a link it has another name.
      if (error instanceof OutputError) {
        const reason = error.message.replace(`cannot write ${error.file}: `, '').replace(', or export a sidecar', '');
        throw new OutputError(path, reason, { cause: error });
      }
      const isNone = /^(?:Error: )?(?:Writing of|Not a valid XMP|XMP format error|Format error|Undefined XMP)/.test(
        (error as Error).message,
      );
      const reason = isNone ? 'what stands there is no sound XMP. Mend it, or move it away.' : reasonOf(error);
      throw new OutputError(path, reason, { cause: error });
    }
  }

  async close(): Promise<void> {
    const tool = await this.#tool;
    await tool?.end();
  }

  async #embed(
    file: string,
    named: string,
    text: PhotoText,
    existing: Existing,
    exif: boolean,
    options: EmbedOptions,
  ): Promise<'written' | 'skipped'> {
    const tool = await this.#exiftool();
    if (!tool) {
      throw new AttendError(
        'not-here',
        'Captions cannot be written into photos here, because ExifTool is not installed (it needs Perl). Export XMP ' +
          'sidecars instead.',
      );
    }
    try {
      return await write(tool, file, text, existing, exif, options);
    } catch (error) {
      throw troubleWith(named, error);
    }
  }

  #exiftool(): Promise<ExifTool | undefined> {
    this.#tool ??= startExifTool();
    return this.#tool;
  }
}

async function write(
  tool: ExifTool,
  path: string,
  text: PhotoText,
  existing: Existing,
  exif: boolean,
  { elsewhere, keepTimes = true }: EmbedOptions,
): Promise<'written' | 'skipped'> {
  const file = await realpath(path);
  const { tags, charset } = await readAll(tool, file);
  // By its content: a PNG may be named .jpg.
  const type = tags.get('File:FileTypeExtension')?.[0];
  const begun = exif ? [IMAGE_DESCRIPTION, ...(type === 'png' ? [PNG_DESCRIPTION] : [])] : [];
  const wanted = textToWrite(tags, text, existing, elsewhere, begun);
  if (wanted.size === 0) return 'skipped';
  const iptc = [IPTC_CAPTION, IPTC_KEYWORDS].flatMap((name) => wanted.get(name) ?? []);
  // Readers compare this sum to learn whether IPTC is newer than XMP.
  if (iptc.length > 0 && tags.has('Photoshop:IPTCDigest')) wanted.set('Photoshop:IPTCDigest', 'new');
  await replacePhoto(file, { extension: type ? `.${type}` : extname(file), keepTimes }, async (copy) => {
    const isUtf8 = tags.get('IPTC:CodedCharacterSet')?.[0] === 'UTF8';
    if (!isUtf8 && iptc.some((one) => /[^\x20-\x7e\s]/.test(one))) {
      // All that stands in IPTC in one encoding that knows every letter, and says so.
      const recode = ['-tagsFromFile', '@', '-IPTC:all', ...charset];
      await writeTags(tool, copy, new Map([['IPTC:CodedCharacterSet', 'UTF8']]), recode);
    }
    const before = await piecesOf(copy);
    await writeTags(tool, copy, wanted);
    await keepAll(copy, before, replacedBy(wanted, tags));
  });
  return 'written';
}

/** The texts that make room for others. */
function replacedBy(wanted: ReadonlyMap<string, unknown>, tags: Tags): ReadonlySet<string> {
  // "XMP-dc:Description" and "XMP-dc:Description-de" are the same property.
  const isOf = (tag: string, name: string): boolean =>
    `${tag}-`.startsWith(`${name}-`) || `${name}-`.startsWith(`${tag}-`);
  const replaced = [...tags].filter(([tag]) => [...wanted.keys()].some((name) => isOf(tag, name)));
  return new Set(replaced.flatMap(([, texts]) => texts.map(plain)));
}

/**
 * Looks whether all that stood in a file's XMP is there still: ExifTool writes it anew, and what it does not understand is
 * not in it any more. Comments of a sidecar are put back.
 * @param file as ExifTool left it
 * @param replaced texts that had to go
 * @throws LossError
 */
async function keepAll(file: string, had: XmpPieces, replaced: ReadonlySet<string>): Promise<void> {
  const has = await piecesOf(file);
  for (const text of had.texts) if (!has.texts.has(text) && !replaced.has(text)) throw new LossError(text);
  const comments = [...had.comments].filter((comment) => !has.comments.has(comment));
  const [first] = comments;
  if (first === undefined) return;
  const sidecar = extname(file).toLowerCase() === '.xmp' ? await readFile(file, 'utf8') : '';
  const root = sidecar.indexOf('<x:xmpmeta');
  if (root < 0) throw new LossError(first);
  const kept = comments.map((comment) => `<!--${comment}-->\n`).join('');
  await writeFlushed(file, sidecar.slice(0, root) + kept + sidecar.slice(root));
}

async function piecesOf(file: string): Promise<XmpPieces> {
  const { size } = await stat(file);
  return xmpPieces(size > MOST_LOOKED_THROUGH ? Buffer.alloc(0) : await readFile(file));
}

/** Bytes: larger files are not looked through. */
const MOST_LOOKED_THROUGH = 500_000_000;

/** ExifTool would lose what somebody wrote. */
class LossError extends Error {
  constructor(piece: string) {
    const short = piece.trim().slice(0, 40);
    super(
      `its XMP says "${short}${short.length < piece.trim().length ? '…' : ''}" where ExifTool, which writes it, would lose it. It stays as it is.`,
    );
  }
}

/** All that stands about a photo, and how ExifTool was told that its IPTC is encoded. */
async function readAll(tool: ExifTool, file: string): Promise<{ tags: Tags; charset: readonly string[] }> {
  // ExifTool would answer for a file that is not there, too.
  await stat(file);
  const tags = await withExifInLatin(tool, file, await readTags(tool, file, WANTED));
  if (tags.has('IPTC:CodedCharacterSet')) return { tags, charset: [] };
  const iptc = [IPTC_CAPTION, IPTC_KEYWORDS].flatMap((name) => tags.get(name) ?? []);
  if (!isUtf8ReadAsLatin(iptc)) return { tags, charset: [] };
  const charset = ['-charset', 'IPTC=UTF8'];
  return { tags: await withExifInLatin(tool, file, await readTags(tool, file, WANTED, charset)), charset };
}

/** What was read, where EXIF's texts that are no UTF-8 are read as Latin: ExifTool gives such bytes as question marks. */
async function withExifInLatin(tool: ExifTool, file: string, tags: Tags): Promise<Tags> {
  const doubtful = EXIF_CAPTIONS.filter((name) =>
    tags.get(name)?.some((text) => /^[^\x80-\uffff]*$/.test(text) && text.includes('?')),
  );
  if (doubtful.length === 0) return tags;
  const latin = await readTags(tool, file, doubtful, ['-charset', 'EXIF=Latin']);
  return new Map([...tags, ...[...latin].filter(([name, texts]) => asked(texts) < asked(tags.get(name) ?? []))]);
}

function asked(texts: readonly string[]): number {
  return texts.join('').split('?').length;
}

/** What a sidecar of ours says afterwards; nothing where it stays. */
export function mergedSidecar(
  own: TextBefore,
  text: PhotoText,
  existing: Existing,
  elsewhere: TextBefore,
): PhotoText | undefined {
  const before = firstOf([own, elsewhere]);
  const kept = before.caption ?? text.caption;
  const caption = { skip: kept, overwrite: text.caption, append: appended(kept, text.caption) }[existing];
  const all = existing === 'append' ? tidyKeywords([...before.keywords, ...text.keywords]) : text.keywords;
  const isKept = text.keywords.length === 0 || (existing === 'skip' && before.keywords.length > 0);
  const keywords = isKept ? own.keywords : all;
  const hasNew = (before.caption === undefined || existing !== 'skip') && caption !== own.caption;
  // A caption that stands there as nobody's, and was looked at since.
  const wasUnseen = own.writer === UNSEEN || own.writer === UNSEEN_ADDED;
  const isSeenNow = wasUnseen && existing !== 'skip' && text.isUnseen !== true;
  if (!hasNew && !isSeenNow && keywords.join('\n') === own.keywords.join('\n')) return undefined;
  const isUnseen = hasNew || isSeenNow ? text.isUnseen === true : wasUnseen;
  const isAdded =
    own.writer === UNSEEN_ADDED || (existing === 'append' && before.caption !== undefined && own.writer !== UNSEEN);
  return {
    caption: existing === 'skip' ? (own.caption ?? caption) : caption,
    keywords,
    ...(isUnseen && { isUnseen, ...(isAdded && existing !== 'overwrite' && { isAdded }) }),
  };
}

/** An error of a photo alone, with the photo's name and no other. */
function troubleWith(photo: string, error: unknown): AttendError {
  if (error instanceof AttendError) return error;
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
    return new AttendError('file-gone', `cannot read ${photo}: it is no longer there.`, { cause: error });
  }
  if (error instanceof OutputError) {
    // Behind a link it has another.
    const message = error.message.replace(error.file, () => photo);
    return new AttendError('cannot-write', message, { cause: error });
  }
  const message = `cannot write into ${photo}: ${reasonOf(error)}`;
  return new AttendError('cannot-write', message, { cause: error });
}

/** What ExifTool says, without the paths that it adds. */
function reasonOf(error: unknown): string {
  if (error instanceof LossError) return error.message;
  if (!(error instanceof Error) || 'code' in error) return reasonFor(error);
  if (error.message.includes('control character')) {
    return 'its name, or that of a folder above it, holds a line break, which ExifTool does not take. Give it another name.';
  }
  const said = error.message
    .replace(/^(Error|Warning): /, '')
    .replace(/ - .*$/s, '')
    .replace(/\.$/, '');
  const kind = /does not (?:yet )?support writing of (\S+) /.exec(said)?.[1];
  if (kind !== undefined) return `${kind} files take no captions. Export an XMP sidecar instead.`;
  return `ExifTool says: ${said}.`;
}
