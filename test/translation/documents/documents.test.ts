import { describe, expect, it } from 'vitest';
import { translatePassages, writeDocument, type Document } from '../../../src/translation/documents/document.ts';
import { parseMarkdown } from '../../../src/translation/documents/markdown.ts';
import { placeMarks, writeMarked, type Mark } from '../../../src/translation/documents/marked-text.ts';
import { isSubtitles, parseSubtitles } from '../../../src/translation/documents/subtitles.ts';
import type { TranslatedText } from '../../../src/translation/translation-result.ts';
import { useTestBackend } from '../../support/backend.ts';
import { copyingTranslator } from '../../support/tiny-translator.ts';

useTestBackend();

const copied = async (document: Document): Promise<string> =>
  writeDocument(document, await translatePassages(copyingTranslator(), document, { to: 'de' }));

const textsOf = ({ passages }: Document): string[] => passages.map(({ text }) => text);

const MARKDOWN = `---
title: A dog
---

# A dog *runs*

A **dog and [a cat](https://example.org/a "The cat") sleep**. See \`npm ci\`, https://example.org and <b>snow</b>.

> Two children  
> play with a ball.

- [ ] a dog[^1]
- ~~a cat~~ ![a ball](ball.png)

\`\`\`sh
npm run dog
\`\`\`

| A dog | A cat |
| ----- | :---: |
| a \\| b | c \`x\\|y\` |

$$
x = dog
$$

<div>A dog</div>

[^1]: It runs.

[ref]: https://example.org "A dog"
`;

describe('a Markdown document', () => {
  it('keeps its mark-up when the words stay the same', async () => {
    expect(await copied(parseMarkdown(MARKDOWN))).toBe(MARKDOWN);
  });

  it('has passages of plain text, with objects for what is none', () => {
    expect(textsOf(parseMarkdown(MARKDOWN))).toEqual([
      'A dog runs',
      'A dog and a cat sleep. See \ufffc, \ufffc and \ufffcsnow\ufffc.',
      'Two children\ufffcplay with a ball.',
      'a dog\ufffc',
      'a cat \ufffc',
      'A dog',
      'A cat',
      'a | b',
      'c \ufffc',
      'It runs.',
    ]);
  });

  it.each([
    ['wrapped lines become one', 'A dog\nruns *through\nthe snow*.', 'A dog runs *through the snow*.'],
    ['a wrapped quotation as well', '> A dog\n> runs.\n', '> A dog runs.\n'],
    ['what would be mark-up is escaped', 'A dog \\*runs\\* \\[here\\] a_dog', 'A dog \\*runs\\* \\[here\\] a_dog'],
    ['a list that is none stays none', '1\\. dog', '1\\. dog'],
    ['Windows line ends stay', '# A dog\r\n\r\nIt runs.\r\n', '# A dog\r\n\r\nIt runs.\r\n'],
    ['an empty link stays', 'A dog []() runs', 'A dog []() runs'],
    ['nothing is nothing', '', ''],
    ['nested emphasis stays', 'A ***dog*** _runs __through___ snow', 'A ***dog*** _runs __through___ snow'],
    ['a setext heading stays', 'A dog\n=====\n\nruns', 'A dog\n=====\n\nruns'],
    ['lines that are broken hard stay', '> A dog runs.  \n> A cat\\\n> Sleeps', '> A dog runs.  \n> A cat\\\n> Sleeps'],
    [
      'a link that is called by its text gets a name',
      'See [a dog] and [a cat][]',
      'See [a dog][a dog] and [a cat][a cat]',
      '\n\n[a dog]: /x\n\n[a cat]: /y',
    ],
    ['a rule is no front matter', 'A dog\n\n---\n\nruns\n\n---\n', 'A dog\n\n---\n\nruns\n\n---\n'],
  ])('%s', async (_, source, expected, rest = '') => {
    expect(await copied(parseMarkdown(`${source}${rest}`))).toBe(`${expected}${rest}`);
  });

  it('ends a passage at a hard break between two sentences, and leaves links that are called by a number', () => {
    expect(textsOf(parseMarkdown('A dog runs.  \nA cat  \nsleeps. [1.0.0]\n\n[1.0.0]: /x'))).toEqual([
      'A dog runs.',
      'A cat\ufffcsleeps. \ufffc',
    ]);
  });
});

const SUBTITLES = `1
00:00:01,000 --> 00:00:02,500
A dog runs through
the snow.

2
00:00:03,000 --> 00:00:04,000 X1:40 X2:600
<i>Two children</i> {\\an8}play.

3
00:00:05,000 --> 00:00:06,000
- A dog?
- A cat!

4
00:00:07,000 --> 00:00:08,000

5
00:00:09.000 --> 00:00:10.000
42
`;

describe('subtitles', () => {
  it('keep numbers, times, tags and lines when the words stay the same', async () => {
    expect(await copied(parseSubtitles(SUBTITLES))).toBe(SUBTITLES);
    const windows = SUBTITLES.replaceAll('\n', '\r\n');
    expect(await copied(parseSubtitles(windows))).toBe(windows);
    const old = SUBTITLES.replaceAll('\n', '\r');
    expect([isSubtitles(old), await copied(parseSubtitles(old))]).toEqual([true, old]);
  });

  it.each(['0:00:01 --> 0:00:02', '00:00:1,5 --> 00:00:02', '00:00:01:500-->00:00:02:000'])(
    'have times as %s',
    (times) => {
      expect(textsOf(parseSubtitles(`1\n${times}\nA dog.`))).toEqual(['A dog.']);
    },
  );

  it('are passages, or lines of speakers', () => {
    expect(textsOf(parseSubtitles(SUBTITLES))).toEqual([
      'A dog runs through the snow.',
      'Two children \ufffcplay.',
      'A dog?',
      'A cat!',
      '42',
    ]);
  });

  it.each([
    [
      'without a blank line between',
      '1\n00:00:01,000 --> 00:00:02,000\nA dog\n2\n00:00:03,000 --> 00:00:04,000\nA cat',
    ],
    ['with tags that do not fit', '1\n00:00:01,000 --> 00:00:02,000\n<i>A <b>dog</i> runs</u>'],
    ['that are no subtitles', 'A dog runs.'],
    ['that are empty', ''],
  ])('%s stay whole', async (_, source) => {
    expect(await copied(parseSubtitles(source))).toBe(source);
  });

  it('are told from other texts', () => {
    expect(isSubtitles(SUBTITLES)).toBe(true);
    expect(isSubtitles(`\ufeff\n${SUBTITLES.replaceAll('\n', '\r\n')}`)).toBe(true);
    expect(isSubtitles('1\nA dog')).toBe(false);
    expect(isSubtitles('')).toBe(false);
  });
});

describe('the places of marks', () => {
  // "the red ball" → "der Ball rot": the last two change places.
  const turned = (alignment: number[][]): TranslatedText => ({
    source: 'the red ball',
    text: 'der Ball rot',
    alternatives: [],
    from: 'en',
    to: 'de',
    alignmentLayer: 0,
    confidence: 1,
    isUnlike: false,
    model: 'made up',
    backend: 'wasm',
    sentences: [
      {
        start: 0,
        end: 12,
        confidence: 1,
        source: {
          text: 'the red ball',
          words: ['the', 'red', 'ball'],
          places: [
            [0, 3],
            [4, 7],
            [8, 12],
          ],
          tokens: [],
        },
        translations: [
          {
            text: 'der Ball rot',
            score: 0,
            finished: true,
            words: [],
            places: [
              [0, 3],
              [4, 8],
              [9, 12],
            ],
            tokens: [],
            alignment,
            weights: [],
          },
        ],
      },
    ],
  });
  const ALIGNMENT = [
    [0.8, 0.1, 0.1],
    [0.1, 0.2, 0.7],
    [0, 0.9, 0.1],
  ];
  const mark = (start: number, end: number, sign = '*'): Mark => ({ start, end, open: sign, close: sign });
  const written = (marks: Mark[], alignment = ALIGNMENT): string | undefined => {
    const placed = placeMarks(marks, turned(alignment));
    return placed && writeMarked({ text: 'der Ball rot', marks: placed, objects: [] }, (plain) => plain);
  };

  it.each([
    ['a word', [mark(4, 7)], 'der Ball *rot*'],
    ['another', [mark(8, 12)], 'der *Ball* rot'],
    ['two words, and what comes between them', [mark(0, 7)], '*der Ball rot*'],
    ['the sentence', [mark(0, 12)], '*der Ball rot*'],
    ['a mark in a mark', [mark(4, 12, '**'), mark(4, 7, '_')], 'der **Ball _rot_**'],
    ['marks side by side', [mark(4, 7, '_'), mark(8, 12)], 'der *Ball* _rot_'],
    ['part of a word', [mark(5, 6)], 'der Ball *rot*'],
    ['no marks', [], 'der Ball rot'],
  ])('follow the alignment: %s', (_, marks, expected) => {
    expect(written(marks)).toBe(expected);
  });

  it('are not found where no word looks at what is marked, or marks cross', () => {
    const blind = ALIGNMENT.map(() => [1, 0, 0]);
    expect(written([mark(4, 7)], blind)).toBeUndefined();
    const crossing = [
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 0],
    ];
    expect(written([mark(4, 7), mark(8, 12)], crossing)).toBeUndefined();
  });
});

describe('a document whose marks have no place', () => {
  it('is translated between its marks, and loses none', async () => {
    const model = copyingTranslator();
    // Without attention nothing is known of places.
    const decoder = model.model.decoder.bind(model.model);
    const blind = {
      ...model,
      layers: 0,
      model: {
        ...model.model,
        decoder: (source: Parameters<typeof decoder>[0]) => {
          const own = decoder(source);
          return {
            ...own,
            step: (state: unknown, tokens: Int32Array) => {
              const step = own.step(state, tokens);
              step.weights?.dispose();
              return { ...step, weights: null };
            },
          };
        },
      },
    };
    const document = parseMarkdown('A **dog** runs [through](x) the snow. A *cat* too.');
    const translated = await translatePassages(blind, document, { to: 'de' });
    expect(writeDocument(document, translated)).toBe(document.source);
    expect(translated[0]!.translated.sentences[0]!.translations[0]!.alignment).toEqual([]);
  });
});

describe('subtitles as they are', () => {
  const cue = (text: string): string => `1\r\n00:00:01,000 --> 00:00:02,500 X1:10 X2:20\r\n${text}\r\n`;

  it.each([
    ['dashes behind tags', '{\\an8}- A dog runs?\r\n- No.', ['A dog runs?', 'No.']],
    ['dashes inside tags', '<i>- A dog?</i>\r\n<i>- In the snow.</i>', ['A dog?\ufffc', 'In the snow.\ufffc']],
    ['what is sung, and what is heard', '♪ A dog runs ♪\r\n[A CAT]', ['♪ A dog runs ♪', '[A CAT]']],
    ['a break inside a line', 'A dog runs.\\NA cat sleeps.', ['A dog runs. \ufffc A cat sleeps.']],
    ['a wrapped sentence', 'A dog runs in\r\nthe snow.', ['A dog runs in the snow.']],
  ])('%s', async (_, text, passages) => {
    const document = parseSubtitles(cue(text));
    expect(textsOf(document)).toEqual(passages);
    expect(await copied(document)).toBe(cue(text));
  });

  it('two sentences beside a break are two', async () => {
    const [passage] = await translatePassages(copyingTranslator(), parseSubtitles(cue('A dog runs.\\NA cat sleeps.')), {
      to: 'de',
    });
    expect(passage!.translated.sentences.map(({ source }) => source.text)).toEqual(['A dog runs.', 'A cat sleeps.']);
  });
});

describe('Markdown that is strange', () => {
  it('leaves the keys in it as they are', async () => {
    const write = (source: string): string => source.replace(/[CF]\p{L}+/gu, 'x');
    const document = parseMarkdown('A dog: <kbd>Ctrl</kbd> + `Fn`, {{ Cat }} $C^2$ :Fox: and **snow**.\n');
    const passages = await translatePassages(copyingTranslator([], ['de', 'fr'], { write }), document, { to: 'de' });
    expect(writeDocument(document, passages)).toContain('<kbd>Ctrl</kbd> + `Fn`, {{ Cat }} $C^2$');
  });

  it.each([
    ['marks of lists', '- '.repeat(20_000)],
    ['quotations', '>'.repeat(20_000)],
    ['numbers of lists', '1. '.repeat(20_000)],
    ['links', '[a](b) '.repeat(20_000)],
    ['open brackets', '['.repeat(50_000)],
    ['emphasis', '*a **b '.repeat(20_000)],
  ])('comes back as it was: %s', async (_, text) => {
    const document = parseMarkdown(text);
    expect(
      writeDocument(
        document,
        document.passages.map(({ text: own }) => ({ written: own }) as never),
      ),
    ).toBe(text);
  });
});
