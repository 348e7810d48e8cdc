import { chrf, type Chrf } from './chrf.ts';
import { multi30kTokens } from './multi30k-tokenizer.ts';
import { translationBleu, type TranslationBleu } from './translation-bleu.ts';

/** Scores of a set of translations. */
export interface TranslationScores {
  /** sacreBLEU's BLEU on raw text: tokenizer 13a, case counts. */
  bleu: TranslationBleu;
  /** chrF2 on raw text. */
  chrf: Chrf;
  /**
   * BLEU as the papers on Multi30k count it: lower case, cut by `multi30kTokens`, no smoothing. It is some points above
   * the first and not to be compared with it.
   */
  tokenisedLowerCaseBleu: TranslationBleu;
}

/**
 * @param hypotheses translations as people read them, one a line
 * @param references for each of them one or more
 * @param language that they are in
 * @throws RangeError where the lists do not fit together or there is nothing to score
 */
export function scoreTranslations(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  language: string,
): TranslationScores {
  return {
    bleu: translationBleu(hypotheses, references),
    chrf: chrf(hypotheses, references),
    tokenisedLowerCaseBleu: translationBleu(hypotheses, references, {
      tokenizer: (line) => multi30kTokens(line, language),
      tokenizerName: `moses-multi30k-${language}`,
      lowerCase: true,
      smoothing: 'none',
    }),
  };
}
