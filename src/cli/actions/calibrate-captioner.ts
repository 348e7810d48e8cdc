import { calibrateCaptioner, fewToCalibrate } from '../../captioning/confidence/calibrate.ts';
import { writeCalibration } from '../../captioning/confidence/calibration.ts';
import { photosOfSplit } from '../../captioning/evaluate.ts';
import { isFailed } from '../../captioning/result.ts';
import { readPhotoCaptions } from '../../photos/captions-file.ts';
import { EXIT } from '../exit.ts';
import type { CalibrateCaptionerOptions } from '../options/calibrate-captioner-options.ts';
import { standardOutput } from '../results/sink.ts';
import { Interruption } from '../terminal/interruption.ts';
import { PhotoCount, plural, printable, Progress } from '../terminal/progress.ts';
import { openModel } from './open-model.ts';

/** `attend calibrate captioner`. */
export async function calibrate({
  captions,
  limit,
  model: name,
  photos: folder,
  split,
}: CalibrateCaptionerOptions): Promise<void> {
  const photos = photosOfSplit(await readPhotoCaptions(captions, folder), split).slice(0, limit);
  const few = fewToCalibrate(photos.length);
  if (few) process.stderr.write(`${few}\n`);
  const interruption = new Interruption('Stopping: what there was stays.');
  const progress = new Progress();
  const count = new PhotoCount(photos.length);
  // The old calibration may be of other weights, and does not count.
  const model = await openModel(name, { withoutCalibration: true });
  try {
    const calibration = await calibrateCaptioner(model, photos, folder, {
      split,
      signal: interruption.signal,
      onResult: (result) => {
        count.done++;
        if (isFailed(result)) {
          progress.clear();
          process.stderr.write(`${printable(result.error)}\n`);
        }
        progress.show(String(count));
      },
    });
    progress.clear();
    if (!calibration) {
      process.stderr.write(`Stopped after ${count.ofTotal()}; nothing was written.\n`);
      process.exitCode = interruption.exitCode ?? EXIT.failed;
      return;
    }
    const path = await writeCalibration(model.folder, model.files, calibration);
    const { fitted } = calibration;
    await standardOutput.write(
      `${path}: fitted on ${plural(fitted.words, 'word')} of ${plural(fitted.photos, 'caption')}` +
        `${split === undefined ? '' : ` of the split ${split}`}\n`,
    );
  } finally {
    progress.clear();
    interruption.dispose();
    model.dispose();
  }
}
