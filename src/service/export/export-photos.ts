import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { AttendError } from '../../contract/attend-error.ts';
import type { ErrorCode } from '../../contract/constants/error-codes.ts';
import { hasMaps, isDrawn, type ExportFormat } from '../../contract/constants/export-formats.ts';
import { toBeFound, type FoundMaps } from '../../contract/constants/map-kinds.ts';
import type {
  Caption,
  CaptionResult,
  CaptionedPhoto,
  ExportedPhoto,
  TranslatedCaption,
} from '../../contract/data/captions.ts';
import type { ExportInput, ExportOutput, ExportProgress } from '../../contract/data/export.ts';
import type { MapStyle } from '../../contract/data/settings.ts';
import { captionedPhoto } from '../../captioning/result.ts';
import { OutputError } from '../../files/write-file.ts';
import { csvLine } from '../../files/csv.ts';
import { type Library } from '../library/library.ts';
import { type Entry, isDoubted, keywordsOf, reviewOf } from '../library/entry.ts';
import { toAttendError } from '../describe-failure.ts';
import type { PhotoCaptions } from '../../photos/captions-file.ts';
import type { TaskRunner } from '../../tasks/task-thread.ts';
import type { Downloads } from './downloads.ts';
import { explanationOf } from './explanation-of.ts';
import { mergedSidecar, type MetadataWriter } from './metadata-writer.ts';
import { PhotoNeighbours } from './photo-neighbours.ts';
import { firstOf, NOTHING_BEFORE, type PhotoText } from './photo-text.ts';
import type { PictureTasks } from './picture-tasks.ts';
import { DownloadTarget, FileTarget, type Target } from './targets.ts';
import { textAbout, type TextAbout } from './text-about.ts';
import { xmpSidecar } from './xmp.ts';

export interface ExportContext {
  library: Library;
  drawing: TaskRunner<PictureTasks>;
  metadata: MetadataWriter;
  downloads: Downloads;
  /** Says a caption in another language. */
  translate: (caption: Caption, to: string, signal: AbortSignal) => Promise<TranslatedCaption>;
  /** A photo's caption whose words have maps of a kind, too. */
  withMaps: (kind: FoundMaps, photoId: string, caption: Caption, signal: AbortSignal) => Promise<Caption>;
  style: MapStyle;
}

/** Failures that every other photo would share. */
const ENDS_ALL: ReadonlySet<ErrorCode> = new Set(['cancelled', 'unknown-language', 'no-translator']);
/** Why a folder takes no file at all. */
const FOLDER_TROUBLE = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'EEXIST']);
const TABLES = ['csv', 'jsonl', 'training'] as const;
const CSV_HEADER = [
  'file',
  'width',
  'height',
  'caption',
  'edited',
  'score',
  'keywords',
  'confidence',
  'not sure',
  'review',
] as const;

/** A photo that is exported: with its maps where the model has seen it, and with a caption in any case. */
interface Exported {
  entry: Entry;
  /** Its file: what was sent has one, too. */
  file: string;
  /** The file as its outputs are named after: what was sent is named as its sender named it. */
  named: string;
  caption: string;
  keywords: readonly string[];
  /** With the caption in the language that was asked for as its only one. */
  result: CaptionResult | null;
  before: TextAbout;
  /** There where the caption was translated. */
  translation?: Pick<CaptionedPhoto, 'language' | 'translator' | 'original'>;
}

/**
 * Exports photos. One that fails does not stop the others; a folder that cannot be written does.
 * @throws AttendError, OutputError
 */
export async function exportPhotos(
  context: ExportContext,
  input: ExportInput,
  control: { signal: AbortSignal; report: (progress: ExportProgress) => void },
): Promise<ExportOutput> {
  const { library } = context;
  const { signal, report } = control;
  const entries = input.photoIds.map((id) => library.get(id)).filter((entry) => captionOf(entry) !== null);
  if (entries.length === 0) throw new AttendError('nothing-to-export', 'None of these photos has a caption yet.');
  if (input.formats.every((format) => format === 'training') && !entries.some(isStoodBy)) {
    throw new AttendError('nothing-to-export', 'Nobody has accepted or written one of these captions yet.');
  }
  const photos = entries.flatMap(({ path }) => path ?? []);
  const { target: wanted } = input;
  const download = wanted.kind === 'download' ? new DownloadTarget(context.downloads) : undefined;
  const neighbours = new PhotoNeighbours();
  const sharing = new Set<string>();
  for (const photo of photos) if (await neighbours.sharesOutputs(photo)) sharing.add(photo);
  const folder = wanted.kind === 'folder' ? wanted.path : undefined;
  const files = new FileTarget(folder, photos, input.existing, sharing);
  const target = download ?? files;
  const failed: ExportOutput['failed'] = [];
  const rows: Exported[] = [];
  const unsure = new Set<string>();
  const rejected = new Set<string>();
  try {
    const formats = [...new Set(input.formats)];
    const total = entries.length * formats.length;
    for (const [index, entry] of entries.entries()) {
      const fail = (error: unknown): void => {
        const code =
          error instanceof OutputError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
        // The next photo would fail the same way.
        if (wanted.kind !== 'beside' && code !== undefined && FOLDER_TROUBLE.has(code)) throw error;
        const failure = toAttendError(error);
        if (ENDS_ALL.has(failure.code)) throw failure;
        if (failed.at(-1)?.photoId === entry.id) return;
        failed.push({ photoId: entry.id, name: entry.name, error: failure.toJSON() });
      };
      try {
        const exported = await prepare(context, neighbours, entry, input, signal);
        rows.push(exported);
        for (const [place, format] of formats.entries()) {
          signal.throwIfAborted();
          report({ done: index * formats.length + place, total, file: entry.name });
          if (isMetadata(format) && reviewOf(entry) === 'rejected') {
            rejected.add(entry.id);
            continue;
          }
          if (isMetadata(format) && isDoubted(entry) && input.includeUnsure !== true) {
            unsure.add(entry.id);
            continue;
          }
          // What cannot be embedded may still have a sidecar.
          await write(context, neighbours, target, exported, format, input, signal).catch(fail);
        }
        await target.finish(exported.named);
      } catch (error) {
        fail(error);
      }
    }
    for (const table of TABLES) {
      if (input.formats.includes(table) && rows.length > 0)
        await writeTable(target, table, rows, input.byteOrderMark === true);
    }
    report({ done: total, total, file: '' });
    const { written, skipped } = target;
    return {
      written,
      skipped,
      unsure: unsure.size,
      rejected: rejected.size,
      failed,
      download: (await download?.end()) ?? null,
    };
  } catch (error) {
    await download?.abandon();
    throw error;
  }
}

/** @throws AttendError `file-gone` */
async function assertThere(file: string): Promise<void> {
  await stat(file).catch((error: unknown) => {
    throw new AttendError('file-gone', `${file} is no longer there.`, { cause: error });
  });
}

async function prepare(
  { library, metadata, translate, withMaps }: Pick<ExportContext, 'library' | 'metadata' | 'translate' | 'withMaps'>,
  neighbours: PhotoNeighbours,
  entry: Entry,
  { formats, language, maps, target }: ExportInput,
  signal: AbortSignal,
): Promise<Exported> {
  if (target.kind === 'beside' && entry.path === null) {
    throw new AttendError('not-here', `${entry.name} has no folder of its own: it was pasted. Export it to a folder.`);
  }
  const file = library.fileOf(entry);
  await library.hasSent(entry.id);
  // What lay beside nothing would belong to nobody.
  if (target.kind === 'beside') await assertThere(file);
  let result = await library.result(entry.id);
  const [best, ...others] = result?.captions ?? [];
  const kind = toBeFound(maps);
  if (kind && result && best && formats.some(hasMaps)) {
    result = { ...result, captions: [await withMaps(kind, entry.id, best, signal), ...others] };
  }
  const isAboutText = formats.includes('xmp') || formats.includes('embed');
  const before = isAboutText
    ? await textAbout(metadata, neighbours, file, entry.path ?? undefined)
    : { photo: NOTHING_BEFORE, sidecars: NOTHING_BEFORE };
  const own = {
    entry,
    file,
    named: entry.path ?? join('/', entry.id, entry.name),
    caption: captionOf(entry) ?? '',
    keywords: keywordsOf(entry),
    result,
    before,
  };
  const original = result?.captions[0];
  if (language === undefined || entry.edited !== null || !result || !original) return own;
  const { caption, keywords, to, translator, words } = await translate(original, language, signal);
  return {
    ...own,
    caption,
    keywords: entry.editedKeywords ?? keywords,
    result: {
      ...result,
      captions: [
        {
          caption,
          words,
          score: original.score,
          ...(original.confidence !== undefined && { confidence: original.confidence }),
        },
      ],
    },
    translation: {
      language: to,
      translator,
      original: { caption: original.caption, words: original.words, keywords: result.keywords },
    },
  };
}

const isMetadata = (format: ExportFormat): boolean => format === 'xmp' || format === 'embed';

const captionOf = ({ caption, edited }: Entry): string | null => edited ?? caption;

async function write(
  context: ExportContext,
  neighbours: PhotoNeighbours,
  target: Target,
  exported: Exported,
  format: ExportFormat,
  input: ExportInput,
  signal: AbortSignal,
): Promise<void> {
  const { drawing, metadata, style } = context;
  const { caption, entry, file, named, result } = exported;
  if (isDrawn(format)) {
    if (!result)
      throw new AttendError('nothing-to-export', `There are no maps of ${entry.name} yet. Caption it first.`);
    if (result.captions[0]?.words.some(({ weights }) => weights.length === 0)) {
      throw new AttendError('no-attention', 'This model has no attention: there is nothing to draw.');
    }
    const explanation = { ...explanationOf(entry, result, file), language: exported.translation?.language };
    const drawnStyle = { ...style, ...input.style };
    const files = await drawing.run('draw', { explanation, format, style: drawnStyle }, { signal });
    for (const { suffix, data } of files) await target.put(await target.pathFor(named, suffix), data);
    return;
  }
  switch (format) {
    case 'json':
      await target.put(await target.pathFor(named, '.json'), `${JSON.stringify(jsonOf(exported), null, 1)}\n`);
      return;
    case 'txt':
      await target.put(await target.pathFor(named, '.txt'), `${caption}\n`, true);
      return;
    case 'xmp': {
      const isBeside = input.target.kind === 'beside';
      const path = isBeside ? await neighbours.sidecarFor(named) : await target.sidecarFor(named);
      const text = textFor(exported, input);
      const { photo, sidecars } = exported.before;
      const elsewhere = firstOf([sidecars, photo]);
      if (input.target.kind === 'download') {
        const existing = input.existing === 'append' ? 'append' : 'overwrite';
        await target.put(path, xmpSidecar(mergedSidecar(NOTHING_BEFORE, text, existing, elsewhere) ?? text));
      } else target.note(path, await metadata.sidecar(path, text, input.existing, elsewhere));
      return;
    }
    case 'embed':
      await embed(context, target, exported, input);
      return;
    default:
      // Tables come at the end.
      return;
  }
}

/** What goes into the metadata. */
function textFor({ caption, entry, keywords, translation }: Exported, input: ExportInput): PhotoText {
  // A person may have looked at the caption, but hardly at its translation.
  const isUnseen = reviewOf(entry) === 'new' || translation !== undefined;
  return { caption, isUnseen, keywords: input.keywords === false ? [] : keywords };
}

/** Beside: into the photo itself. Elsewhere: into a copy of it. */
async function embed(
  { library, metadata }: Pick<ExportContext, 'library' | 'metadata'>,
  target: Target,
  exported: Exported,
  input: ExportInput,
): Promise<void> {
  const { before, entry, file, named } = exported;
  const { existing, exif = false, keepTimes, target: wanted } = input;
  const text = textFor(exported, input);
  const options = { elsewhere: before.sidecars, keepTimes };
  if (wanted.kind === 'beside') {
    target.note(file, await metadata.embed(file, text, existing, exif, options));
    // The same photo as before: only its text is new.
    library.change(entry.id, { changed: (await stat(file)).mtimeMs });
    return;
  }
  const path = await target.pathFor(named, `-captioned${extname(named)}`);
  const folder = await mkdtemp(join(tmpdir(), 'attend-'));
  try {
    const copy = join(folder, `photo${extname(named)}`);
    const own = entry.path ?? entry.name;
    const outcome = await metadata.embedInCopy(file, own, copy, text, existing, exif, options);
    if (outcome === 'skipped' && wanted.kind === 'folder') target.note(path, 'skipped');
    else await target.put(path, await readFile(copy));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeTable(
  target: Target,
  table: (typeof TABLES)[number],
  rows: readonly Exported[],
  hasMark: boolean,
): Promise<void> {
  if (table === 'jsonl') {
    const lines = rows.map((row) => `${JSON.stringify(jsonOf(row))}\n`);
    await target.put(target.commonPath('captions.jsonl'), lines.join(''), true);
    return;
  }
  if (table === 'training') {
    const lines = trainingCaptions(rows).map((photo) => `${JSON.stringify(photo)}\n`);
    // What is there may say otherwise of the same photos, and none may stand there twice.
    if (lines.length > 0) await target.put(target.commonPath('training-captions.jsonl'), lines.join(''));
    return;
  }
  const lines = rows.map(({ caption, entry, keywords, result }) =>
    csvLine([
      entry.path ?? entry.name,
      entry.width,
      entry.height,
      caption,
      entry.edited === null ? 'no' : 'yes',
      result?.captions[0]?.score ?? '',
      keywords.join('; '),
      // The model's; of what a person wrote it says nothing.
      entry.edited === null ? (result?.captions[0]?.confidence ?? '') : '',
      isDoubted(entry) ? 'yes' : '',
      reviewOf(entry),
    ]),
  );
  const text = csvLine([...CSV_HEADER]) + lines.join('');
  await target.put(target.commonPath('captions.csv'), hasMark ? `\uFEFF${text}` : text, true);
}

/**
 * What a person stands by, as `attend train captioner` takes it: in the language that it was written in, with the places
 * where the photos lie.
 */
function trainingCaptions(rows: readonly Exported[]): PhotoCaptions[] {
  return rows
    .filter(({ entry }) => isStoodBy(entry))
    .map(({ caption, file, translation }) => ({ file, captions: [translation?.original?.caption ?? caption] }));
}

/** Whether a person accepted or wrote a caption. */
function isStoodBy(entry: Entry): boolean {
  const review = reviewOf(entry);
  return review === 'accepted' || review === 'edited';
}

/** As `attend caption --json` has it, with `edited` where the caption was written by hand. */
function jsonOf({ caption, entry, keywords, result, translation }: Exported): ExportedPhoto {
  const { edited, height, width } = entry;
  const doubt = isDoubted(entry) ? { notSure: true as const } : {};
  const photo = { file: entry.path ?? entry.name, width, height };
  return {
    ...photo,
    ...(result && captionedPhoto(photo, result)),
    ...doubt,
    review: reviewOf(entry),
    caption,
    keywords: keywords.length > 0 ? [...keywords] : undefined,
    ...(edited === null
      ? {}
      : { edited: true, confidence: undefined, modelCaption: result?.captions[0]?.caption ?? null }),
    ...translation,
  };
}
