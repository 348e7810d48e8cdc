import type * as tf from '@tensorflow/tfjs-core';
import { usualDecoding } from '../../captioning/decoding-defaults.ts';
import { CaptionSearch } from '../../captioning/search.ts';
import { scoreCaptions } from '../../engine/metrics/caption-scores.ts';
import type { Captioner } from '../../engine/models/captioner.ts';
import { joinWords } from '../../engine/text/caption-words.ts';
import type { Vocabulary } from '../../engine/text/vocabulary.ts';

/** How well the captions of the validation photos came out. */
export interface ValidationScores {
  ciderD: number;
  bleu4: number;
  /** Mean length of the captions. */
  words: number;
  /** The caption of the first photo. */
  example: string;
}

const PHOTOS_PER_BATCH = 25;

/** Captions photos by the search that a shipped model has, and scores them. @param grid encodes photos by their places, [photos, locations, channels] */
export async function validate(
  captioner: Captioner,
  vocabulary: Vocabulary,
  photos: readonly { index: number; references: string[] }[],
  grid: (indices: readonly number[]) => tf.Tensor3D,
  beam: number,
): Promise<ValidationScores> {
  const hypotheses = new Map<string, string>();
  const references = new Map<string, string[]>();
  const search = new CaptionSearch({ decoding: usualDecoding(vocabulary.words), vocabulary }, { beam });
  let words = 0;
  for (let start = 0; start < photos.length; start += PHOTOS_PER_BATCH) {
    const some = photos.slice(start, start + PHOTOS_PER_BATCH);
    const features = grid(some.map(({ index }) => index));
    const found = await search.run(captioner.decoder(features));
    features.dispose();
    for (const [i, photo] of some.entries()) {
      const tokens = found[i]?.captions[0]?.tokens ?? [];
      words += tokens.length;
      hypotheses.set(String(photo.index), joinWords(vocabulary.decode(tokens)));
      references.set(String(photo.index), photo.references);
    }
  }
  const scores = scoreCaptions(hypotheses, references);
  const example = hypotheses.values().next().value ?? '';
  return { ciderD: scores.ciderD, bleu4: scores.bleu[3], words: words / photos.length, example };
}
