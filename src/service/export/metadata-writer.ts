import { existsSync } from 'node:fs';
import { copyFile, readFile, realpath } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ExifTool } from 'exiftool-vendored';
import { AttendError } from '../../contract/attend-error.ts';
import { OutputError, reasonFor, replaceFile, writeFileAtomically } from '../../files/write-file.ts';
import { tidyKeywords } from '../../captioning/keywords.ts';
import { isOwnSidecar, ownText, xmpSidecar, type PhotoText } from './xmp.ts';

export type Existing = 'skip' | 'overwrite' | 'append';

/** Where a description may stand; the first two are always written. */
const DESCRIPTION = 'XMP-dc:Description';
const ALT_TEXT = 'XMP-iptcCore:AltTextAccessibility';
const KEYWORDS = 'XMP-dc:Subject';
// ExifTool's name for EXIF's first directory, under which it also answers.
const EXIF = 'IFD0:ImageDescription';
const PNG = 'PNG:Description';

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

  /**
   * Writes a caption and its keywords into a photo's own metadata, in a copy that then takes the photo's place.
   * @param exif the caption also into EXIF and, in a PNG, its text
   * @throws AttendError, OutputError; the photo is then as it was
   */
  async embed(photo: string, text: PhotoText, existing: Existing, exif: boolean): Promise<'written' | 'skipped'> {
    const tool = await this.#exiftool();
    if (!tool) {
      throw new AttendError(
        'not-here',
        'Captions cannot be written into photos here, because ExifTool is not installed (it needs Perl). Export XMP ' +
          'sidecars instead.',
      );
    }
    const isPng = extname(photo).toLowerCase() === '.png';
    const more = exif ? [EXIF, ...(isPng ? [PNG] : [])] : [];
    return this.#write(tool, photo, text, existing, [DESCRIPTION, ALT_TEXT, ...more]);
  }

  /** The same, in bytes of a photo that stays where it is. @param name tells the format */
  async embedInCopy(photo: string, copy: string, text: PhotoText, existing: Existing, exif: boolean): Promise<void> {
    try {
      await copyFile(photo, copy);
    } catch (error) {
      throw new OutputError(copy, reasonFor(error), { cause: error });
    }
    await this.embed(copy, text, existing, exif);
  }

  /** Writes a caption and its keywords into a sidecar, which is made where it is not there. */
  async sidecar(path: string, text: PhotoText, existing: Existing): Promise<'written' | 'skipped'> {
    if (!existsSync(path)) {
      await writeFileAtomically(path, xmpSidecar(text));
      return 'written';
    }
    if (existing === 'skip') return 'skipped';
    const written = await readFile(path, 'utf8');
    if (isOwnSidecar(written)) {
      const before = ownText(written);
      const caption = mergedCaption(before.caption, text.caption, existing);
      const keywords = mergedKeywords(before.keywords, text.keywords, existing);
      if (caption === undefined && keywords === undefined) return 'skipped';
      const merged = { caption: caption ?? before.caption, keywords: keywords ?? before.keywords };
      await writeFileAtomically(path, xmpSidecar(merged));
      return 'written';
    }
    const tool = await this.#exiftool();
    if (!tool) {
      throw new OutputError(
        path,
        'it holds what another program wrote, and ExifTool, which could add to it, is not here.',
      );
    }
    return this.#write(tool, path, text, existing, [DESCRIPTION, ALT_TEXT]);
  }

  async close(): Promise<void> {
    const tool = await this.#tool;
    await tool?.end();
  }

  async #write(
    tool: ExifTool,
    path: string,
    { caption, keywords }: PhotoText,
    existing: Existing,
    names: readonly string[],
  ): Promise<'written' | 'skipped'> {
    const file = await realpath(path);
    const kept = await tool.readRaw(file, { readArgs: ['-G1', ...[...names, KEYWORDS].map((name) => `-${name}`)] });
    const before = (name: string): string[] => textsOf((kept as unknown as Record<string, unknown>)[name]);
    const tags: Record<string, string | string[]> = {};
    for (const name of names) {
      const merged = mergedCaption(before(name)[0], caption, existing);
      if (merged !== undefined) tags[name] = merged;
    }
    const filed = mergedKeywords(before(KEYWORDS), keywords, existing);
    if (filed !== undefined) tags[KEYWORDS] = filed;
    if (Object.keys(tags).length === 0) return 'skipped';
    await replaceFile(file, async (beside) => {
      await copyFile(file, beside);
      try {
        await tool.write(beside, tags, { writeArgs: ['-overwrite_original'] });
      } catch (error) {
        throw new OutputError(path, reasonFor(error), { cause: error });
      }
    });
    return 'written';
  }

  #exiftool(): Promise<ExifTool | undefined> {
    this.#tool ??= start();
    return this.#tool;
  }
}

/** What to write where `before` stands; nothing where it is to stay. */
function mergedCaption(before: string | undefined, caption: string, existing: Existing): string | undefined {
  if (before === undefined || before.trim() === '') return caption;
  if (existing === 'skip') return undefined;
  if (existing === 'overwrite') return before === caption ? undefined : caption;
  return before.includes(caption) ? undefined : `${before.trimEnd()}\n${caption}`;
}

/** The same of keywords: those that are new come after the others. */
function mergedKeywords(
  before: readonly string[],
  keywords: readonly string[],
  existing: Existing,
): string[] | undefined {
  if (keywords.length === 0 || (before.length > 0 && existing === 'skip')) return undefined;
  const merged = existing === 'append' ? tidyKeywords([...before, ...keywords]) : [...keywords];
  const isThere = merged.length === before.length && merged.every((keyword, i) => keyword === before[i]);
  return isThere ? undefined : merged;
}

/** ExifTool gives one text as itself, several as a list, and what is nothing but digits as a number. */
function textsOf(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []));
}

async function start(): Promise<ExifTool | undefined> {
  try {
    const { ExifTool } = await import('exiftool-vendored');
    const tool = new ExifTool({ maxProcs: 1, taskTimeoutMillis: 60_000 });
    try {
      await tool.version();
      return tool;
    } catch {
      await tool.end(false).catch(() => undefined);
      return undefined;
    }
  } catch {
    return undefined;
  }
}
