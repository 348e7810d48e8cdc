import { createInterface } from 'node:readline';
import { markNotSure } from '../../captioning/mark-not-sure.ts';
import { captionPhotos } from '../../captioning/caption-photos.ts';
import { neededKeywordFinder } from '../../captioning/keyword-finder.ts';
import { withoutMark } from '../../files/read-file.ts';
import { useDevice } from '../../native/device.ts';
import { warmDecoders } from '../../photos/decoders/decoders.ts';
import type { PhotoToCaption } from '../../photos/photo-to-caption.ts';
import type { CaptionCommandOptions } from '../options/caption-options.ts';
import { UsageError } from '../exit.ts';
import { limitThreads } from '../limit-threads.ts';
import { parsePhotoLine, type PhotoLine } from '../results/photo-line.ts';
import { standardOutput } from '../results/sink.ts';
import { Interruption } from '../terminal/interruption.ts';
import { photosOptions, refuseWrongStart, translated, translatorOf } from './caption-steps.ts';
import { openModel } from './open-model.ts';

/**
 * `attend caption - --lines`: a filter for engines that pipe (Spark, xargs, a program of one's own). Each line of
 * standard input, a path or `{ "file", "id"? }`, has exactly one line of JSON as its answer, in the same order, written as
 * soon as it is known; the process ends with its input. A photo that cannot be captioned has its `error`, and is no
 * reason for another exit code than 0: whoever reads the lines knows.
 */
export async function captionLines(paths: readonly string[], options: CaptionCommandOptions): Promise<void> {
  refuseOthers(paths, options);
  if (options.threads !== undefined) limitThreads(options.threads);
  useDevice(options.device);
  const interruption = new Interruption('Stopping after the photo in hand. Ctrl-C again stops at once.');
  try {
    warmDecoders();
    const model = await openModel(options.model);
    try {
      if (options.start !== undefined) refuseWrongStart(model, options.start);
      const translator = await translatorOf(options);
      const keywords = options.keywords ? await neededKeywordFinder(model) : undefined;
      // Answers come in the order of the lines.
      const asked: PhotoLine[] = [];
      async function* photos(): AsyncGenerator<PhotoToCaption> {
        const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
        let isFirst = true;
        for await (const line of lines) {
          const photo = parsePhotoLine(isFirst ? withoutMark(line) : line);
          isFirst = false;
          asked.push(photo);
          yield photo.error === undefined ? photo.file : { file: photo.file, error: photo.error };
        }
      }
      for await (const found of captionPhotos(model, photos(), photosOptions(options, keywords, interruption.signal))) {
        const { id } = asked.shift() as PhotoLine;
        const result = await translated(markNotSure(found, options.minConfidence), translator, keywords);
        await standardOutput.write(`${JSON.stringify(id === undefined ? result : { id, ...result })}\n`);
        if (interruption.signal.aborted) break;
      }
      translator?.model.dispose();
      if (interruption.exitCode !== undefined) process.exitCode = interruption.exitCode;
    } finally {
      model.dispose();
    }
  } finally {
    interruption.dispose();
    process.stdin.destroy();
  }
}

/** Options that a filter has no use for: its answers are lines of JSON on standard output. */
const OTHERS = [
  'json',
  'csv',
  'output',
  'overlay',
  'format',
  'write',
  'existing',
  'resume',
  'recursive',
  'exclude',
] as const;

function refuseOthers(paths: readonly string[], options: CaptionCommandOptions): void {
  if (paths.length !== 1 || paths[0] !== '-') {
    throw new UsageError('--lines answers the lines of standard input: give - in the place of photos.');
  }
  const other = OTHERS.find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw new UsageError(`--lines gives lines of JSON on standard output; leave out --${other}.`);
}
