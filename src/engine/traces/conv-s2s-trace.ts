import * as tf from '@tensorflow/tfjs-core';
import { padTokens } from '../batches/padded-tokens.ts';
import type { ConvS2S } from '../models/conv-s2s.ts';
import { assertBelow } from '../models/looks.ts';
import type { Probe } from '../probe.ts';
import { likeliestOf } from './likeliest.ts';
import { numbersOf, Recording, vectorsOf } from './recording.ts';
import { changedScores, type ScoreChange, type StepTrace } from './step-trace.ts';

/**
 * How one layer of a ConvS2S looks, and what comes of it, while the model writes the token after some tokens. The context is
 * as the sum has it, before √m.
 *
 * @param source tokens of the sentence, as the encoder reads them
 * @param written tokens of the translation before
 * @param layer of the decoder, from 0
 * @param options see `traceCaptioner`
 * @param change of the scores of this layer's last query
 * @throws RangeError where there is no such layer, or a change does not fit
 */
export function traceConvS2S(
  model: ConvS2S,
  source: readonly number[],
  written: readonly number[],
  layer: number,
  options: { count: number; never?: readonly number[] },
  change: ScoreChange = {},
): StepTrace {
  assertBelow('layer', layer, model.config.decoderLayers);
  const last = written.length;
  let own!: Float32Array;
  const put: Probe = (name, x) => {
    if (name !== `${layer}/energies`) return x;
    const all = numbersOf(x);
    own = all.slice(last * source.length);
    all.set(changedScores(own, change), last * source.length);
    return tf.tensor(all, x.shape) as typeof x;
  };
  const record = new Recording(put);
  const logProbabilities = model.probed(padTokens([source]), written, record.probe);
  try {
    const ofLast = (name: string): Float32Array => record.vectors(name)[last] as Float32Array;
    const output = ofLast('output');
    const all = vectorsOf(numbersOf(logProbabilities), model.config.targetVocabularySize);
    return {
      look: {
        form: 'product',
        asking: ofLast(`${layer}/asks`),
        query: ofLast(`${layer}/query`),
        keys: record.vectors('keys'),
        values: record.vectors('values'),
        scores: own,
        seen: ofLast(`${layer}/energies`),
        weights: ofLast(`${layer}/weights`),
        context: ofLast(`${layer}/context`),
      },
      word: ofLast('words'),
      output,
      ...likeliestOf(output, model.outputLayer, all[last] as Float32Array, options.count, options.never),
    };
  } finally {
    logProbabilities.dispose();
  }
}
