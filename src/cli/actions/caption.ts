import { isAbsolute, join, resolve } from 'node:path';
import { toBeFound, type FoundMaps } from '../../contract/constants/map-kinds.ts';
import { assertHasMaps } from '../../captioning/found-maps.ts';
import { captionPhotos } from '../../captioning/caption-photos.ts';
import { findCaptioner } from '../../captioning/find-captioner.ts';
import { neededKeywordFinder } from '../../captioning/keyword-finder.ts';
import { readFirst } from '../../captioning/read-first.ts';
import { warmContentWords } from '../../captioning/confidence/content-words.ts';
import { useDevice } from '../../native/device.ts';
import { warmDecoders } from '../../photos/decoders/decoders.ts';
import { findPhotos } from '../../photos/find-photos.ts';
import type { PhotoToCaption } from '../../photos/photo-to-caption.ts';
import { languageName } from '../../translation/languages.ts';
import { markNotSure } from '../../captioning/mark-not-sure.ts';
import { isFailed, type PhotoResult } from '../../captioning/result.ts';
import { PhotoError } from '../../photos/photo-error.ts';
import type { BesidePhotos } from '../../service/export/beside-photos.ts';
import { placeOf } from '../../files/place-of.ts';
import { LIST } from '../../pictures/output-list.ts';
import { isStream, writeFileAtomically } from '../../files/write-file.ts';
import type { CaptionCommandOptions } from '../options/caption-options.ts';
import { EXIT, UsageError } from '../exit.ts';
import { BesideCount, isBeside, troubleBeside, type WrittenResult } from '../results/beside.ts';
import { readJsonLines } from '../../files/json-lines.ts';
import { refuseToOverwrite } from '../results/output-file.ts';
import type { OverlayFolder } from '../results/overlay-folder.ts';
import { resultWriter, type ResultFormat } from '../results/result-writer.ts';
import { fileSink, standardOutput } from '../results/sink.ts';
import { limitThreads } from '../limit-threads.ts';
import { Interruption } from '../terminal/interruption.ts';
import { PhotoCount, plural, printable, Progress } from '../terminal/progress.ts';
import { CAPTION_LANGUAGE, photosOptions, refuseWrongStart, translated, translatorOf } from './caption-steps.ts';
import { openModel } from './open-model.ts';

/** `attend caption`. */
export async function caption(paths: readonly string[], options: CaptionCommandOptions): Promise<void> {
  const format = formatOf(options);
  refuseContradictions(options, format);
  if (options.threads !== undefined) limitThreads(options.threads);
  useDevice(options.device);
  const { overlay, output } = options;
  const interruption = new Interruption('Stopping after the photo in hand. Ctrl-C again stops at once.');
  try {
    const known = await knownPhotos(paths, options);
    const photos = known?.filter(isPath) ?? [];
    refuseToOverwrite(output, photos);
    // Both start while the model loads.
    warmDecoders();
    warmContentWords();
    const [first] = photos;
    const ahead = first === undefined ? undefined : readFirst(findCaptioner(options.model), first, interruption.signal);
    const model = await openModel(options.model);
    const translator = await translatorOf(options);
    const keywords = options.keywords ? await neededKeywordFinder(model) : undefined;
    // Before anything is written: a wrong word is the commonest mistake here.
    if (options.start !== undefined) refuseWrongStart(model, options.start);
    const drawn = options.format ?? ['png'];
    assertHasMaps(model, toBeFound(options.maps));
    const isLook = options.maps !== 'mattered';
    if (overlay !== undefined && isLook && !model.hasMaps && drawn.some((one) => one !== 'json')) {
      throw new Error(`The model ${model.name} has no attention: there is nothing to draw. Leave out --overlay.`);
    }

    /** Results that a later run may go on with, perhaps from another folder. */
    const isListed = output !== undefined && format === 'jsonl';
    const listed = output !== undefined && format === 'jsonl' && options.resume === true;
    const before = listed ? await keepDone(output, model.name, translator?.to, options) : undefined;
    const pictures =
      overlay === undefined
        ? undefined
        : // What draws takes a while to load, and most captions are not drawn.
          await (
            await import('../results/overlay-folder.ts')
          ).OverlayFolder.open(overlay, drawn, photos, {
            resume: options.resume === true,
            language: translator?.to,
            maps: options.maps,
            beside: options.write ?? [],
          });
    const { beside, count: written } = await besideOf(options);
    const sink = output === undefined ? standardOutput : await fileSink(output, listed);
    const writer = resultWriter(format, sink, options);
    const isDone = (file: string): boolean =>
      (before !== undefined || pictures !== undefined) &&
      (before?.has(resolve(file)) ?? true) &&
      (pictures?.isDone(file) ?? true);
    const skipped = options.resume ? photos.filter(isDone).length : 0;
    if (skipped > 0) process.stderr.write(`${plural(skipped, 'photo')} of ${known?.length} done already.\n`);
    // Where no list says what is done, what stands beside the photos does.
    const looksBeside = options.resume === true && before === undefined && pictures === undefined;
    let left = 0;

    const progress = new Progress();
    const count = new PhotoCount(known && known.length - skipped);
    let failed = 0;
    let met = 0;
    async function* remaining(): AsyncGenerator<PhotoToCaption> {
      for await (const photo of known ?? findPhotos(paths, findOptions(options))) {
        met++;
        if (isPath(photo)) {
          pictures?.expect(photo);
          if (options.resume && isDone(photo)) continue;
          if (looksBeside && (await beside?.hasAll(photo, options.keywords === true))) {
            count.leaveOut();
            left++;
            continue;
          }
        }
        const read = photo === first ? await ahead : undefined;
        yield isPath(photo) && read ? { path: photo, read } : photo;
      }
    }

    try {
      progress.show(count.ofTotal());
      for await (const captioned of captionPhotos(
        model,
        remaining(),
        photosOptions(options, keywords, interruption.signal),
      )) {
        const result = await draw(
          await put(await translated(markNotSure(captioned, options.minConfidence), translator, keywords), written),
          pictures,
        );
        progress.clear();
        const troubles = isFailed(result) ? [result.error] : troubleBeside(result.beside);
        for (const trouble of troubles) process.stderr.write(`${printable(trouble)}\n`);
        if (troubles.length > 0) failed++;
        // What lists must hold is written and drawn first: a line in the results says that all is done.
        if (!(before && !isFailed(result) && before.has(resolve(result.file)))) {
          await writer.write(isListed ? withPlace(result) : result);
        }
        count.done++;
        if (interruption.signal.aborted) break;
        progress.show(`${count.toString()}: ${result.file}`);
      }
      progress.clear();
      await writer.end();
    } finally {
      progress.clear();
      model.dispose();
      translator?.model.dispose();
      await beside?.close();
      await sink.close();
    }

    if (left > 0)
      process.stderr.write(`${plural(left, 'photo')} passed over, since all of it stands beside already.\n`);
    if (written) process.stderr.write(`${written.toString()}\n`);
    const isNothing = met === 0 && interruption.exitCode === undefined;
    if (isNothing) process.stderr.write(`Nothing was captioned: ${whyNothing(paths, options)}.\n`);
    if (failed > 0 && count.done > 1) process.stderr.write(`${failed} of ${plural(count.done, 'photo')} failed.\n`);
    const isComplete = interruption.exitCode === undefined || count.isComplete;
    if (!isComplete) process.stderr.write(`Stopped after ${count.ofTotal()}. ${howToGoOn(options, format)}\n`);
    process.exitCode = isComplete ? (failed > 0 || isNothing ? EXIT.failed : EXIT.done) : interruption.exitCode;
  } finally {
    interruption.dispose();
    // Nothing more is read: a pipe that is still open must not keep the process alive.
    if (paths.includes('-')) process.stdin.destroy();
  }
}

function formatOf({ json, jsonl, csv }: CaptionCommandOptions): ResultFormat {
  return json ? 'json' : jsonl ? 'jsonl' : csv ? 'csv' : 'text';
}

function refuseContradictions(options: CaptionCommandOptions, format: ResultFormat): void {
  const { alternatives, alternativesWithMaps, byteOrderMark, existing, format: drawn, keepTimes } = options;
  const { language, output, overlay, resume, translator, write } = options;
  const isJson = ['json', 'jsonl'].includes(format) || drawn?.includes('json') === true;
  if (alternativesWithMaps && !(alternatives > 0 && isJson)) {
    throw new UsageError(
      '--alternatives-with-maps needs --alternatives N, and --json, --jsonl or --format json: only JSON has words and maps.',
    );
  }
  if (toBeFound(options.maps) && !isJson && overlay === undefined) {
    throw new UsageError('--maps says what maps show; --overlay DIR, --json or --jsonl must ask for them.');
  }
  if (toBeFound(options.maps) && language !== undefined) {
    throw new UsageError(`--maps ${options.maps} is about the captioner's own words: leave out --language.`);
  }
  if (translator !== undefined && language === undefined) {
    throw new UsageError('--translator names the model; --language must say which language to translate to.');
  }
  if (drawn && overlay === undefined) {
    throw new UsageError(
      '--format says what to draw; --overlay DIR must say where. (Results: --json, --jsonl or --csv.)',
    );
  }
  if (write === undefined && (existing !== undefined || keepTimes === false)) {
    const given = existing === undefined ? '--no-keep-times' : '--existing';
    throw new UsageError(`${given} says how to write beside photos; --write must say what: xmp, embed or txt.`);
  }
  if (write && !write.includes('embed') && keepTimes === false) {
    throw new UsageError('--no-keep-times is about what --write embed changes: only that writes into photos.');
  }
  if (overlay !== undefined && output !== undefined && placeOf(output) === placeOf(join(overlay, LIST))) {
    throw new UsageError(`--output would overwrite the list of --overlay, ${output}. Choose another file.`);
  }
  if (byteOrderMark && format !== 'csv') throw new UsageError('--byte-order-mark is for spreadsheets: it needs --csv.');
  const hasList = overlay !== undefined || (output !== undefined && format === 'jsonl');
  if (resume && write && !hasList && existing !== undefined && existing !== 'skip') {
    throw new UsageError(
      `--resume sees by what stands beside a photo that it is done, and --existing ${existing} changes what stands there. ` +
        'Add --jsonl with --output FILE, which lists what is done.',
    );
  }
  if (resume && !write && !hasList) {
    throw new UsageError(
      '--resume needs --jsonl with --output FILE, --overlay DIR or --write: there it sees what is done.',
    );
  }
  if (resume && output !== undefined && format !== 'jsonl') {
    throw new UsageError('--resume would overwrite --output with the remaining photos alone. Use --jsonl.');
  }
  if (resume && output !== undefined && isStream(output)) {
    throw new UsageError(`--resume sees in --output what is done, and ${output} is no file that could be read again.`);
  }
}

/** What writes beside photos, where that was asked for. @throws Error where it cannot */
async function besideOf({
  existing = 'skip',
  includeUnsure = false,
  keepTimes,
  write,
}: CaptionCommandOptions): Promise<{ beside?: BesidePhotos; count?: BesideCount }> {
  if (!write) return {};
  const { BesidePhotos } = await import('../../service/export/beside-photos.ts');
  const beside = new BesidePhotos(write, { existing, keepTimes });
  if (write.includes('embed') && !(await beside.canEmbed())) {
    throw new Error(
      'Captions cannot be written into photos here, because ExifTool is not installed (it needs Perl). Use --write xmp.',
    );
  }
  return { beside, count: new BesideCount(beside, includeUnsure) };
}

/** Writes beside a photo. */
async function put(result: PhotoResult, beside: BesideCount | undefined): Promise<WrittenResult> {
  return isFailed(result) || !beside ? result : beside.add(result);
}

/** All photos; nothing where they come over standard input, perhaps for hours. */
async function knownPhotos(
  paths: readonly string[],
  options: CaptionCommandOptions,
): Promise<PhotoToCaption[] | undefined> {
  if (paths.includes('-')) return undefined;
  const photos: PhotoToCaption[] = [];
  for await (const photo of findPhotos(paths, findOptions(options))) photos.push(photo);
  return photos;
}

function findOptions({ exclude, recursive }: CaptionCommandOptions): Parameters<typeof findPhotos>[1] {
  return { recursive: recursive ?? false, exclude: exclude ?? [], stdin: process.stdin };
}

const isPath = (photo: PhotoToCaption): photo is string => typeof photo === 'string';

/**
 * Prepares a file of results for going on: keeps the photos that are done, so that those that failed (or have no
 * keywords, no maps of the kind or nothing beside them, where these are asked for) get a new line and not a second one.
 * @returns the photos that are done, as absolute paths
 */
async function keepDone(
  path: string,
  model: string,
  language: string | undefined,
  { keywords = false, maps, write = [] }: Pick<CaptionCommandOptions, 'keywords' | 'maps' | 'write'>,
): Promise<Set<string>> {
  const lines = await readJsonLines(path);
  const stranger = lines.find(
    ({ file, caption, error }) => typeof file !== 'string' || (caption ?? error) === undefined,
  );
  if (stranger) {
    throw new UsageError(`${path} holds something else than the results of attend caption. Choose another --output.`);
  }
  const done = lines.filter(({ caption }) => typeof caption === 'string');
  const other = done.find((line) => line['model'] !== model);
  if (other) {
    throw new UsageError(
      `${path} holds captions by the model ${String(other['model'])}; this is ${model}. Choose another --output.`,
    );
  }
  const spoken = done.find((line) => line['language'] !== language);
  if (spoken) {
    throw new UsageError(
      `${path} holds captions in ${nameOf(spoken['language'])}; these are in ${nameOf(language)}. Choose another --output.`,
    );
  }
  const kind = toBeFound(maps);
  const kept = done.filter(
    (line) => (!keywords || line['keywords'] !== undefined) && (!kind || hasFound(kind, line)) && isBeside(line, write),
  );
  await writeFileAtomically(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return new Set(kept.map(({ file, path: place }) => resolve(typeof place === 'string' ? place : (file as string))));
}

/** Whether a result of a file has maps of a kind, if any of its words can. */
function hasFound(kind: FoundMaps, { words }: Record<string, unknown>): boolean {
  return (
    !Array.isArray(words) ||
    words.length === 0 ||
    words.some((word: Partial<Record<FoundMaps, unknown>>) => word[kind] !== undefined)
  );
}

/** With where the photo is, where its name alone does not say it. */
function withPlace(result: WrittenResult): WrittenResult & { path?: string } {
  return isAbsolute(result.file) ? result : { ...result, path: resolve(result.file) };
}

function nameOf(language: unknown): string {
  return languageName(typeof language === 'string' ? language : CAPTION_LANGUAGE);
}

/** Draws a photo. One that can no longer be read has failed; a folder that cannot be written ends everything. */
async function draw(result: WrittenResult, pictures: OverlayFolder | undefined): Promise<WrittenResult> {
  if (isFailed(result) || !pictures || pictures.isDone(result.file)) return result;
  try {
    await pictures.add(result);
    return result;
  } catch (error) {
    if (error instanceof PhotoError) return { file: result.file, error: error.message };
    throw error;
  }
}

/** Why no photo was met at all: what cannot be found is told of as a failure of its own. */
function whyNothing(paths: readonly string[], { exclude = [] }: CaptionCommandOptions): string {
  const isListed = paths.includes('-');
  if (exclude.length === 0) return isListed ? 'the list of paths is empty' : 'no photo was named';
  return isListed ? 'the list names nothing that --exclude leaves' : '--exclude leaves out all that was named';
}

function howToGoOn(
  { existing = 'skip', output, overlay, resume, write }: CaptionCommandOptions,
  format: ResultFormat,
): string {
  if (resume) return 'The same command goes on from here.';
  if (write && existing === 'skip' && output === undefined) return 'The same command with --resume goes on from here.';
  if (overlay !== undefined && output === undefined) return 'The same command with --resume goes on from here.';
  if (output !== undefined && format === 'jsonl') return 'The same command with --resume goes on from here.';
  return 'A run with --jsonl --output FILE can be gone on with: --resume then skips what is done.';
}
