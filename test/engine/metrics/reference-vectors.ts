import vectors from './fixtures/caption-vectors.json' with { type: 'json' };

/** What coco-caption's own code says about invented captions; see scripts/fixtures/make_metric_vectors.py. */
export interface ReferenceVectors {
  photos: {
    hypothesis: string;
    references: string[];
    hypothesisTokens: string[];
    referenceTokens: string[][];
    ciderD: number;
  }[];
  bleu: number[];
  rougeL: number;
  ciderD: number;
}

export const invented: ReferenceVectors = vectors.invented;
export const aacMetrics: ReferenceVectors = vectors.aacMetrics;
/** Texts for the tokenizer alone. */
export const oddities: { text: string; tokens: string[] }[] = vectors.oddities;

/** Tokens as coco-caption's BLEU and CIDEr see them: split at every white space. */
export const parts = (tokens: readonly string[]): string[] => tokens.flatMap((token) => token.split('\u00a0'));
export const candidatesOf = ({ photos }: ReferenceVectors): string[][] => photos.map((p) => p.hypothesisTokens);
export const referencesOf = ({ photos }: ReferenceVectors): string[][][] => photos.map((p) => p.referenceTokens);
