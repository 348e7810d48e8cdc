import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chrf } from '../../../src/engine/metrics/chrf.ts';
import { multi30kTokens } from '../../../src/engine/metrics/multi30k-tokenizer.ts';
import { translationBleu, type TranslationBleuOptions } from '../../../src/engine/metrics/translation-bleu.ts';
import { scoreTranslations } from '../../../src/engine/metrics/translation-scores.ts';

interface Vectors {
  cases: {
    name: string;
    hypotheses: string[];
    /** As sacreBLEU takes them: a list of references for all lines, then the next. */
    references: string[][];
    scores: Record<string, { score: number; signature: string } & Record<string, unknown>>;
  }[];
  moses: { language: string; line: string; tokens: string[] }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('fixtures/translation-vectors.json', import.meta.url), 'utf8'),
) as Vectors;

const OPTIONS: Record<string, TranslationBleuOptions> = {
  '13a': {},
  '13a lower case': { lowerCase: true },
  none: { tokenizer: 'none' },
  'none unsmoothed': { tokenizer: 'none', smoothing: 'none' },
};

const byLine = (references: readonly string[][]): string[][] =>
  (references[0] as string[]).map((_, line) => references.map((column) => column[line] as string));
const sacreSignature = (signature: string): string => signature.replace(/version:.*/, 'version:attend-1');

describe('translationBleu', () => {
  const cases = vectors.cases.flatMap((one) => Object.keys(OPTIONS).map((key) => [one.name, key, one] as const));

  it.each(cases)('equals sacreBLEU: %s, %s', (_, key, { hypotheses, references, scores }) => {
    const found = translationBleu(hypotheses, byLine(references), OPTIONS[key]);
    const { score, precisions, brevityPenalty, hypothesisLength, referenceLength, signature } = scores[key]!;
    expect(found.score).toBeCloseTo(score, 9);
    for (const [i, precision] of (precisions as number[]).entries()) {
      expect(found.precisions[i]).toBeCloseTo(precision, 9);
    }
    expect(found.brevityPenalty).toBeCloseTo(brevityPenalty as number, 9);
    expect(found).toMatchObject({ hypothesisLength, referenceLength });
    expect(found.signature).toBe(sacreSignature(signature));
  });

  it("gives the number of sacreBLEU's README", () => {
    const { hypotheses, references } = vectors.cases.find(({ name }) => name === 'readme')!;
    expect(translationBleu(hypotheses, byLine(references)).score).toBeCloseTo(48.530827, 6);
  });

  it('says in the signature that lines have different numbers of references', () => {
    expect(translationBleu(['a', 'b'], [['a'], ['b', 'c']]).signature).toMatch(/^nrefs:var\|/);
  });

  it.each<[string, string[], string[][], string]>([
    ['nothing', [], [], 'no translations'],
    [
      'lists that do not fit',
      ['a'],
      [['a'], ['b']],
      '1 translations cannot be scored against the references of 2 lines',
    ],
    ['a line without a reference', ['a', 'b'], [['a'], []], 'Line 2 of 2 has no reference'],
  ])('refuses %s', (_, hypotheses, references, message) => {
    expect(() => translationBleu(hypotheses, references)).toThrow(message);
    expect(() => chrf(hypotheses, references)).toThrow(message);
  });
});

describe('chrf', () => {
  it.each(vectors.cases.map((one) => [one.name, one] as const))(
    'equals sacreBLEU: %s',
    (_, { hypotheses, references, scores }) => {
      const found = chrf(hypotheses, byLine(references));
      expect(found.score).toBeCloseTo(scores['chrf']!.score, 9);
      expect(found.signature).toBe(sacreSignature(scores['chrf']!.signature));
    },
  );
});

describe('multi30kTokens', () => {
  it.each(vectors.moses)('cuts as the Moses tools do ($language): $line', ({ language, line, tokens }) => {
    expect(multi30kTokens(line, language)).toEqual(tokens);
  });
});

describe('scoreTranslations', () => {
  it('gives BLEU on raw text, chrF, and the BLEU of the papers on Multi30k beside them, each with its signature', () => {
    const scores = scoreTranslations(['Ein Hund läuft im Schnee.'], [['ein Hund läuft im Schnee .']], 'de');
    expect(scores.bleu.score).toBeLessThan(100);
    expect(scores.tokenisedLowerCaseBleu.score).toBeCloseTo(100, 9);
    expect(scores.tokenisedLowerCaseBleu.signature).toBe(
      'nrefs:1|case:lc|eff:no|tok:moses-multi30k-de|smooth:none|version:attend-1',
    );
    expect(scores.chrf.score).toBeGreaterThan(90);
  });
});
