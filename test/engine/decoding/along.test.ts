import { describe, expect, it } from 'vitest';
import { runAlong } from '../../../src/engine/decoding/along.ts';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import { expectNoLeak, useTestBackend } from '../../support/backend.ts';
import { randomTable, ToyDecoder } from './toy-decoder.ts';

useTestBackend();

const SIZE = 7;
const toy = (): ToyDecoder => new ToyDecoder(SIZE, [3, 5], randomTable(SIZE, 1), true);

describe('going along given sentences', () => {
  it('thinks of their words what the search thought that found them, of several sentences of one source, too', async () => {
    const found = await beamSearch(toy(), { width: 3, lengthNormalisation: 0.7, nBest: 2, maxLength: 6 });
    const sentences = found.flatMap((own, source) => own.map((one) => ({ ...one, source })));
    const seen: number[][] = sentences.map(() => []);
    await expectNoLeak(() =>
      runAlong(toy(), sentences, (sentence, place, logProbabilities) => {
        expect(logProbabilities).toHaveLength(SIZE);
        seen[sentence]![place] = logProbabilities[sentences[sentence]!.tokens[place]!]!;
      }),
    );
    expect(sentences).toHaveLength(4);
    for (const [i, { logProbabilities, tokens }] of sentences.entries()) {
      expect(seen[i]).toHaveLength(tokens.length);
      for (const [place, log] of seen[i]!.entries()) expect(log).toBeCloseTo(logProbabilities[place]!, 5);
    }
  });

  it('passes over sentences without a word', async () => {
    const visited: number[] = [];
    await runAlong(
      toy(),
      [
        { source: 0, tokens: [] },
        { source: 1, tokens: [4] },
      ],
      (sentence) => visited.push(sentence),
    );
    expect(visited).toEqual([1]);
    await runAlong(toy(), [], () => visited.push(9));
    expect(visited).toEqual([1]);
  });
});
