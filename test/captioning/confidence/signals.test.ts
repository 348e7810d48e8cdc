import { describe, expect, it } from 'vitest';
import { SignalReader } from '../../../src/captioning/confidence/signals.ts';
import type { Hypothesis } from '../../../src/engine/decoding/hypothesis.ts';
import { Vocabulary } from '../../../src/engine/text/vocabulary.ts';

const words = ['<pad>', '<start>', '<end>', '<unk>', 'a', 'dog', 'puppy', 'runs'];
const vocabulary = new Vocabulary(words);
const find = (): { place: number; word: string; isNoun: boolean }[] => [
  { place: 1, word: 'dog', isNoun: true },
  { place: 2, word: 'runs', isNoun: false },
];
const spread = (p: Record<string, number>): Float32Array => Float32Array.from(words, (word) => Math.log(p[word] ?? 0));

const caption = (distributions?: Float32Array[]): Hypothesis => ({
  tokens: ['a', 'dog', 'runs'].map((word) => words.indexOf(word)),
  logProbabilities: [0, 0, 0, 0],
  weights: [],
  logProbability: 0,
  score: 0,
  finished: true,
  ...(distributions && { distributions }),
});

describe('the signals of a caption', () => {
  it('are read from what the search saw at the places of its content words', () => {
    const [dog, runs] = new SignalReader(vocabulary, find).read(
      caption([
        spread({ a: 1 }),
        spread({ dog: 0.5, puppy: 0.25, runs: 0.25 }),
        spread({ runs: 0.5, a: 0.5 }),
        spread({ '<end>': 1 }),
      ]),
    );
    expect(dog).toMatchObject({ place: 1, word: 'dog', signals: { isNoun: true } });
    expect(dog!.signals.logProbability).toBeCloseTo(Math.log(0.5), 6);
    // A puppy is a dog.
    expect(dog!.signals.logConfirming).toBeCloseTo(Math.log(0.75), 6);
    expect(dog!.signals.entropy).toBeCloseTo(1.5 * Math.log(2), 6);
    expect(runs!.signals.logConfirming).toBeCloseTo(Math.log(0.5), 6);
    expect(runs!.signals.entropy).toBeCloseTo(Math.log(2), 6);
  });

  it('cannot be read where the search kept nothing', () => {
    expect(() => new SignalReader(vocabulary, find).read(caption())).toThrow('kept no distributions');
  });
});
