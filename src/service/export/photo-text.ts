import { tidyKeywords } from '../../captioning/keywords.ts';
import type { Tags } from './exiftool.ts';

/** What to do where a text exists: leave it, replace it, or keep it before the new one. */
export type Existing = 'skip' | 'overwrite' | 'append';

/** What is written about a photo into its metadata. */
export interface PhotoText {
  readonly caption: string;
  /** None: nothing is written about them. */
  readonly keywords: readonly string[];
  /** Whether a program wrote the caption and no person has seen it, which is then written beside it. */
  readonly isUnseen?: boolean;
  /** Whether it comes after a text of somebody else, of which none of that is said. */
  readonly isAdded?: boolean;
}

/**
 * What stands in `photoshop:CaptionWriter` (IPTC's Description Writer: who wrote or edited the description) of a caption
 * that no person has seen.
 */
export const UNSEEN = 'Attend (automatic, not reviewed)';
/** The same where it was added to a text of which nobody knows who wrote it. */
export const UNSEEN_ADDED = 'Attend (what was added: automatic, not reviewed)';

/** XMP's places for a photo's text; the description and the alternative text are always written. */
const DESCRIPTION = 'XMP-dc:Description';
const ALT_TEXT = 'XMP-iptcCore:AltTextAccessibility';
export const WRITER = 'XMP-photoshop:CaptionWriter';
const SUBJECT = 'XMP-dc:Subject';
export const IMAGE_DESCRIPTION = 'IFD0:ImageDescription';
/** Where EXIF has a caption whose encoding it does not say. */
export const EXIF_CAPTIONS = [IMAGE_DESCRIPTION, 'ExifIFD:UserComment'];
export const PNG_DESCRIPTION = 'PNG:Description';
export const IPTC_CAPTION = 'IPTC:Caption-Abstract';
export const IPTC_KEYWORDS = 'IPTC:Keywords';

/** Where else a caption may stand: there it is changed, but never begun. As it is read, and as it is written. */
const OTHER_CAPTIONS: ReadonlyMap<string, string> = new Map([
  [IPTC_CAPTION, IPTC_CAPTION],
  [IMAGE_DESCRIPTION, IMAGE_DESCRIPTION],
  [PNG_DESCRIPTION, PNG_DESCRIPTION],
  ['ExifIFD:UserComment', 'ExifIFD:UserComment'],
  ['IFD0:XPComment', 'IFD0:XPComment'],
]);

/** Lists of keywords in a tree, with what parts the branches: digiKam's and Lightroom's. */
const TREES: ReadonlyMap<string, string> = new Map([
  ['XMP-digiKam:TagsList', '/'],
  ['XMP-lr:HierarchicalSubject', '|'],
]);

/** What has to be read to know all that stands about a photo. */
export const WANTED = [
  'XMP-dc:all',
  ALT_TEXT,
  WRITER,
  ...TREES.keys(),
  ...OTHER_CAPTIONS.keys(),
  IPTC_KEYWORDS,
  'IPTC:CodedCharacterSet',
  'Photoshop:IPTCDigest',
  'File:FileTypeExtension',
];

// What cameras and programs fill in by themselves; nobody wrote it.
const FILLED_IN =
  /^(?:[A-Z ]*DIGITAL CAMERA|SONY DSC|Exif_JPEG_PICTURE|JPEG Image|DCIM\\.*|SAMSUNG|Picasa|Created with GIMP|[a-z]*hdr[a-z]*|oznor[a-z]*|cof|nor)$/;

/** What stands about a photo already. */
export interface TextBefore {
  readonly caption: string | undefined;
  readonly keywords: readonly string[];
  /** Who wrote the caption, where it says so. */
  readonly writer?: string | undefined;
}

export const NOTHING_BEFORE: TextBefore = { caption: undefined, keywords: [] };

/** A caption that stands under one name. */
function captionAt(tags: Tags, name: string): string | undefined {
  const text = tags.get(name)?.[0];
  return text !== undefined && /[\p{L}\p{N}\p{S}]/u.test(text) && !FILLED_IN.test(text.trim()) ? text : undefined;
}

/** All that was read about a photo, in the order of what counts most. */
export function textBefore(tags: Tags): TextBefore {
  const languages = [...tags.keys()].filter((name) => name.startsWith(`${DESCRIPTION}-`));
  const places = [DESCRIPTION, ...OTHER_CAPTIONS.keys(), ...languages, ALT_TEXT];
  const caption = places.map((name) => captionAt(tags, name)).find((text) => text !== undefined);
  return { caption, keywords: tidyKeywords([...(tags.get(SUBJECT) ?? []), ...(tags.get(IPTC_KEYWORDS) ?? [])]) };
}

/** The first of several in which something stands, caption and keywords apart. */
export function firstOf(texts: readonly TextBefore[]): TextBefore {
  return {
    caption: texts.map(({ caption }) => caption).find((text) => text !== undefined && text !== ''),
    keywords: tidyKeywords(texts.flatMap(({ keywords }) => keywords)),
  };
}

/**
 * What is to be written where.
 * @param tags what stands in the file
 * @param elsewhere what stands about the photo in other files: it counts as existing, too
 * @param begun places beside the description and the alternative text that are written though nothing stands there
 */
export function textToWrite(
  tags: Tags,
  { caption, isUnseen = false, keywords }: PhotoText,
  existing: Existing,
  elsewhere: TextBefore = NOTHING_BEFORE,
  begun: readonly string[] = [],
): Map<string, string | readonly string[]> {
  const wanted = new Map<string, string | readonly string[]>();
  const before = textBefore(tags);
  const caption0 = before.caption ?? elsewhere.caption;
  if (caption0 === undefined || existing !== 'skip') {
    for (const name of [DESCRIPTION, ALT_TEXT, ...OTHER_CAPTIONS.keys()]) {
      const own = captionAt(tags, name);
      const isBegun = name === DESCRIPTION || name === ALT_TEXT || begun.includes(name);
      if (own === undefined && !isBegun) continue;
      // Alternative text says what is seen: what stands elsewhere may say something else.
      const base = own ?? (name === ALT_TEXT ? undefined : caption0);
      const merged = existing === 'append' && base !== undefined ? appended(base, caption) : caption;
      // Under this name ExifTool leaves the other languages alone.
      if (merged !== own) wanted.set(name === DESCRIPTION || name === ALT_TEXT ? `${name}-x-default` : name, merged);
    }
  }
  if (caption0 === undefined || existing !== 'skip') {
    const now = tags.get(WRITER)?.[0];
    const writer = writerOf(now, isUnseen, existing, caption0 !== undefined);
    if (writer !== (now ?? '')) wanted.set(WRITER, writer);
  }
  for (const [name, value] of keywordsToWrite(tags, keywords, existing, elsewhere)) wanted.set(name, value);
  return wanted;
}

/**
 * Who is said to have written a caption; empty for nobody.
 * @param now who is said so already
 * @param hasText whether a text stands there already
 */
export function writerOf(now: string | undefined, isUnseen: boolean, existing: Existing, hasText: boolean): string {
  const others = (now ?? '')
    .split('; ')
    .filter((name) => name !== UNSEEN && name !== UNSEEN_ADDED && name !== '')
    .join('; ');
  if (!isUnseen) return others;
  if (existing !== 'append') return UNSEEN;
  if (others !== '') return `${others}; ${UNSEEN}`;
  return hasText && now !== UNSEEN ? UNSEEN_ADDED : UNSEEN;
}

/**
 * New keywords come after those that stand there. What stands in IPTC is kept when XMP's are replaced, too: nothing of
 * ours begins a list there.
 */
function keywordsToWrite(
  tags: Tags,
  keywords: readonly string[],
  existing: Existing,
  elsewhere: TextBefore,
): Map<string, readonly string[]> {
  const wanted = new Map<string, readonly string[]>();
  const xmp = tags.get(SUBJECT) ?? [];
  const iptc = tags.get(IPTC_KEYWORDS) ?? [];
  const isThere = xmp.length + iptc.length + elsewhere.keywords.length > 0;
  if (keywords.length === 0 || (isThere && existing === 'skip')) return wanted;
  const kept = existing === 'append' ? [...xmp, ...iptc, ...elsewhere.keywords] : iptc;
  const merged = kept.length > 0 ? tidyKeywords([...kept, ...keywords]) : [...keywords];
  if (!isSame(merged, xmp)) wanted.set(SUBJECT, merged);
  if (iptc.length > 0 && !isSame(merged, iptc)) wanted.set(IPTC_KEYWORDS, merged);
  for (const [name, separator] of TREES) {
    const tree = tags.get(name) ?? [];
    const words = new Set(tree.flatMap((path) => path.split(separator)).map((word) => word.trim().toLocaleLowerCase()));
    const missing = keywords.filter((keyword) => !words.has(keyword.toLocaleLowerCase()));
    if (tree.length > 0 && missing.length > 0) wanted.set(name, [...tree, ...missing]);
  }
  return wanted;
}

/** A text with a caption after it, where it is not there yet. */
export function appended(before: string, caption: string): string {
  const isThere = `\n${before.trim()}\n`.includes(`\n${caption.trim()}\n`);
  return isThere ? before : `${before.trimEnd()}\n${caption}`;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, i) => text === other[i]);
}
