import { describe, expect, it } from 'vitest';
import { wordConfidence, type Calibration } from '../../../src/captioning/confidence/calibration.ts';
import { familyNamed } from '../../../src/captioning/confidence/word-families.ts';
import { CarefulWords, wordsSaid } from '../../../src/captioning/confidence/wording.ts';

/** Says each noun of a family more generally. @param general the family by the word */
function say(caption: string, general: Record<string, string>): string {
  const words = caption.split(' ');
  const chosen = words.flatMap((word, place) =>
    general[word] === undefined ? [] : [{ place, family: familyNamed(general[word])! }],
  );
  const said = wordsSaid(words, chosen);
  return words.map((word, place) => said.get(place) ?? word).join(' ');
}

describe('a caption with more general words', () => {
  it.each([
    ['a man is riding a bike', { man: 'person' }, 'a person is riding a bike'],
    ['a brown horse in a field', { horse: 'animal' }, 'a brown animal in a field'],
    ['a horse in a field', { horse: 'animal' }, 'an animal in a field'],
    ['two dogs on the beach', { dogs: 'animal' }, 'two animals on the beach'],
    ['two men and two women talk', { men: 'person', women: 'person' }, 'two people and two other people talk'],
    ['a man and a woman sit', { man: 'person', woman: 'person' }, 'a person and another person sit'],
    ['a pizza on a table', { pizza: 'food' }, 'some food on a table'],
    ['a plate of pizza', { pizza: 'food' }, 'a plate of food'],
    ['a boy rides his bike', { boy: 'child' }, 'a child rides their bike'],
    ['a dog shows his ball', { dog: 'animal' }, 'an animal shows his ball'],
    // What "he" is would have to follow.
    ['a man says that he runs', { man: 'person' }, 'a man says that he runs'],
  ])('%s', (caption, general, expected) => {
    expect(say(caption, general as Record<string, string>)).toBe(expected);
  });
});

describe('choosing a more general word', () => {
  const vocabulary = ['man', 'woman', 'person', 'dog', 'cat', 'animal', 'sky'];
  // As sure as the sum of what would confirm it.
  const own = { intercept: 0, slopes: [0, 0, 0] };
  const calibration: Calibration = {
    thing: { intercept: 2, slopes: [0, 3, 0] },
    other: own,
    caption: { intercept: 0, slopes: [1] },
    fitted: { split: null, photos: 1, words: 1 },
  };
  const careful = new CarefulWords(calibration, vocabulary);
  const choose = (word: string, p: Record<string, number>, confirming = p[word]!): string | undefined => {
    const signals = {
      isNoun: true,
      logProbability: Math.log(p[word]!),
      logConfirming: Math.log(confirming),
      entropy: 1,
    };
    const logs = vocabulary.map((one) => Math.log(p[one] ?? 1e-9));
    return careful.choose({ place: 0, word, signals, logProbabilities: logs })?.family.word;
  };

  it('says no gender that has the smaller part of the probability of persons', () => {
    expect(choose('man', { man: 0.3, woman: 0.25, person: 0.2 })).toBe('person');
    expect(choose('man', { man: 0.5, woman: 0.2, person: 0.1 })).toBeUndefined();
  });

  it('says what an unsure thing is one of, where that is sure', () => {
    expect(choose('dog', { dog: 0.25, cat: 0.24, animal: 0.2 })).toBe('animal');
    expect(choose('dog', { dog: 0.6, cat: 0.3 })).toBeUndefined();
    // Nor where it is no surer of the family, or knows none.
    expect(choose('dog', { dog: 0.1, cat: 0.01 })).toBeUndefined();
    expect(choose('sky', { sky: 0.1 })).toBeUndefined();
  });

  it('is as sure of it as of all words that it covers, together', () => {
    const logs = vocabulary.map((one) => Math.log({ dog: 0.25, cat: 0.24, animal: 0.2 }[one] ?? 1e-9));
    const signals = { isNoun: true, logProbability: Math.log(0.25), logConfirming: Math.log(0.25), entropy: 1 };
    const chosen = careful.choose({ place: 3, word: 'dog', signals, logProbabilities: logs });
    expect(chosen?.place).toBe(3);
    expect(Math.exp(chosen!.signals.logProbability)).toBeCloseTo(0.69, 3);
    expect(Math.exp(chosen!.signals.logConfirming)).toBeCloseTo(0.69, 3);
    expect(wordConfidence(calibration, chosen!.signals)).toBeGreaterThan(wordConfidence(calibration, signals));
  });

  it('says no word that the model does not have', () => {
    const without = new CarefulWords(
      calibration,
      vocabulary.filter((word) => word !== 'animal'),
    );
    const signals = { isNoun: true, logProbability: Math.log(0.25), logConfirming: Math.log(0.25), entropy: 1 };
    const logs = [0.01, 0.01, 0.01, 0.25, 0.44, 0.01].map(Math.log);
    expect(without.choose({ place: 0, word: 'dog', signals, logProbabilities: logs })).toBeUndefined();
  });
});
