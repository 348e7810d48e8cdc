import { beamSearch } from '../../engine/decoding/beam.ts';
import { greedySearch } from '../../engine/decoding/greedy.ts';
import { translationBleu } from '../../engine/metrics/translation-bleu.ts';
import type { TextModel } from '../../engine/models/text-model.ts';
import { padTokens } from '../../engine/batches/padded-tokens.ts';
import { sourceTokens } from '../../engine/text/source-tokens.ts';
import type { SubwordTokenizer } from '../../engine/text/subword-tokenizer.ts';
import { textBatch, textLoss } from '../../engine/training/text-loss.ts';
import { nextTick } from '../training-events.ts';
import type { SentencePair } from './sentence-pair.ts';

/** What a model is validated on. */
export interface ValidationText {
  /** As reports name it: `en-de`. */
  readonly name: string;
  readonly targetLanguage: string;
  readonly pairs: readonly SentencePair[];
}

/** How well one text was translated. */
export interface TextScore {
  readonly name: string;
  /** sacreBLEU's default (13a, case counts), in [0, 100]. */
  readonly bleu: number;
  /** Cross entropy of the references, nats a token. */
  readonly loss: number;
  /** The translation of the first sentence. */
  readonly example: string;
}

export interface ValidationSearch {
  /** 1: greedy. */
  beam: number;
  lengthNormalisation: number;
}

const SENTENCES_PER_BATCH = 64;

/** Translates texts and scores the translations. */
export async function validateTranslations(
  model: TextModel,
  tokenizer: SubwordTokenizer,
  texts: readonly ValidationText[],
  search: ValidationSearch,
): Promise<TextScore[]> {
  const scores: TextScore[] = [];
  for (const text of texts) scores.push(await validateText(model, tokenizer, text, search));
  return scores;
}

async function validateText(
  model: TextModel,
  tokenizer: SubwordTokenizer,
  { name, targetLanguage, pairs }: ValidationText,
  { beam, lengthNormalisation }: ValidationSearch,
): Promise<TextScore> {
  const encoded = pairs.map(({ source, target }, index) => ({
    index,
    source: sourceTokens(tokenizer, tokenizer.encode(source), targetLanguage),
    target: tokenizer.encode(target),
  }));
  // Sentences of like lengths share a batch: the search of a batch is as long as its longest one.
  const sorted = encoded.toSorted((a, b) => a.source.length - b.source.length);
  const translations = new Array<string>(pairs.length).fill('');
  let loss = 0;
  let tokens = 0;
  for (let start = 0; start < sorted.length; start += SENTENCES_PER_BATCH) {
    const some = sorted.slice(start, start + SENTENCES_PER_BATCH);
    const batch = textBatch(some, model.config.startToken, model.config.endToken);
    const mean = textLoss(model, batch);
    loss += mean.dataSync()[0]! * batch.target.targets.length;
    tokens += batch.target.targets.length;
    mean.dispose();

    const source = padTokens(some.map((pair) => pair.source));
    const constraints = { maxLength: 2 * source.length + 10, forbidden: tokenizer.forbidden };
    const decoder = model.decoder(source);
    const found =
      beam === 1
        ? await greedySearch(decoder, constraints)
        : (await beamSearch(decoder, { ...constraints, width: beam, lengthNormalisation })).map((best) => best[0]!);
    for (const [row, { index }] of some.entries()) translations[index] = tokenizer.decode(found[row]!.tokens);
    await nextTick();
  }
  const { score } = translationBleu(
    translations,
    pairs.map(({ target }) => [target]),
  );
  return { name, bleu: score, loss: loss / tokens, example: translations[0] ?? '' };
}
