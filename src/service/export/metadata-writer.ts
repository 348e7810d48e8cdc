import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { ExifTool } from 'exiftool-vendored';
import { AttendError } from '../../contract/contract.ts';
import { OutputError, reasonFor, writeFileAtomically } from '../../vision/write-file.ts';
import { isOwnSidecar, ownDescription, xmpSidecar } from './xmp.ts';

export type Existing = 'skip' | 'overwrite' | 'append';

/** Where a description may stand; the first two are always written. */
const DESCRIPTION = 'XMP-dc:Description';
const ALT_TEXT = 'XMP-iptcCore:AltTextAccessibility';
// ExifTool's name for EXIF's first directory, under which it also answers.
const EXIF = 'IFD0:ImageDescription';
const PNG = 'PNG:Description';

/**
 * Writes captions into photos' metadata and into XMP sidecars with ExifTool, an optional package; sidecars that are
 * new need no ExifTool. Everything else in the metadata, and the pixels, stay as they are.
 */
export class MetadataWriter {
  #tool: Promise<ExifTool | undefined> | undefined;

  /** Whether captions can be written into photos here. */
  async isAvailable(): Promise<boolean> {
    return (await this.#exiftool()) !== undefined;
  }

  /**
   * Writes a caption into a photo's own metadata, in a copy that then takes the photo's place.
   * @param exif also into EXIF and, in a PNG, its text
   * @throws AttendError, OutputError; the photo is then as it was
   */
  async embed(photo: string, caption: string, existing: Existing, exif: boolean): Promise<'written' | 'skipped'> {
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
    return this.#write(tool, photo, caption, existing, [DESCRIPTION, ALT_TEXT, ...more]);
  }

  /** The same, in bytes of a photo that stays where it is. @param name tells the format */
  async embedInCopy(photo: string, copy: string, caption: string, existing: Existing, exif: boolean): Promise<void> {
    try {
      await copyFile(photo, copy);
    } catch (error) {
      throw new OutputError(copy, reasonFor(error), { cause: error });
    }
    await this.embed(copy, caption, existing, exif);
  }

  /** Writes a caption into a sidecar, which is made where it is not there. */
  async sidecar(path: string, caption: string, existing: Existing): Promise<'written' | 'skipped'> {
    if (!existsSync(path)) {
      await writeFileAtomically(path, xmpSidecar(caption));
      return 'written';
    }
    if (existing === 'skip') return 'skipped';
    const text = await readFile(path, 'utf8');
    if (isOwnSidecar(text)) {
      const merged = mergedCaption(ownDescription(text), caption, existing);
      if (merged === undefined) return 'skipped';
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
    return this.#write(tool, path, caption, existing, [DESCRIPTION, ALT_TEXT]);
  }

  async close(): Promise<void> {
    const tool = await this.#tool;
    await tool?.end();
  }

  async #write(
    tool: ExifTool,
    path: string,
    caption: string,
    existing: Existing,
    names: readonly string[],
  ): Promise<'written' | 'skipped'> {
    const file = await realpath(path);
    const kept = await tool.readRaw(file, { readArgs: ['-G1', ...names.map((name) => `-${name}`)] });
    const tags: Record<string, string> = {};
    for (const name of names) {
      const before = (kept as unknown as Record<string, unknown>)[name];
      // A description that is nothing but digits comes as a number.
      const text = typeof before === 'number' ? before.toString() : before;
      const merged = mergedCaption(typeof text === 'string' ? text : undefined, caption, existing);
      if (merged !== undefined) tags[name] = merged;
    }
    if (Object.keys(tags).length === 0) return 'skipped';
    const extension = extname(file);
    const beside = join(dirname(file), `.${basename(file, extension)}.${randomBytes(6).toString('hex')}${extension}`);
    try {
      await copyFile(file, beside);
      await tool.write(beside, tags, { writeArgs: ['-overwrite_original'] });
      await rename(beside, file);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw new OutputError(path, reasonFor(error), { cause: error });
    }
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
