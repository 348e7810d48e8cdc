import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keywordFinderFor } from '../../captioning/keyword-finder.ts';
import { ARCHITECTURE, ENCODER_PREFIX } from '../../captioning/captioner-model.ts';
import { usualDecoding } from '../../captioning/decoding-defaults.ts';
import { saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { ptbTokenize } from '../../engine/metrics/ptb-tokenizer.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import type { Beginning } from './beginning.ts';
import type { CaptionerRunConfig } from './captioner-config.ts';
import { captionNouns } from './caption-nouns.ts';
import type { TrainingPlaces } from './captioner-run.ts';
import { MOST_NOUNS } from './look-teacher.ts';
import { prepareCaptioner } from './prepare-captioner.ts';

/** In the captions of how many photos a thing is named at least. */
const LEAST_PHOTOS = 50;

/**
 * Prepares a run as `runCaptionerTraining` would and writes what `scripts/torch/train_captioner.py` needs beside the photos:
 * `start/`, the checkpoint of update 0 (decoder, encoder, vocabulary), and `data.json`: the files of the photos, the words
 * of their captions, the references of the validation photos as scores cut them, the rules of the search, and which words
 * name which things.
 */
export async function packCaptions(
  config: CaptionerRunConfig,
  { captions, runs }: Pick<TrainingPlaces, 'captions' | 'runs'>,
  startsFrom: () => Promise<Beginning>,
  folder: string,
): Promise<void> {
  const { captioner, encoder, parameters, train, validation, vocabulary } = await prepareCaptioner(
    config,
    captions,
    runs,
    startsFrom,
  );
  try {
    await mkdir(folder, { recursive: true });
    await saveCheckpoint(new DirectoryStore(join(folder, 'start')), {
      architecture: ARCHITECTURE,
      config: captioner.config as never,
      metadata: { vocabulary: vocabulary.words, encoder: encoder.graph, run: config } as never,
      weights: [...parameters.entries(), ...encoder.entries(ENCODER_PREFIX)],
      precision: 'float32',
    });
  } finally {
    parameters.dispose();
    encoder.dispose();
  }

  const find = await keywordFinderFor({ vocabulary });
  const limits = { leastPhotos: LEAST_PHOTOS, most: MOST_NOUNS };
  const nouns =
    find &&
    captionNouns(
      train.map(({ words }) => words),
      vocabulary,
      find,
      limits,
    );
  // Scores cut a few words in two.
  const pieces = vocabulary.words
    .filter((_, id) => id !== vocabulary.start && id !== vocabulary.end && id !== vocabulary.unknown)
    .map((word) => [word, ptbTokenize(word)] as const)
    .filter(([word, tokens]) => tokens.length !== 1 || tokens[0] !== word);
  const data = {
    train: train.map(({ file, times, words }) => ({ file, times, captions: words })),
    validation: validation.map(({ file, captions: texts }) => ({ file, references: texts.map(ptbTokenize) })),
    decoding: usualDecoding(vocabulary.words),
    pieces: Object.fromEntries(pieces),
    ...(nouns && nouns.names.length > 0 && { nouns: { names: nouns.names, ofWord: [...nouns.ofWord] } }),
  };
  await writeFileAtomically(join(folder, 'data.json'), `${JSON.stringify(data)}\n`);
}
