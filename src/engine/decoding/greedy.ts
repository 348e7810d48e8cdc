import { Rules } from './constraints.ts';
import type { Decoder } from './decoder.ts';
import type { Constraints, Hypothesis, SearchControl } from './hypothesis.ts';
import { walk, type Pick } from './walk.ts';

/**
 * Greedy search: at every step the likeliest token that the constraints allow (of equals, the one
 * with the lowest number).
 *
 * @returns one hypothesis a source; its score is its log-probability
 * @throws RangeError on contradictory constraints; the signal's reason when aborted
 */
export async function greedySearch<State>(
  decoder: Decoder<State>,
  constraints: Constraints,
  control?: SearchControl,
): Promise<Hypothesis[]> {
  const rules = new Rules(constraints, decoder);
  const sources = Int32Array.from({ length: decoder.sources }, (_, i) => i);
  return walk(decoder, sources, rules, likeliest(rules, decoder.vocabularySize), control, (all) => all);
}

function likeliest(rules: Rules, vocabularySize: number): Pick {
  return ({ tokens }, reading, row) => {
    const listed = reading.likeliest(row);
    for (let i = 0; listed && i < listed.tokens.length; i++) {
      const [token, logProbability] = [listed.tokens[i] as number, listed.logProbabilities[i] as number];
      if (logProbability > -Infinity && rules.allows(tokens, token)) return { token, logProbability };
    }
    let best: number | undefined;
    let highest = -Infinity;
    const { logProbabilities } = reading;
    for (let token = 0; token < vocabularySize; token++) {
      const value = logProbabilities[row * vocabularySize + token] as number;
      // The rules are asked last: few tokens are likelier than all before them.
      if (value > highest && rules.allows(tokens, token)) {
        highest = value;
        best = token;
      }
    }
    return best === undefined ? undefined : { token: best, logProbability: highest };
  };
}
