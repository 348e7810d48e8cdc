import type { Decoder } from './decoder.ts';
import type { SearchControl } from './hypothesis.ts';
import { runSteps } from './step-loop.ts';

/** A sentence that is put into a decoder's mouth. */
export interface Given {
  /** Which of the decoder's sources it is about. */
  readonly source: number;
  /** Without start and end. */
  readonly tokens: readonly number[];
}

/**
 * Goes along given sentences and tells at each token what the decoder thought of all that could stand there, given the
 * tokens before. All sentences are one batch; each leaves it after its last token.
 *
 * @param visit is given the number of the sentence, the token's place and log p of every token, [vocabulary], which is to
 *   be read at once
 * @throws the signal's reason when aborted
 */
export async function runAlong<State>(
  decoder: Decoder<State>,
  sentences: readonly Given[],
  visit: (sentence: number, place: number, logProbabilities: ArrayLike<number>) => void,
  control: Pick<SearchControl, 'signal'> = {},
): Promise<void> {
  const { vocabularySize } = decoder;
  // The sentence of each row of the batch.
  let live = [...sentences.keys()].filter((index) => sentences[index]!.tokens.length > 0);
  let place = 0;
  await runSteps(
    decoder,
    Int32Array.from(live, (index) => sentences[index]!.source),
    control,
    ({ logProbabilities }) => {
      const all = logProbabilities instanceof Float32Array ? logProbabilities : Float32Array.from(logProbabilities);
      const rows: number[] = [];
      const stay: number[] = [];
      for (const [row, index] of live.entries()) {
        visit(index, place, all.subarray(row * vocabularySize, (row + 1) * vocabularySize));
        if (place + 1 >= sentences[index]!.tokens.length) continue;
        rows.push(row);
        stay.push(index);
      }
      live = stay;
      const tokens = Int32Array.from(live, (index) => sentences[index]!.tokens[place]!);
      place++;
      return { rows: Int32Array.from(rows), tokens };
    },
    () => undefined,
  );
}
