import type * as tf from '@tensorflow/tfjs-core';
import { Embedding } from '../layers/embedding.ts';
import { SearchOutput } from '../layers/tied-output.ts';
import { constant, type Parameters } from '../parameters.ts';
import type { OutputLayer } from './output-layer.ts';
import type { TextModelConfig } from './text-model.ts';

/**
 * The tables of a text model. Weights: `words.table` where all share it, otherwise `source.table` and
 * `target.table`, and `output.table` where that is a third; `output.bias` on request.
 */
export class TextEmbeddings {
  readonly source: Embedding;
  readonly target: Embedding;
  readonly output: OutputLayer;
  readonly #search: SearchOutput;

  /**
   * @param limit the vectors' numbers are drawn uniformly on ±limit
   * @throws RangeError where all are to share a table and the vocabularies differ
   */
  constructor(
    parameters: Parameters,
    config: TextModelConfig,
    size: number,
    { limit, outputBias }: { limit: number; outputBias: boolean },
  ) {
    const { sourceVocabularySize, targetVocabularySize, embeddings } = config;
    if (embeddings === 'all' && sourceVocabularySize !== targetVocabularySize) {
      throw new RangeError(
        `Shared embeddings need one vocabulary; the source has ${sourceVocabularySize} tokens and the target ${targetVocabularySize}.`,
      );
    }
    const table = (name: string, tokens: number): Embedding => new Embedding(parameters, name, tokens, size, limit);
    this.source = table(embeddings === 'all' ? 'words' : 'source', sourceVocabularySize);
    this.target = embeddings === 'all' ? this.source : table('target', targetVocabularySize);
    const output = embeddings === 'none' ? table('output', targetVocabularySize) : this.target;
    const bias = outputBias ? parameters.get('output.bias', [targetVocabularySize], constant(0)) : undefined;
    this.output = { table: output.table, bias: bias as tf.Tensor1D | undefined };
    this.#search = new SearchOutput(parameters, this.output.table, this.output.bias);
  }

  /** log p of every token at a step of a search. @param x [rows, size] @returns [rows, vocabulary] */
  logProbabilities(x: tf.Tensor2D): tf.Tensor2D {
    return this.#search.logProbabilities(x);
  }
}
