import { Rules } from '../../src/engine/decoding/constraints.ts';
import type { BeamOptions } from '../../src/engine/decoding/beam.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';

/** A way to say it, with the state of the model that said it. */
interface Beam<State> {
  state: State;
  tokens: number[];
  logProbability: number;
}

interface Ended {
  tokens: number[];
  score: number;
  finished: boolean;
}

/**
 * Beam search as one writes it down first: a batch of one row for each beam, every continuation of every beam in one
 * list, sorted; no early stop. For one photo. It finds what `beamSearch` finds, and says what batching is worth.
 */
export async function plainBeamSearch<State>(decoder: Decoder<State>, options: BeamOptions): Promise<Ended> {
  const { width, lengthNormalisation, maxLength } = options;
  const rules = new Rules(options, decoder);
  const ended: Ended[] = [];
  const end = (tokens: number[], logProbability: number, length: number, finished: boolean): void => {
    ended.push({ tokens, finished, score: logProbability / Math.max(1, length) ** lengthNormalisation });
  };

  let beams: Beam<State>[] = [{ state: decoder.start(), tokens: [], logProbability: 0 }];
  while (beams.length > 0) {
    const states: State[] = [];
    const candidates: { beam: number; token: number; logProbability: number }[] = [];
    for (const [beam, { state, tokens, logProbability }] of beams.entries()) {
      const step = decoder.step(state, Int32Array.of(tokens.at(-1) ?? decoder.startToken));
      states.push(step.state);
      const values = await step.logProbabilities.data();
      await step.weights?.data();
      step.logProbabilities.dispose();
      step.weights?.dispose();
      for (const [token, value] of values.entries()) {
        if (rules.allows(tokens, token)) candidates.push({ beam, token, logProbability: logProbability + value });
      }
    }
    candidates.sort((a, b) => b.logProbability - a.logProbability);

    const next: Beam<State>[] = [];
    const went = new Set<number>();
    for (const { beam, token, logProbability } of candidates.slice(0, width)) {
      const { tokens } = beams[beam]!;
      if (token === decoder.endToken) {
        end(tokens, logProbability, tokens.length + 1, true);
        went.add(beam);
      } else if (tokens.length < maxLength) {
        // A beam may go on in several ways: each needs a state of its own.
        const state = decoder.reorder(states[beam]!, Int32Array.of(0));
        next.push({ state, tokens: [...tokens, token], logProbability });
      }
    }
    if (next.length === 0) {
      for (const [beam, { tokens, logProbability }] of beams.entries()) {
        if (!went.has(beam)) end(tokens, logProbability, tokens.length, false);
      }
    }
    for (const state of [...states, ...beams.map((beam) => beam.state)]) decoder.dispose(state);
    beams = next;
  }
  ended.sort((a, b) => Number(b.finished) - Number(a.finished) || b.score - a.score);
  return ended[0]!;
}
