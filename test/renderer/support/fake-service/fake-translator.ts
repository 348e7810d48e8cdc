import type {
  LookInsideOutput,
  Token,
  TranslatedSentence,
  TranslateOutput,
  Translation,
} from '../../../../src/contract/data/translation.ts';
import { compareHeads } from '../../../../src/engine/attention/compare-heads.ts';
import type { Output } from '../../../../src/contract/requests.ts';

/** Word for word, so that who aligns with whom is plain; two words of the target come in another order. */
const WORDS: Readonly<Record<string, string>> = {
  a: 'ein',
  dog: 'Hund',
  brown: 'brauner',
  black: 'schwarzer',
  runs: 'läuft',
  is: 'ist',
  running: 'am laufen',
  through: 'durch',
  in: 'in',
  the: 'den',
  snow: 'Schnee',
  man: 'Mann',
  grass: 'Gras',
  beach: 'Strand',
  and: 'und',
};

export const TRANSLATORS: Output<'translate.models'> = {
  models: [
    {
      name: 'translator',
      title: 'Transformer',
      architecture: 'transformer',
      pairs: [
        { from: 'en', to: 'de' },
        { from: 'en', to: 'fr' },
        { from: 'de', to: 'en' },
      ],
      layers: 3,
      heads: 4,
      isComparison: false,
    },
    {
      name: 'additive',
      title: 'GRU with additive attention',
      architecture: 'seq2seq',
      pairs: [{ from: 'en', to: 'de' }],
      layers: 1,
      heads: 1,
      isComparison: true,
    },
    {
      name: 'none',
      title: 'GRU without attention',
      architecture: 'seq2seq',
      pairs: [{ from: 'en', to: 'de' }],
      layers: 0,
      heads: 0,
      isComparison: true,
    },
  ],
  through: [{ from: 'de', to: 'fr' }],
  languages: [
    { tag: 'en', name: 'English' },
    { tag: 'de', name: 'Deutsch' },
    { tag: 'fr', name: 'français' },
  ],
};

export function translate(text: string, from: string, to: string, alternatives: number): TranslateOutput {
  const sentences = text.split(/(?<=[.!?])\s+|\n/).map((sentence) => sentenceOf(sentence, alternatives));
  return {
    from,
    to,
    sentences,
    text: sentences.map(({ translations }) => translations[0]!.text).join(' '),
    confidence: 0.8,
    // As a model that has never read a law.
    isUnlike: /jurisdiction/i.test(text),
    model: 'translator',
    backend: 'native',
    milliseconds: 40,
  };
}

function sentenceOf(text: string, alternatives: number): TranslatedSentence {
  const words = text.match(/[\p{L}\p{N}']+/gu) ?? [];
  const target = words.map((word, i) => {
    const found = WORDS[word.toLowerCase()] ?? word;
    return i === 0 ? found.charAt(0).toUpperCase() + found.slice(1) : found;
  });
  // As a model that knows the Latin script alone leaves what it cannot read.
  const isReadable = words.every((word) => /^[\p{Script=Latin}\p{N}']+$/u.test(word));
  if (!isReadable) alternatives = 0;
  const first = translation(words, isReadable ? target : words, text);
  return {
    confidence: isReadable ? 0.8 : 1,
    // As a model that cannot count.
    ...(/\d/.test(text) && { faults: ['numbers'] }),
    ...(isReadable ? {} : { kept: 'unknown-script' as const }),
    source: { text, words, tokens: words.map((word, i) => ({ text: word, word: i })) },
    translations: [
      first,
      ...Array.from({ length: alternatives }, (_, i) => ({
        ...first,
        text: `${first.text} (${i + 2})`,
        score: -1 - i,
      })),
    ],
  };
}

function translation(words: readonly string[], target: readonly string[], text: string): Translation {
  return {
    text: target.join(' ') + (/[.!?]$/.exec(text)?.[0] ?? ''),
    score: -0.4,
    // It is unsure of what it has no word for.
    words: target.map((word, i) => ({ word, probability: words.includes(word) ? 0.1 : 0.95 - 0.07 * (i % 5) })),
    tokens: target.map((word, i) => ({ text: word, word: i })),
    alignment: matrix(target.length, words.length, 0.5),
  };
}

export function lookInside(text: string, model = 'translator'): LookInsideOutput {
  const words = text.match(/[\p{L}\p{N}']+|[.!?]/gu) ?? [];
  const source: Token[] = [...words.map((word, i) => ({ text: word, word: i })), { text: '</s>', word: words.length }];
  const target: Token[] = [
    ...words.map((word, i) => ({ text: WORDS[word.toLowerCase()] ?? word, word: i })),
    { text: '</s>', word: words.length },
  ];
  const spec = TRANSLATORS.models.find(({ name }) => name === model) ?? TRANSLATORS.models[0]!;
  const maps: Omit<LookInsideOutput['maps'][number], 'entropy'>[] = [];
  const kinds = spec.architecture === 'transformer' ? (['cross', 'encoder', 'decoder'] as const) : (['cross'] as const);
  for (const kind of kinds) {
    for (let layer = 0; layer < spec.layers; layer++) {
      for (let head = 0; head < spec.heads; head++) {
        maps.push({
          kind,
          layer,
          head,
          weights: matrix(target.length, source.length, 0.35 + 0.35 * layer + 0.3 * head, kind === 'decoder'),
        });
      }
    }
  }
  return {
    source,
    target,
    probabilities: target.map((_, i) => 0.97 - 0.06 * (i % 4)),
    text: target
      .slice(0, -1)
      .map(({ text: token }) => token)
      .join(' '),
    maps: kinds.flatMap((kind) => compared(maps.filter((map) => map.kind === kind))),
    model: spec.name,
    milliseconds: 35,
  };
}

function compared(maps: readonly Omit<LookInsideOutput['maps'][number], 'entropy'>[]): LookInsideOutput['maps'] {
  return compareHeads(maps).map(({ entropy, nearest, redundant }, i) => ({
    ...maps[i]!,
    entropy,
    ...(nearest && {
      nearest: { layer: maps[nearest.head]!.layer, head: maps[nearest.head]!.head, divergence: nearest.divergence },
    }),
    ...(redundant && { redundant }),
  }));
}

/** Rows that sum to 1, most of each near the diagonal. */
function matrix(rows: number, columns: number, width: number, causal = false): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const centre = (row / Math.max(1, rows - 1)) * (columns - 1);
    const line = Array.from({ length: columns }, (_, column) =>
      causal && column > row ? 0 : Math.exp(-((column - centre) ** 2) / (2 * width ** 2)) + 1e-4,
    );
    const sum = line.reduce((total, value) => total + value, 0);
    return line.map((value) => value / sum);
  });
}
