import { disposeResults, type Decoder } from '../../engine/decoding/decoder.ts';

/** What a model makes of a caption that is put into its mouth. */
export interface Followed {
  /** log p of each word and of the end, given the photo and the true words before. */
  logProbabilities: number[];
  /** α of each of them; empty where the model has no attention. */
  weights: Float32Array[];
}

/**
 * Follows captions word by word, one for each of the decoder's photos.
 * @param captions word ids, without start and end
 */
export function follow<State>(decoder: Decoder<State>, captions: readonly (readonly number[])[]): Followed[] {
  const { endToken, startToken, vocabularySize } = decoder;
  const found = captions.map((): Followed => ({ logProbabilities: [], weights: [] }));
  const steps = Math.max(...captions.map(({ length }) => length)) + 1;
  let state = decoder.start();
  try {
    for (let step = 0; step < steps; step++) {
      // A caption that has come to its end goes on with the end, which nobody reads.
      const fed = captions.map((words) => (step === 0 ? startToken : (words[step - 1] ?? endToken)));
      const next = decoder.step(state, Int32Array.from(fed));
      const logs = next.logProbabilities.dataSync();
      const weights = next.weights?.dataSync();
      for (const [row, words] of captions.entries()) {
        if (step > words.length) continue;
        const one = found[row]!;
        one.logProbabilities.push(logs[row * vocabularySize + (words[step] ?? endToken)]!);
        const locations = (weights?.length ?? 0) / captions.length;
        if (weights) one.weights.push(Float32Array.from(weights.slice(row * locations, (row + 1) * locations)));
      }
      disposeResults(next);
      decoder.dispose(state);
      ({ state } = next);
    }
  } finally {
    decoder.dispose(state);
  }
  return found;
}
