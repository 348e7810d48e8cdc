import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { CaptionerConfig } from '../../engine/models/captioner.ts';
import { START, END, UNKNOWN } from '../../engine/text/vocabulary.ts';
import { describeCaptioner, ENCODER_PREFIX } from '../../captioning/captioner-model.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { importPretrained } from '../../model-folders/encoder-files.ts';
import type { Encoder } from './photo-features.ts';

/** What a run starts from: a pretrained encoder, and the decoder where a captioner is trained on. */
export interface Beginning {
  /** Its weights go to the run. */
  encoder: Encoder;
  captioner?: {
    config: CaptionerConfig;
    /** All words in the order of their ids. */
    words: readonly string[];
    /** Of the decoder, by name; they go to the run. */
    weights: ReadonlyMap<string, tf.Tensor>;
  };
}

/** The end of another run. @param folder its checkpoint, `runs/NAME/final` */
export async function beginningOfRun(folder: string): Promise<Beginning> {
  const checkpoint = await loadCheckpoint(new DirectoryStore(folder));
  const { config, vocabulary } = describeCaptioner(checkpoint);
  const ofEncoder = new Map<string, tf.Tensor>();
  const weights = new Map<string, tf.Tensor>();
  for (const [name, tensor] of checkpoint.weights) {
    if (name.startsWith(ENCODER_PREFIX)) ofEncoder.set(name.slice(ENCODER_PREFIX.length), tensor);
    else weights.set(name, tensor);
  }
  const { encoder: graph } = checkpoint.metadata as unknown as { encoder: Encoder['graph'] };
  return { encoder: { graph, weights: ofEncoder }, captioner: { config, words: vocabulary, weights } };
}

/** A captioner that was exported. @param folder with its `model.json` @throws Error that says what is wrong with it */
export async function beginningOfCaptioner(folder: string): Promise<Beginning> {
  const checkpoint = await loadCheckpoint(new DirectoryStore(folder));
  try {
    const { config, vocabulary } = describeCaptioner(checkpoint);
    const encoder = await importPretrained(folder);
    return { encoder, captioner: { config, words: vocabulary, weights: checkpoint.weights } };
  } catch (error) {
    tf.dispose([...checkpoint.weights.values()]);
    throw error;
  }
}

/** The words of a captioner, in the order of their ids, and behind them those that it does not know. */
export function withNewWords(known: readonly string[], words: readonly string[]): string[] {
  const has = new Set([...known, START, END, UNKNOWN]);
  return [...known, ...words.filter((word) => !has.has(word))];
}

/** The weights of a captioner that have a row a word: the table that word vectors and output layer share, and the bias. */
const TABLE = 'words.table';
const BIAS = 'output.bias';

/**
 * The weights of a captioner with rows for more words. A new word's vector is drawn with the spread of the known ones,
 * and its bias is the least of theirs: as rare as the rarest, until the training says otherwise.
 *
 * @param size of the vocabulary with the new words behind the known ones
 * @param random uniform on [0, 1)
 * @returns tensors of its own; those given are the caller's
 */
export function withRowsFor(
  size: number,
  weights: ReadonlyMap<string, tf.Tensor>,
  random: () => number,
): Map<string, tf.Tensor> {
  return new Map(
    [...weights].map(([name, weight]) => {
      if (name !== TABLE && name !== BIAS) return [name, tf.clone(weight)];
      const values = weight.dataSync<'float32'>();
      // The bias has a number a word, the table a vector.
      const width = weight.shape[1] ?? 1;
      const fresh = new Float32Array(size * width - values.length);
      if (name === BIAS) fresh.fill(values.reduce((least, value) => Math.min(least, value), Infinity));
      else {
        // Uniform on ±limit has the standard deviation limit / √3.
        const limit = Math.sqrt((3 * values.reduce((sum, value) => sum + value * value, 0)) / values.length);
        for (let i = 0; i < fresh.length; i++) fresh[i] = (2 * random() - 1) * limit;
      }
      const all = new Float32Array(size * width);
      all.set(values);
      all.set(fresh, values.length);
      return [name, tf.tensor(all, [size, ...weight.shape.slice(1)])];
    }),
  );
}
