import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { saveCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';
import type { TextModel } from '../../src/engine/models/text-model.ts';
import type { PaddedTokens } from '../../src/engine/batches/padded-tokens.ts';
import { Parameters } from '../../src/engine/parameters.ts';
import { Random } from '../../src/engine/random.ts';
import { SubwordTokenizer } from '../../src/engine/text/subword-tokenizer.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';
import {
  createTextModel,
  TRANSLATION_DECODING,
  type TranslatorConfig,
  type TranslatorMetadata,
} from '../../src/translation/translator-checkpoint.ts';
import type { TranslatorModel } from '../../src/translation/translator-model.ts';

const SENTENCES = [
  'A dog runs through the snow.',
  'Two children play with a red ball.',
  'A dog and a cat sleep.',
  'Ein Hund läuft durch den Schnee.',
  'Zwei Kinder spielen mit einem roten Ball.',
  'Un chien court dans la neige.',
  'Un perro corre por la nieve.',
  'Pes běží sněhem.',
];

/** A vocabulary of everyday letters and a few words. @param languages that it has tags for */
function tinyTokenizer(languages: readonly string[] = ['de', 'fr'], placeholders = 0): SubwordTokenizer {
  const texts = [
    ...SENTENCES,
    ...SENTENCES,
    ...SENTENCES,
    'abcdefghijklmnopqrstuvwxyz .,!?’',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ];
  return SubwordTokenizer.train(texts, { size: 420, languages, minCharacterCount: 1, placeholders });
}

export const TINY_SHAPES: Readonly<Record<'transformer' | 'recurrent' | 'none', object>> = {
  transformer: {
    embeddings: 'all',
    size: 8,
    heads: 2,
    feedForwardSize: 12,
    normalisation: 'pre',
    encoderLayers: 2,
    decoderLayers: 3,
  },
  recurrent: {
    embeddings: 'target',
    cell: 'gru',
    encoder: 'bidirectional',
    embeddingSize: 6,
    encoderSize: 4,
    hiddenSize: 7,
    attention: 'additive',
    attentionSize: 5,
    decoder: 'bahdanau',
    inputFeeding: false,
    initialState: 'final',
  },
  none: {
    embeddings: 'all',
    cell: 'lstm',
    encoder: 'one-directional',
    embeddingSize: 6,
    encoderSize: 4,
    hiddenSize: 7,
    attention: 'none',
    attentionSize: 0,
    decoder: 'luong',
    inputFeeding: false,
    initialState: 'final',
  },
};

export interface TinyTranslator {
  shape?: keyof typeof TINY_SHAPES;
  to?: string[];
  /** Of a training run; a shipped model has none. */
  run?: string;
  metadata?: Partial<TranslatorMetadata>;
}

/** Writes the checkpoint of a translator of random weights; what it says is nonsense, but never the same nonsense twice. */
export async function writeTinyTranslator(folder: string, options: TinyTranslator = {}): Promise<string> {
  const { shape = 'transformer', to = ['de', 'fr'], run, metadata } = options;
  const tokenizer = tinyTokenizer(to.length > 1 ? to : []);
  const config = {
    sourceVocabularySize: tokenizer.size,
    targetVocabularySize: tokenizer.size,
    startToken: tokenizer.start,
    endToken: tokenizer.end,
    ...TINY_SHAPES[shape],
  } as unknown as TranslatorConfig;
  const parameters = new Parameters(new Random(11).next);
  createTextModel(config, parameters);
  const named: TranslatorMetadata = {
    tokenizer: tokenizer.toJSON(),
    from: 'en',
    to,
    ...(run ? { run: { name: run } } : {}),
  };
  await saveCheckpoint(new DirectoryStore(folder), {
    architecture: shape === 'transformer' ? 'transformer' : 'seq2seq',
    config: config as never,
    metadata: { ...named, ...metadata } as never,
    weights: parameters.entries(),
    precision: 'float32',
  });
  parameters.dispose();
  return folder;
}

/** Writes a run of a translator, as training leaves it: `FOLDER/final`. */
export async function writeTinyTranslatorRun(folder: string, options: TinyTranslator = {}): Promise<string> {
  await writeTinyTranslator(join(folder, 'final'), { run: 'tiny-run', ...options });
  return folder;
}

export interface CopyingOptions {
  /** Of the vocabulary. */
  placeholders?: number;
  /** What it writes instead of its source, token by token; nothing: the source. */
  write?: (source: string, tokenizer: SubwordTokenizer) => string;
}

/**
 * A translator that copies: at every step it is nearly sure of the source's next token, at which it looks. So its
 * results are known beforehand.
 * @param batches is told the size of every batch: [rows, length]
 */
export function copyingTranslator(
  batches: [number, number][] = [],
  languages: readonly string[] = ['de', 'fr'],
  { placeholders = 0, write }: CopyingOptions = {},
): TranslatorModel {
  const tokenizer = tinyTokenizer(languages, placeholders);
  /** The tokens to write for a row of the source. */
  const written = (source: readonly number[]): number[] =>
    write ? [...tokenizer.encode(write(tokenizer.decode(source), tokenizer)), tokenizer.end] : [];
  const config = {
    sourceVocabularySize: tokenizer.size,
    targetVocabularySize: tokenizer.size,
    startToken: tokenizer.start,
    endToken: tokenizer.end,
  };
  const offset = languages.length > 0 ? 1 : 0;
  type State = { rows: Int32Array; position: number };
  const decoder = ({ rows, length, tokens, lengths }: PaddedTokens): Decoder<State> => ({
    vocabularySize: tokenizer.size,
    startToken: tokenizer.start,
    endToken: tokenizer.end,
    sources: rows,
    start: () => {
      batches.push([rows, length]);
      return { rows: Int32Array.from({ length: rows }, (_, row) => row), position: 0 };
    },
    step: ({ rows: own, position }) => {
      const place = (row: number): number => Math.min(position + offset, (lengths[row] as number) - 1);
      const next = Array.from(own, (row) => {
        if (!write) return tokens[row * length + place(row)] as number;
        const source = Array.from(tokens.slice(row * length + offset, row * length + (lengths[row] as number) - 1));
        return written(source)[position] ?? tokenizer.end;
      });
      return {
        logProbabilities: tf.tidy(() =>
          tf.logSoftmax(tf.mul<tf.Tensor2D>(8, tf.oneHot(tf.tensor1d(next, 'int32'), tokenizer.size))),
        ),
        weights: tf.tidy(() => {
          const looked = tf.oneHot(tf.tensor1d(Array.from(own, place), 'int32'), length);
          // A tenth goes to the end of the source, which writes nothing.
          const ends = tf.oneHot(
            tf.tensor1d(
              Array.from(own, (row) => (lengths[row] as number) - 1),
              'int32',
            ),
            length,
          );
          return tf.add<tf.Tensor2D>(tf.mul(0.9, looked), tf.mul(0.1, ends));
        }),
        state: { rows: own, position: position + 1 },
      };
    },
    reorder: ({ rows: own, position }, kept) => ({
      rows: Int32Array.from(kept, (row) => own[row] as number),
      position,
    }),
    dispose: () => undefined,
  });
  return {
    architecture: 'seq2seq',
    config: config as unknown as TranslatorConfig,
    from: 'en',
    to: languages.length > 0 ? languages : ['de'],
    domain: undefined,
    decoding: { ...TRANSLATION_DECODING, beam: 2 },
    runName: undefined,
    title: 'copy',
    layers: 1,
    heads: 1,
    name: 'copy',
    folder: '',
    model: { config, decoder } as unknown as TextModel,
    tokenizer,
    backend: 'wasm',
    files: [],
    dispose: () => undefined,
  };
}
