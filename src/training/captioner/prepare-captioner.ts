import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { Captioner, type CaptionerConfig } from '../../engine/models/captioner.ts';
import { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import { captionWords } from '../../engine/text/caption-words.ts';
import { Vocabulary } from '../../engine/text/vocabulary.ts';
import type { PhotoCaptions } from '../../photos/captions-file.ts';
import { beginningOfRun, withNewWords, withRowsFor, type Beginning } from './beginning.ts';
import { ownShape, type CaptionerRunConfig } from './captioner-config.ts';
import { splitPhotos } from './split-photos.ts';
import { TrainableEncoder } from './trainable-encoder.ts';

/** A photo to learn from. */
export interface TrainedPhoto {
  file: string;
  /** The words of its captions; those of a usable length, at least one. */
  words: string[][];
  /** How often an epoch shows it. */
  times: number;
}

/** What a run trains, and on what. */
export interface PreparedCaptioner {
  train: TrainedPhoto[];
  validation: PhotoCaptions[];
  vocabulary: Vocabulary;
  captioner: Captioner;
  /** Of the captioner; the caller's to dispose, as the encoder is. */
  parameters: Parameters;
  encoder: TrainableEncoder;
}

/**
 * Reads captions, counts words, and makes the model that a run begins with.
 *
 * @param runs the folder of all runs, where `startFrom` is looked up
 * @param startsFrom gives the pretrained encoder, or the captioner, that the run starts from (not asked where that is
 *   another run)
 * @throws Error where nothing is left to train or validate on
 */
export async function prepareCaptioner(
  config: CaptionerRunConfig,
  captions: readonly PhotoCaptions[],
  runs: string,
  startsFrom: () => Promise<Beginning>,
): Promise<PreparedCaptioner> {
  const { train: trained, validation } = splitPhotos(captions, config);
  const usable = (caption: string[]): boolean => caption.length > 0 && caption.length <= config.maxWords;
  const train = trained
    .map(({ file, captions: texts, split = 'train' }) => ({
      file,
      words: texts.map(captionWords).filter(usable),
      times: config.repeat?.[split] ?? 1,
    }))
    .filter(({ words }) => words.length > 0);
  if (train.length === 0) throw new Error(`No caption has 1 to ${config.maxWords} words.`);

  const given = await (config.startFrom ? beginningOfRun(join(runs, config.startFrom, 'final')) : startsFrom());
  const known = given.captioner;
  const own = Vocabulary.fromTexts(
    train.flatMap(({ words }) => words),
    config.minCount,
  );
  const vocabulary = !known
    ? own
    : new Vocabulary(config.captioner ? withNewWords(known.words, own.words) : known.words);

  const encoder = new TrainableEncoder(given.encoder);
  const [rows, columns, channels] = encoder.gridShape();
  const model: CaptionerConfig = {
    ...(config.captioner && known ? goingOn(known.config, config) : shapeToTrain(config)),
    vocabularySize: vocabulary.size,
    startToken: vocabulary.start,
    endToken: vocabulary.end,
    grid: [rows, columns],
    featureSize: channels,
  };
  const random = new Random(config.seed).next;
  const weights = known && withRowsFor(vocabulary.size, known.weights, random);
  const parameters = new Parameters(random, weights);
  const captioner = new Captioner(model, parameters);
  tf.dispose([...(weights?.values() ?? []), ...(known?.weights.values() ?? [])]);
  return { train, validation, vocabulary, captioner, parameters, encoder };
}

/** The shape of a captioner that is trained on: its own, but that its attention may become hard. @throws Error where it has none */
function goingOn(known: CaptionerConfig, { attention, captioner }: CaptionerRunConfig): CaptionerConfig {
  if (attention === 'hard' && known.attention === 'none') {
    throw new Error(`${captioner} has no attention that could become hard.`);
  }
  return { ...known, ...(attention && { attention }) };
}

/** The sizes of a captioner that is trained from its first weights. */
function shapeToTrain(config: CaptionerRunConfig): Omit<CaptionerConfig, keyof GivenByData> {
  const { attention, query, annotationSize, attentionSize, hiddenSize, embeddingSize } = ownShape(config);
  return { attention, ...(query && { query }), annotationSize, attentionSize, hiddenSize, embeddingSize };
}
type GivenByData = Pick<CaptionerConfig, 'vocabularySize' | 'startToken' | 'endToken' | 'grid' | 'featureSize'>;
