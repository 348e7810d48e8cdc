import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../native/backend.ts';
import { loadCheckpoint, saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { Parameters } from '../../engine/parameters.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { loadingFrom, refuseDrawing } from '../../model-folders/model-files.ts';
import { findTrained, writeModelFolder, type Exported } from '../../model-folders/model-folder.ts';
import type { TranslationDomain } from '../../contract/constants/translation-domains.ts';
import { translatorCard } from './translator-card.ts';
import {
  createTextModel,
  describeTranslator,
  tokenizerOf,
  type TranslationDecoding,
  type TranslatorMetadata,
} from '../../translation/translator-checkpoint.ts';

export interface ExportTranslatorOptions {
  /** What differs from the usual way of decoding. */
  decoding?: Partial<TranslationDecoding>;
  /** The only kind of text that the model is for; left out: as the checkpoint says. */
  domain?: TranslationDomain;
  /** Scores and whatever else the card should keep with the model, as data. */
  results?: Record<string, unknown>;
  /** The text of the card; left out: the card that is there already, else one made from what the run says. */
  card?: string;
}

/**
 * Makes a model that can be shipped of a training run's checkpoint: `model.json` with float16 shards (of the weights
 * that translating needs, nothing of the training's own state), and `README.md` (the card).
 *
 * @param trained a run's folder, or one of its checkpoints' (`runs/NAME`, `runs/NAME/best`)
 * @throws Error where there is no trained translator or the model cannot be written
 */
export async function exportTranslator(
  trained: string,
  target: string,
  options: ExportTranslatorOptions = {},
): Promise<Exported> {
  const source = await findTrained(trained);
  await useBackend();
  const checkpoint = await loadingFrom(source, () => loadCheckpoint(new DirectoryStore(source)));
  const parameters = new Parameters(refuseDrawing, checkpoint.weights);
  try {
    const description = describeTranslator(checkpoint);
    const tokenizer = tokenizerOf(checkpoint, description);
    createTextModel(description.config, parameters);
    const { run, card } = checkpoint.metadata as Partial<TranslatorMetadata>;
    const decoding = { ...description.decoding, ...options.decoding };
    const domain = options.domain ?? description.domain;
    const metadata: TranslatorMetadata = {
      tokenizer: tokenizer.toJSON(),
      from: description.from,
      to: [...description.to],
      ...(domain && { domain }),
      decoding,
      card: { ...card, ...(run && { run }), results: options.results ?? card?.['results'] ?? {} },
    };
    const weights = parameters.entries();
    const count = weights.reduce((sum, [, { size }]) => sum + size, 0);
    const write = (folder: string): Promise<void> =>
      saveCheckpoint(new DirectoryStore(folder), {
        architecture: description.architecture,
        config: description.config as never,
        metadata: metadata as never,
        weights,
        precision: 'float16',
      });
    return await writeModelFolder(target, write, options.card, (name) =>
      translatorCard(name, { ...description, decoding, domain }, tokenizer.size, count, metadata.card ?? {}),
    );
  } finally {
    parameters.dispose();
    tf.dispose([...checkpoint.weights.values()]);
  }
}
