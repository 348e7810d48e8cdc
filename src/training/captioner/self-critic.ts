import type * as tf from '@tensorflow/tfjs-core';
import { beamSearch } from '../../engine/decoding/beam.ts';
import { sampleSearch } from '../../engine/decoding/sample.ts';
import { CiderD } from '../../engine/metrics/cider.ts';
import type { Captioner } from '../../engine/models/captioner.ts';
import type { Random } from '../../engine/random.ts';
import type { Vocabulary } from '../../engine/text/vocabulary.ts';
import { packBatch, type PackedBatch } from '../../engine/batches/packed-batch.ts';
import type { SelfCriticalSettings } from './captioner-config.ts';

/** A batch of sampled captions whose rows are weighted by how much better than their siblings they were. */
export interface CritiquedBatch {
  batch: PackedBatch;
  rowWeights: Float32Array;
  /** The mean CIDEr-D of the samples. */
  reward: number;
}

/**
 * Self-critical sequence training (Rennie et al. 2017) with the mean reward of a photo's other samples
 * as the baseline (Luo 2020): the gradient of −E[CIDEr-D] is the advantage times that of −log p.
 *
 * The end of the sentence counts as a word of the reward, so that captions do not end in "with a".
 */
export class SelfCritic {
  readonly #captioner: Captioner;
  readonly #vocabulary: Vocabulary;
  readonly #reward: CiderD;

  /** @param references the words of the captions of every training photo; the document frequencies are theirs */
  constructor(captioner: Captioner, vocabulary: Vocabulary, references: string[][][]) {
    this.#captioner = captioner;
    this.#vocabulary = vocabulary;
    this.#reward = new CiderD(references, { endOfSentence: true });
  }

  /**
   * Samples captions and weighs them.
   * @param grid [photos, locations, channels]; left to the caller
   * @param chosen for each photo, its place among the references and its true captions' ids
   */
  async batch(
    grid: tf.Tensor3D,
    chosen: readonly { index: number; ids: number[][] }[],
    { samples, search, crossEntropyWeight }: SelfCriticalSettings,
    random: Random,
  ): Promise<CritiquedBatch> {
    const { unknown, start, end } = this.#vocabulary;
    const decoder = this.#captioner.decoder(grid);
    const constraints = { maxLength: 20, forbidden: [unknown, start] };
    const hypotheses =
      search === 'beam'
        ? await beamSearch(decoder, { ...constraints, width: samples, nBest: samples, lengthNormalisation: 0 })
        : await sampleSearch(decoder, {
            ...constraints,
            samplesPerSource: samples,
            temperature: 1,
            topP: 1,
            random: random.next,
          });
    const sequences: number[][] = [];
    const photo: number[] = [];
    const weights: number[] = [];
    let sum = 0;
    for (const [place, { index, ids }] of chosen.entries()) {
      const drawn = (hypotheses[place] ?? []).map(({ tokens }) => tokens);
      const rewards = drawn.map((tokens) => this.#reward.score(index, this.#vocabulary.decode(tokens)));
      const total = rewards.reduce((a, b) => a + b, 0);
      sum += total;
      for (const [i, tokens] of drawn.entries()) {
        const own = rewards[i] as number;
        sequences.push(tokens);
        photo.push(place);
        weights.push(own - (total - own) / Math.max(1, drawn.length - 1));
      }
      if (crossEntropyWeight > 0) {
        sequences.push(ids[random.integer(ids.length)] as number[]);
        photo.push(place);
        weights.push(crossEntropyWeight);
      }
    }
    const batch = packBatch(sequences, photo, start, end);
    return {
      batch,
      rowWeights: Float32Array.from(batch.order, (row) => weights[row] as number),
      reward: sum / (chosen.length * samples),
    };
  }
}
