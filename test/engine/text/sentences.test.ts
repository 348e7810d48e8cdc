import { describe, expect, it } from 'vitest';
import { replaceSentences, splitSentences } from '../../../src/engine/text/sentences.ts';
import type { SentenceOptions } from '../../../src/engine/text/sentences.ts';
import { TEXTS } from './scripts.ts';

const textsOf = (text: string, options?: SentenceOptions) => splitSentences(text, options).map((one) => one.text);

describe('splitSentences', () => {
  it.each([
    ['A dog runs. A cat sleeps!  Why?', ['A dog runs.', 'A cat sleeps!', 'Why?']],
    ['Mr. Fox met Dr. Hare. They ate.', ['Mr. Fox met Dr. Hare.', 'They ate.']],
    ['J. R. Miller wrote it. I did. We ran.', ['J. R. Miller wrote it.', 'I did.', 'We ran.']],
    ['See no. 5 and p. 12. No. That is all.', ['See no. 5 and p. 12.', 'No.', 'That is all.']],
    ['It costs 3.50 in the U.S. today.', ['It costs 3.50 in the U.S. today.']],
    ['“Come in.” She sat down.', ['“Come in.”', 'She sat down.']],
    ['one line\nanother\n\n\n  a third  \n', ['one line', 'another', 'a third']],
    ['今日はいい天気です。散歩に行きましょう！', ['今日はいい天気です。', '散歩に行きましょう！']],
    ['', []],
    [' \n\t\n ', []],
    ['The dog\tA cat runs\t\t12', ['The dog', 'A cat runs', '12']],
  ])('splits %j', (text, expected) => {
    expect(textsOf(text)).toEqual(expected);
  });

  it('knows the abbreviations and ordinals of the language', () => {
    const text = 'Am 3. Mai kam Hr. Maier. Dann ging er.';
    expect(textsOf(text, { language: 'de' })).toEqual(['Am 3. Mai kam Hr. Maier.', 'Dann ging er.']);
    expect(textsOf(text, { language: 'en' }).length).toBeGreaterThan(2);
  });

  it('joins wrapped lines on request, but never paragraphs', () => {
    const text = 'A sentence that\r\nis wrapped. Another\none.\n \nA new paragraph';
    expect(textsOf(text, { lineBreak: 'space' })).toEqual([
      'A sentence that\r\nis wrapped.',
      'Another\none.',
      'A new paragraph',
    ]);
  });

  it('says where every sentence stands, and leaves out white space only', () => {
    for (const text of TEXTS) {
      let position = 0;
      for (const { text: sentence, start, end } of splitSentences(text)) {
        expect(text.slice(start, end)).toBe(sentence);
        expect(text.slice(position, start)).toMatch(/^[\s\x85]*$/);
        position = end;
      }
      expect(text.slice(position)).toMatch(/^[\s\x85]*$/);
    }
  });

  it('cuts long sentences behind a comma, else at a space, else between characters', () => {
    expect(textsOf('one two three four, five six seven', { maxLength: 24 })).toEqual([
      'one two three four,',
      'five six seven',
    ]);
    expect(textsOf('one two three four five six', { maxLength: 16 })).toEqual(['one two three', 'four five six']);
    const family = '👩‍👩‍👧‍👦';
    for (const part of textsOf(family.repeat(20), { maxLength: 16 })) expect(part).toBe(family);
    expect(textsOf('x'.repeat(40), { maxLength: 16 })).toEqual(['x'.repeat(16), 'x'.repeat(16), 'x'.repeat(8)]);
  });

  it.each([['one word '], ['stop. '], ['無'], ['a, '], ['\n']])(
    'cuts ten thousand characters of %j into short parts',
    (unit) => {
      const text = unit.repeat(Math.ceil(10_000 / unit.length));
      const sentences = splitSentences(text, { maxLength: 100 });
      for (const { text: sentence } of sentences) expect(sentence.length).toBeLessThanOrEqual(100);
      expect(
        sentences
          .map((one) => one.text)
          .join('')
          .replace(/\s/g, ''),
      ).toBe(text.replace(/\s/g, ''));
    },
  );

  it('refuses what is no language tag, and a maximum that no word fits in', () => {
    expect(() => splitSentences('a', { language: 'not a tag' })).toThrow('“not a tag” is not a language tag');
    expect(() => splitSentences('a', { maxLength: 3 })).toThrow('16 characters or more, not 3');
  });
});

describe('replaceSentences', () => {
  it('keeps everything between the sentences', () => {
    const text = '  One.  Two.\r\n\r\n\tThree\n';
    const sentences = splitSentences(text);
    expect(replaceSentences(text, sentences, ['Eins.', 'Zwei.', 'Drei'])).toBe('  Eins.  Zwei.\r\n\r\n\tDrei\n');
  });

  it('gives the text back for its own sentences', () => {
    for (const text of TEXTS.filter((one) => !/[。！]/.test(one))) {
      const sentences = splitSentences(text);
      expect(
        replaceSentences(
          text,
          sentences,
          sentences.map((one) => one.text),
        ),
      ).toBe(text);
    }
  });

  it('puts a space between sentences that touch', () => {
    const text = '走。来。';
    expect(replaceSentences(text, splitSentences(text), ['Go.', 'Come.'])).toBe('Go. Come.');
  });

  it('refuses another number of texts', () => {
    expect(() => replaceSentences('a', splitSentences('a'), [])).toThrow(
      '0 texts cannot take the place of 1 sentences',
    );
  });
});
