import { describe, expect, it } from 'vitest';
import { ptbTokenize } from '../../../src/engine/metrics/ptb-tokenizer.ts';
import { invented, oddities } from './reference-vectors.ts';

describe('ptbTokenize', () => {
  it.each(
    invented.photos.flatMap((photo) => [
      [photo.hypothesis, photo.hypothesisTokens] as const,
      ...photo.references.map((caption, index) => [caption, photo.referenceTokens[index]!] as const),
    ]),
  )('cuts %j as Stanford CoreNLP does', (caption, tokens) => {
    expect(ptbTokenize(caption)).toEqual(tokens);
  });

  it.each(oddities)('cuts $text as Stanford CoreNLP does, however odd', ({ text, tokens }) => {
    expect(ptbTokenize(text)).toEqual(tokens);
  });

  it.each(['', '   ', '...', ' . , ; : - -- ! ? \' " ` \u201c\u201d\u2018\u2019 '])(
    'finds no word in %j',
    (caption) => {
      expect(ptbTokenize(caption)).toEqual([]);
    },
  );

  it('keeps a fraction with a space as one token', () => {
    expect(ptbTokenize('3 1/2 pies')).toEqual(['3\u00a01/2', 'pies']);
  });

  it('reads line breaks as spaces', () => {
    expect(ptbTokenize('a dog\nruns\r\nhome')).toEqual(['a', 'dog', 'runs', 'home']);
  });
});
