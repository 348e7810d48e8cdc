// The lane of Attend's training: a process with the native backend, and the steps of `attend train translator`.
import * as tf from '@tensorflow/tfjs-core';
import type { TextModel } from '../src/engine/models/text-model.ts';
import { Parameters } from '../src/engine/parameters.ts';
import { Random } from '../src/engine/random.ts';
import { sourceTokens } from '../src/engine/text/source-tokens.ts';
import { AdamW } from '../src/engine/training/adam-w.ts';
import { textBatch, textLoss } from '../src/engine/training/text-loss.ts';
import { loadAnyCheckpoint } from '../src/model-folders/load-any-checkpoint.ts';
import { refuseDrawing } from '../src/model-folders/model-files.ts';
import { useBackend } from '../src/native/backend.ts';
import { createTextModel, describeTranslator, openTokenizer } from '../src/translation/translator-checkpoint.ts';
import { serve } from './harness/serve.ts';

/** A sentence pair as tokens: the source with tag and end token, the target without. */
export interface TokenPair {
  source: number[];
  target: number[];
}

/** What a step of training is asked for. */
export interface TrainingStep {
  pairs: TokenPair[];
  dropout: number;
  labelSmoothing: number;
  rate: number;
}

interface Opened {
  model: TextModel;
  optimiser: AdamW;
  start: number;
  end: number;
}

let opened: Opened | undefined;
const random = new Random(7);

const operations = {
  /** @returns pairs of sentences: each is to be translated as itself */
  open: async ({ folder, sentences }: { folder: string; sentences: string[] }): Promise<TokenPair[]> => {
    await useBackend('native');
    const checkpoint = await loadAnyCheckpoint(folder);
    const description = describeTranslator(checkpoint);
    const parameters = new Parameters(refuseDrawing, checkpoint.weights);
    const tokenizer = await openTokenizer(checkpoint, description, folder);
    const { config, to } = description;
    const model = createTextModel(config, parameters);
    const optimiser = new AdamW(parameters.entries(), { beta2: 0.98, averaging: 0.999 });
    opened = { model, optimiser, start: config.startToken, end: config.endToken };
    return sentences.map((sentence) => {
      const tokens = tokenizer.encode(sentence);
      return { source: sourceTokens(tokenizer, tokens, to[0]!), target: tokens };
    });
  },

  /** One update: forward, backward, optimiser. */
  step: ({ dropout, labelSmoothing, pairs, rate }: TrainingStep): { milliseconds: number; loss: number } => {
    if (!opened) throw new Error('No model is open.');
    const { end, model, optimiser, start } = opened;
    const begin = performance.now();
    const batch = textBatch(pairs, start, end);
    const training = { random, dropout, attentionDropout: 0, feedForwardDropout: 0 };
    const { value, grads } = tf.variableGrads(
      () => textLoss(model, batch, { training, labelSmoothing }),
      optimiser.variables,
    );
    const loss = value.dataSync()[0]!;
    optimiser.apply(grads, rate, 1);
    tf.dispose([value, grads]);
    return { milliseconds: performance.now() - begin, loss };
  },
};

export type TrainerOperations = typeof operations;

await serve(operations);
