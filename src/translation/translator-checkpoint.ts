import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import { ConvS2S, type ConvS2SConfig } from '../engine/models/conv-s2s.ts';
import { Seq2Seq, type Seq2SeqConfig } from '../engine/models/seq2seq.ts';
import type { TextModel } from '../engine/models/text-model.ts';
import { Transformer, type TransformerConfig } from '../engine/models/transformer.ts';
import type { Parameters } from '../engine/parameters.ts';
import { openMarianTokenizer, type MarianFiles } from '../model-folders/published/marian-folder.ts';
import { readChecked, type ModelFile } from '../model-folders/model-files.ts';
import {
  allKeys,
  assertOnly,
  assertTruth,
  assertWithin,
  BEAM,
  NORMALISATION,
  TOKENS,
} from '../model-folders/bounds.ts';
import { SubwordTokenizer } from '../engine/text/subword-tokenizer.ts';
import type { TextTokenizer } from '../engine/text/text-tokenizer.ts';
import { TRANSLATION_DOMAINS, type TranslationDomain } from '../contract/constants/translation-domains.ts';

/** What checkpoints of text models call their architectures. */
const TRANSLATOR_ARCHITECTURES = ['seq2seq', 'transformer', 'conv-s2s'] as const;
type TranslatorArchitecture = (typeof TRANSLATOR_ARCHITECTURES)[number];
export type TranslatorConfig = Seq2SeqConfig | TransformerConfig | ConvS2SConfig;

/** How a model's translations are searched for where nobody says otherwise. */
export interface TranslationDecoding {
  /** Beam width; 1 is greedy. */
  beam: number;
  /** α of the beam search. */
  lengthNormalisation: number;
  /** A translation has at most so many times the tokens of its source (rounded up to 16), and ten more. */
  lengthRatio: number;
  /** No sequence of so many tokens twice, where the source has none twice; 0: repetitions are allowed. */
  noRepeat: number;
  /** β: how much less a translation counts that did not look at all of its source; 0: not at all. */
  coverage: number;
  /**
   * By language that is written: a text is unlike what the model was trained on where its translation costs more nats a
   * token, which was measured on texts that are like it and texts that are not. Left out: nothing is said.
   */
  unlikeAbove: Readonly<Record<string, number>>;
  /**
   * Whose attention counts as the alignment where a model has several layers, counted from 0; the mean over the layer's
   * heads. Left out: the last layer but one, which aligns best (Garg et al. 2019, arXiv 1909.02074).
   */
  alignmentLayer?: number;
  /** Whether the search is that of published models; see `BeamOptions`. Left out: no. */
  refill?: boolean;
}

const TEXT_MODEL = {
  sourceVocabularySize: true,
  targetVocabularySize: true,
  startToken: true,
  endToken: true,
  embeddings: true,
} as const;

/** All that a model may say of its shape. */
const CONFIGS: Readonly<Record<TranslatorArchitecture, readonly string[]>> = {
  seq2seq: allKeys<Seq2SeqConfig>({
    ...TEXT_MODEL,
    cell: true,
    encoder: true,
    embeddingSize: true,
    encoderSize: true,
    hiddenSize: true,
    attention: true,
    attentionSize: true,
    scaled: true,
    decoder: true,
    inputFeeding: true,
    initialState: true,
  }),
  transformer: allKeys<TransformerConfig>({
    ...TEXT_MODEL,
    size: true,
    heads: true,
    feedForwardSize: true,
    encoderLayers: true,
    decoderLayers: true,
    normalisation: true,
    attentionBias: true,
    activation: true,
    epsilon: true,
    memorySize: true,
    positions: true,
    outputBias: true,
    embeddingScale: true,
  }),
  'conv-s2s': allKeys<ConvS2SConfig>({
    ...TEXT_MODEL,
    size: true,
    width: true,
    encoderLayers: true,
    decoderLayers: true,
  }),
};

/** All that a model may say of its decoding. */
const DECODING = allKeys<TranslationDecoding>({
  beam: true,
  lengthNormalisation: true,
  lengthRatio: true,
  noRepeat: true,
  coverage: true,
  unlikeAbove: true,
  alignmentLayer: true,
  refill: true,
});

export const TRANSLATION_DECODING: TranslationDecoding = {
  beam: 5,
  lengthNormalisation: 1,
  lengthRatio: 2,
  noRepeat: 4,
  coverage: 0,
  unlikeAbove: {},
};

/**
 * What `model.json` says about a translator beside architecture and weights: training checkpoints and shipped models
 * alike. Source and target share one subword vocabulary; a source is what `sourceTokens` makes of a sentence.
 */
export interface TranslatorMetadata {
  /**
   * As `SubwordTokenizer.toJSON` writes it; it has a tag for each language of `to` where there are several. Of a published
   * model, `MarianFiles`.
   */
  tokenizer: unknown;
  /** Of a published model: what its authors call its kind. */
  family?: string;
  /** Language code of what is read. */
  from: string;
  /** Language codes of what is written. */
  to: string[];
  /** The only kind of text that it was made for, where it is not for all. */
  domain?: TranslationDomain;
  /** What differs from the usual way of decoding. */
  decoding?: Partial<TranslationDecoding>;
  /** The training run: its name, its configuration and whatever else it knows. */
  run?: { name?: string } & Record<string, unknown>;
  /** Of a shipped model: where it comes from, with its scores. */
  card?: Record<string, unknown>;
}

/** A translator without its weights. */
export interface TranslatorDescription {
  readonly architecture: TranslatorArchitecture;
  readonly config: TranslatorConfig;
  readonly from: string;
  readonly to: readonly string[];
  /** The only kind of text that it was made for; undefined: all. */
  readonly domain: TranslationDomain | undefined;
  readonly decoding: TranslationDecoding;
  /** The name of the training run, where the checkpoint is one's. */
  readonly runName: string | undefined;
  /** What people read: "Transformer", "GRU with additive attention". */
  readonly title: string;
  /** Of attention to the source: 0 where there is none. */
  readonly layers: number;
  readonly heads: number;
}

/** @throws Error that says what a checkpoint lacks, or is instead of a translator */
export function describeTranslator(
  checkpoint: Pick<Checkpoint<unknown>, 'architecture' | 'config' | 'metadata'>,
): TranslatorDescription {
  const { architecture } = checkpoint;
  if (!isTranslator(architecture)) throw new Error(`It is a "${architecture}", not a translator.`);
  const config = checkpoint.config as unknown as Partial<TranslatorConfig> | null;
  if (typeof config?.targetVocabularySize !== 'number' || typeof config.sourceVocabularySize !== 'number') {
    throw new Error('model.json does not say what shape the translator has.');
  }
  const { from, to, decoding, domain, family, run } = checkpoint.metadata as Partial<TranslatorMetadata>;
  if (
    typeof from !== 'string' ||
    !Array.isArray(to) ||
    to.length === 0 ||
    to.some((code) => typeof code !== 'string')
  ) {
    throw new Error('model.json does not say which languages the translator knows.');
  }
  if (domain !== undefined && !TRANSLATION_DOMAINS.includes(domain)) {
    throw new Error(`The translator is for "${domain}". Known: ${TRANSLATION_DOMAINS.join(', ')}.`);
  }
  const whole = config as TranslatorConfig;
  assertOnly('config', whole, CONFIGS[architecture]);
  assertWithin('config', whole, { targetVocabularySize: TOKENS, sourceVocabularySize: TOKENS });
  assertOnly('decoding', decoding, DECODING);
  const search = { ...TRANSLATION_DECODING, ...decoding };
  assertWithin('decoding', search, {
    beam: BEAM,
    lengthNormalisation: NORMALISATION,
    lengthRatio: { least: 0.1, most: 10, fraction: true },
    noRepeat: { least: 0, most: 100 },
    coverage: { least: 0, most: 100, fraction: true },
    'alignmentLayer?': { least: 0, most: 100 },
  });
  assertTruth('decoding.refill', search.refill);
  const nats = { least: 0, most: 100, fraction: true } as const;
  assertOnly('decoding.unlikeAbove', search.unlikeAbove);
  assertWithin(
    'decoding.unlikeAbove',
    search.unlikeAbove,
    Object.fromEntries(Object.keys(search.unlikeAbove).map((language) => [language, nats])),
  );
  return {
    architecture,
    config: whole,
    from,
    to,
    domain,
    decoding: search,
    runName: run?.name,
    title: typeof family === 'string' ? family : title(whole),
    ...attentionShape(whole),
  };
}

/** The vocabulary of a translator. @throws Error where there is none, or it does not fit the model */
export function tokenizerOf(
  checkpoint: Pick<Checkpoint<unknown>, 'metadata'>,
  { config, to }: Pick<TranslatorDescription, 'config' | 'to'>,
): SubwordTokenizer {
  const tokenizer = SubwordTokenizer.fromJSON((checkpoint.metadata as Partial<TranslatorMetadata>).tokenizer);
  for (const size of [config.sourceVocabularySize, config.targetVocabularySize]) {
    if (size !== tokenizer.size) {
      throw new Error(`The vocabulary has ${tokenizer.size} tokens; the translator has ${size}.`);
    }
  }
  const untagged = tokenizer.languages.length === 0 && to.length === 1 ? [] : to;
  for (const language of untagged) tokenizer.language(language);
  return tokenizer;
}

/**
 * The vocabulary of any translator: of a published one it lies in files of its own.
 * @throws Error where there is none, or it does not fit the model
 */
export async function openTokenizer(
  checkpoint: Pick<Checkpoint<unknown>, 'metadata'>,
  description: Pick<TranslatorDescription, 'config' | 'to'>,
  folder: string,
): Promise<TextTokenizer> {
  const { tokenizer: kept } = checkpoint.metadata as { tokenizer?: { format?: unknown } };
  if (kept?.format !== 'marian') return tokenizerOf(checkpoint, description);
  const tokenizer = await openMarianTokenizer(kept as MarianFiles, (file) => readChecked(folder, file));
  const { config, to } = description;
  if (tokenizer.size !== config.targetVocabularySize || tokenizer.sourceSize !== config.sourceVocabularySize) {
    throw new Error(`The vocabulary has ${tokenizer.size} tokens; the translator has ${config.targetVocabularySize}.`);
  }
  if (tokenizer.languages.length > 0) for (const language of to) tokenizer.language(language);
  return tokenizer;
}

/** The files of a vocabulary that lie beside `model.json`. */
export function tokenizerFiles({ metadata }: Pick<Checkpoint<unknown>, 'metadata'>): ModelFile[] {
  const { tokenizer } = metadata as { tokenizer?: { format?: unknown } };
  if (tokenizer?.format !== 'marian') return [];
  const { source, target, targetVocabulary, vocabulary } = tokenizer as MarianFiles;
  return [source, target, vocabulary, ...(targetVocabulary ? [targetVocabulary] : [])];
}

/** A model of a checkpoint's shape. Its weights are drawn or taken by `parameters`. */
export function createTextModel(config: TranslatorConfig, parameters: Parameters): TextModel {
  if (isConvS2S(config)) return new ConvS2S(config, parameters);
  return isTransformer(config) ? new Transformer(config, parameters) : new Seq2Seq(config, parameters);
}

/** The layer whose attention, averaged over its heads, counts as the alignment; null for a model without attention. */
export function alignmentLayerOf({
  decoding,
  layers,
}: Pick<TranslatorDescription, 'decoding' | 'layers'>): number | null {
  return layers === 0 ? null : (decoding.alignmentLayer ?? Math.max(0, layers - 2));
}

export function isTransformer(config: TranslatorConfig): config is TransformerConfig {
  return 'heads' in config;
}

export function isConvS2S(config: TranslatorConfig): config is ConvS2SConfig {
  return 'width' in config;
}

function isTranslator(architecture: string): architecture is TranslatorArchitecture {
  return (TRANSLATOR_ARCHITECTURES as readonly string[]).includes(architecture);
}

function attentionShape(config: TranslatorConfig): { layers: number; heads: number } {
  if (isTransformer(config)) return { layers: config.decoderLayers, heads: config.heads };
  if (isConvS2S(config)) return { layers: config.decoderLayers, heads: 1 };
  return config.attention === 'none' ? { layers: 0, heads: 0 } : { layers: 1, heads: 1 };
}

function title(config: TranslatorConfig): string {
  if (isTransformer(config)) return 'Transformer';
  if (isConvS2S(config)) return 'ConvS2S';
  const cell = config.cell === 'plain' ? 'Plain recurrent cell' : config.cell.toUpperCase();
  const scale = config.scaled ? 'scaled ' : '';
  switch (config.attention) {
    case 'none':
      return `${cell} without attention`;
    case 'summary':
      return `${cell} with a summary without a query`;
    case 'key-query-value':
      return `${cell} with ${scale}keys, queries and values`;
    default:
      return `${cell} with ${scale}${config.attention} attention`;
  }
}
