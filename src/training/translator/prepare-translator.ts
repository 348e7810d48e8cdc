import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import type * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { Random } from '../../engine/random.ts';
import { SubwordTokenizer } from '../../engine/text/subword-tokenizer.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import {
  describeTranslator,
  tokenizerOf,
  type TranslatorConfig,
  type TranslatorMetadata,
} from '../../translation/translator-checkpoint.ts';
import {
  learnVocabulary,
  readPairs,
  readTrainingTexts,
  TranslationExamples,
  type ReadText,
  type TextReport,
} from './translation-examples.ts';
import type { ValidationText } from './translation-validation.ts';
import type { TranslatorRunConfig, TranslatorStage } from './translator-config.ts';
import { varyTexts } from './vary-texts.ts';

/** Where a run reads and writes. */
export interface TranslatorPlaces {
  /** The folder that the configuration's files are relative to. */
  data: string;
  /** The run's own folder: vocabulary, checkpoints, result. */
  run: string;
  /** The folder of all runs, where `startFrom` is looked up. */
  runs: string;
}

/** All that a run has before its first step. */
export interface PreparedTranslator {
  readonly tokenizer: SubwordTokenizer;
  readonly modelConfig: TranslatorConfig;
  readonly validation: readonly ValidationText[];
  /** What the weights start from, tensors of the caller; nothing: they are drawn. */
  readonly given: ReadonlyMap<string, tf.Tensor> | undefined;
  /** What a stage learns from. @param number of the stage, from 0 */
  examples(stage: TranslatorStage, number: number): Promise<{ examples: TranslationExamples; reports: TextReport[] }>;
}

/** Makes a run's folder, and reads or learns all that does not change while it is trained. */
export async function prepareTranslator(
  config: TranslatorRunConfig,
  places: TranslatorPlaces,
  report: (event: { kind: 'preparing'; what: string }) => void,
): Promise<PreparedTranslator> {
  await makeFolder(places.run);
  await writeFileAtomically(join(places.run, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const validation = await Promise.all(
    config.validation.texts.map(async (text) => ({
      name: `${text.sourceLanguage}-${text.targetLanguage}`,
      targetLanguage: text.targetLanguage,
      pairs: (await readPairs(places.data, text)).slice(0, text.sentences),
    })),
  );
  const texts = new TextsOfStages(config, places.data, report);
  report({ kind: 'preparing', what: 'the vocabulary' });
  const given = config.startFrom
    ? await loadCheckpoint(new DirectoryStore(join(places.runs, config.startFrom, 'final')))
    : undefined;
  const tokenizer = await vocabularyOf(places.run, async () =>
    given
      ? takenOver(tokenizerOf(given, describeTranslator(given)), config)
      : learnVocabulary(config, (await texts.of(config.stages[0]!)).texts),
  );
  const { architecture: _, ...shape } = config.model;
  return {
    tokenizer,
    modelConfig: {
      sourceVocabularySize: tokenizer.size,
      targetVocabularySize: tokenizer.size,
      startToken: tokenizer.start,
      endToken: tokenizer.end,
      ...shape,
    },
    validation,
    given: given?.weights,
    examples: async (stage, number) => {
      const { reports, texts: read } = await texts.of(stage);
      report({ kind: 'preparing', what: 'the examples' });
      const { bpeDropout, tokensPerBatch, variation } = stage;
      const options = { seed: config.seed + 101 * number, maxTokens: config.maxTokens, tokensPerBatch, bpeDropout };
      const random = new Random(options.seed * 131);
      const varied = variation ? varyTexts(read, variation, tokenizer.placeholders, random) : read;
      return { examples: new TranslationExamples(options, tokenizer, varied), reports };
    },
  };
}

/** What a run's checkpoints say beside the model. @param rest how far it is */
export function runMetadata(
  config: TranslatorRunConfig,
  tokenizer: SubwordTokenizer,
  rest: Record<string, unknown>,
): TranslatorMetadata {
  return {
    tokenizer: tokenizer.toJSON(),
    from: config.data[0]!.sourceLanguage,
    to: [...new Set(config.data.map(({ targetLanguage }) => targetLanguage))],
    run: { name: config.name, config, ...rest },
  };
}

/** What the stages learn from; a stage that learns from what the one before it did does not read it again. */
class TextsOfStages {
  readonly #config: TranslatorRunConfig;
  readonly #data: string;
  readonly #report: (event: { kind: 'preparing'; what: string }) => void;
  #last: { key: string; read: Promise<{ texts: ReadText[]; reports: TextReport[] }> } | undefined;

  constructor(config: TranslatorRunConfig, data: string, report: (event: { kind: 'preparing'; what: string }) => void) {
    this.#config = config;
    this.#data = data;
    this.#report = report;
  }

  of(stage: TranslatorStage): Promise<{ texts: ReadText[]; reports: TextReport[] }> {
    const wanted = {
      data: stage.data ?? this.#config.data,
      heldOut: this.#config.heldOut,
      phrasebook: stage.phrasebook,
    };
    const key = JSON.stringify(wanted);
    if (this.#last?.key !== key) {
      this.#report({ kind: 'preparing', what: 'reading the texts' });
      this.#last = { key, read: readTrainingTexts(wanted, this.#data) };
    }
    return this.#last.read;
  }
}

/** Another run's vocabulary, with placeholders where it had none: they take the places of bytes that no text has. */
function takenOver(
  tokenizer: SubwordTokenizer,
  { vocabulary: { placeholders } }: TranslatorRunConfig,
): SubwordTokenizer {
  return placeholders > tokenizer.placeholders ? tokenizer.withPlaceholders(placeholders) : tokenizer;
}

/** The vocabulary that the run began with, or a new one. */
async function vocabularyOf(run: string, learn: () => Promise<SubwordTokenizer>): Promise<SubwordTokenizer> {
  const file = join(run, 'vocabulary.json');
  if (existsSync(file)) return SubwordTokenizer.fromJSON(JSON.parse(await readFile(file, 'utf8')));
  const tokenizer = await learn();
  await writeFileAtomically(file, `${JSON.stringify(tokenizer)}\n`);
  return tokenizer;
}
