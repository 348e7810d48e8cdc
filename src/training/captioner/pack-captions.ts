import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import { keywordFinderFor } from '../../captioning/keyword-finder.ts';
import { ARCHITECTURE, ENCODER_PREFIX } from '../../captioning/captioner-model.ts';
import { usualDecoding } from '../../captioning/decoding-defaults.ts';
import { readCheckpoint, saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { EncoderGraph } from '../../engine/encoder/encoder-graph.ts';
import { ptbTokenize } from '../../engine/metrics/ptb-tokenizer.ts';
import type { CaptionerConfig } from '../../engine/models/captioner.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import type { Beginning } from './beginning.ts';
import type { CaptionerRunConfig } from './captioner-config.ts';
import { captionNouns } from './caption-nouns.ts';
import type { TrainingPlaces } from './captioner-run.ts';
import { MOST_NOUNS } from './look-teacher.ts';
import { prepareCaptioner } from './prepare-captioner.ts';

/** In the captions of how many photos a thing is named at least, where no stage says so. */
const LEAST_PHOTOS = 50;
/** The photos and the words of a pack. */
const DATA = 'data.json';
/** The checkpoint of update 0. */
const START = 'start';

/**
 * Prepares a run as `runCaptionerTraining` would and writes what `scripts/torch/train_captioner.py` needs beside the photos:
 * `start/`, the checkpoint of update 0 (decoder, encoder, vocabulary), and `data.json`: the files of the photos, the words
 * of their captions, the references of the validation photos as scores cut them, the rules of the search, and which words
 * name which things.
 *
 * @returns whether it trains on other photos or captions than what was packed in the folder before
 * @throws Error where PyTorch's trainer cannot do what the configuration wants
 */
export async function packCaptions(
  config: CaptionerRunConfig,
  { captions, runs }: Pick<TrainingPlaces, 'captions' | 'runs'>,
  startsFrom: () => Promise<Beginning>,
  folder: string,
): Promise<boolean> {
  const { captioner, encoder, parameters, train, validation, vocabulary } = await prepareCaptioner(
    config,
    captions,
    runs,
    startsFrom,
  );
  try {
    assertForPyTorch(captioner.config.attention, config);
    await makeFolder(folder);
    await saveCheckpoint(new DirectoryStore(join(folder, START)), {
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
  const leastPhotos = config.stages.find(({ look }) => look)?.look?.leastPhotos ?? LEAST_PHOTOS;
  const limits = { leastPhotos, most: MOST_NOUNS };
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
  const content = `${JSON.stringify(data)}\n`;
  const before = await readFile(join(folder, DATA), 'utf8').catch(() => undefined);
  await writeFileAtomically(join(folder, DATA), content);
  return content !== before;
}

function assertForPyTorch(attention: CaptionerConfig['attention'], { stages }: CaptionerRunConfig): void {
  if (attention === 'hard' && stages.some(({ reinforce }) => !reinforce)) {
    throw new Error(
      'Hard attention needs reinforce in every stage: locations that are drawn have no gradient of their own.',
    );
  }
  const looks = new Set(stages.flatMap(({ look }) => look?.leastPhotos ?? []));
  if (looks.size > 1)
    throw new Error("PyTorch's trainer learns where things are once: let leastPhotos be the same in all stages.");
}

/** The photos of a pack in their order, and how many pixels their sides have. @throws Error where the pack is damaged */
export async function packedPhotos(folder: string): Promise<{ files: string[]; size: number }> {
  const { metadata } = await readCheckpoint(new DirectoryStore(join(folder, START)));
  const { encoder } = metadata as unknown as { encoder: EncoderGraph };
  let data: { train: { file: string }[]; validation: { file: string }[] };
  try {
    data = JSON.parse(await readFile(join(folder, DATA), 'utf8')) as typeof data;
  } catch (error) {
    throw new Error(`${join(folder, DATA)} is damaged: delete the folder, and it is made again.`, { cause: error });
  }
  return { files: [...data.train, ...data.validation].map(({ file }) => file), size: encoder.input.size };
}
