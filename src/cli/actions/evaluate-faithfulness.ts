import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import { photosOfSplit } from '../../captioning/evaluate.ts';
import { evaluateFaithfulness } from '../../captioning/faithfulness/evaluate-faithfulness.ts';
import { faithfulnessPlots, faithfulnessTable } from '../../captioning/faithfulness/report.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { readBoxes } from '../../photos/boxes-file.ts';
import { readPhotoCaptions } from '../../photos/captions-file.ts';
import { EXIT } from '../exit.ts';
import type { EvaluateFaithfulnessOptions } from '../options/evaluate-faithfulness-options.ts';
import { standardOutput } from '../results/sink.ts';
import { Interruption } from '../terminal/interruption.ts';
import { PhotoCount, plural, Progress } from '../terminal/progress.ts';
import { openModel } from './open-model.ts';

/** `attend evaluate faithfulness`. */
export async function evaluate(options: EvaluateFaithfulnessOptions): Promise<void> {
  const { limit, seed, split } = options;
  const boxes = options.boxes === undefined ? undefined : await readBoxes(options.boxes);
  const all = photosOfSplit(await readPhotoCaptions(options.captions, options.photos), split);
  const photos = (boxes && split === undefined ? all.filter(({ file }) => boxes.has(file)) : all).slice(0, limit);
  const interruption = new Interruption('Stopping: figures of a part of the photos would say nothing.');
  const progress = new Progress();
  const count = new PhotoCount(photos.length);
  const model = await openModel(options.model);
  try {
    const found = await evaluateFaithfulness(model, photos, options.photos, {
      ...(boxes && { boxes, mattered: options.mattered === true }),
      bounds: options.bounds === true,
      seed,
      signal: interruption.signal,
      onPhotos: (done) => {
        count.done = done;
        progress.show(String(count));
      },
    });
    progress.clear();
    if (!found) {
      process.stderr.write(`Stopped after ${count.ofTotal()}. Begin again; --limit N takes the first N photos.\n`);
      process.exitCode = interruption.exitCode ?? EXIT.failed;
      return;
    }
    const report = { model: model.name, backend: model.backend, split: split ?? null, ...found };
    const head =
      `${plural(found.photos, 'photo')}${split === undefined ? '' : ` of the split ${split}`}, ` +
      `${plural(found.nouns, 'noun')}: ${model.name}, ${model.backend}; in brackets 95 % intervals`;
    await standardOutput.write(
      options.json
        ? `${JSON.stringify(report, null, 2)}\n`
        : `${[head, ...faithfulnessTable(found), found.signature].join('\n')}\n`,
    );
    if (options.plots !== undefined) {
      await makeFolder(options.plots);
      for (const [name, svg] of Object.entries(faithfulnessPlots(found))) {
        await writeFileAtomically(join(options.plots, name), svg);
      }
    }
  } finally {
    progress.clear();
    interruption.dispose();
    model.dispose();
  }
}
