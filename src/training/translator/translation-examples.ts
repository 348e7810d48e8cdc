import { join } from 'node:path';
import { Random } from '../../engine/random.ts';
import { comparable, PairFilter, type PairFault } from '../../engine/text/pair-filter.ts';
import { sourceTokens } from '../../engine/text/source-tokens.ts';
import { SubwordTokenizer } from '../../engine/text/subword-tokenizer.ts';
import { tokenBatches, type PairLength } from '../../engine/training/token-batches.ts';
import { readTextLines } from '../../files/read-file.ts';
import { phrasePairs, readPhrasebook } from './phrasebook/phrasebook.ts';
import type { SentencePair } from './sentence-pair.ts';
import type { TextPair, TrainingText, TranslatorRunConfig, TranslatorStage } from './translator-config.ts';

/** The sentence pairs of one entry of `data`. */
export interface ReadText {
  readonly text: TrainingText;
  readonly pairs: readonly SentencePair[];
  /** By pair: how often it is seen in an epoch. */
  readonly weights: Float32Array;
}

/** What became of the lines of a text: the model's card tells it. */
export interface TextReport {
  readonly source: string;
  readonly target: string;
  readonly lines: number;
  readonly kept: number;
  readonly dropped: Readonly<Partial<Record<PairFault, number>>>;
}

/** Reads two files that belong together. @throws Error where one has more lines */
export async function readPairs(directory: string, { source, target }: TextPair): Promise<SentencePair[]> {
  if (source === target && /\.tsv(\.gz)?$/.test(source)) return readTable(directory, source);
  const [sources, targets] = await Promise.all([source, target].map((path) => readTextLines(join(directory, path))));
  if (sources!.length !== targets!.length) {
    throw new Error(
      `${source} has ${sources!.length} lines and ${target} has ${targets!.length}; they must be parallel.`,
    );
  }
  return sources!.map((line, i) => ({ source: line, target: targets![i]! }));
}

async function readTable(directory: string, path: string): Promise<SentencePair[]> {
  const lines = await readTextLines(join(directory, path));
  return lines.map((line) => {
    const [source = '', target = ''] = line.split('\t');
    return { source, target };
  });
}

/** What a stage learns from, and what it must not see. */
export type StageTexts = Pick<TranslatorRunConfig, 'data' | 'heldOut'> & Pick<TranslatorStage, 'phrasebook'>;

/** Reads what a stage trains on; texts that ask for it are cleaned. */
export async function readTrainingTexts(
  config: StageTexts,
  directory: string,
): Promise<{ texts: ReadText[]; reports: TextReport[] }> {
  const heldOut = new Set<string>();
  for (const path of config.heldOut) {
    for (const line of await readTextLines(join(directory, path))) heldOut.add(comparable(line));
  }
  // A pair that two texts share is a duplicate too, so there is one filter for each pair of languages.
  const filters = new Map<string, PairFilter>();
  const texts: ReadText[] = [];
  const reports: TextReport[] = [];
  for (const text of config.data) {
    const direction = `${text.sourceLanguage}-${text.targetLanguage}`;
    const filter =
      filters.get(direction) ?? new PairFilter({ heldOut, languages: [text.sourceLanguage, text.targetLanguage] });
    filters.set(direction, filter);
    const { read, report } = await readTrainingText(text, directory, filter);
    texts.push(read);
    reports.push(report);
  }
  if (config.phrasebook) {
    for (const { read, report } of await readPhrases(config.data, config.phrasebook, heldOut)) {
      texts.push(read);
      reports.push(report);
    }
  }
  return { texts, reports };
}

/** The phrasebook in every pair of languages that the texts are in. */
async function readPhrases(
  data: readonly TrainingText[],
  { folder, weight }: NonNullable<TranslatorStage['phrasebook']>,
  heldOut: ReadonlySet<string>,
): Promise<{ read: ReadText; report: TextReport }[]> {
  const book = await readPhrasebook(folder);
  const directions = new Map(
    data.map(({ sourceLanguage, targetLanguage }) => [
      `${sourceLanguage}-${targetLanguage}`,
      { source: folder, target: folder, sourceLanguage, targetLanguage, weight, clean: false },
    ]),
  );
  return Array.from(directions.values(), (text) => {
    const all = phrasePairs(book, text.sourceLanguage, text.targetLanguage);
    const pairs = all.filter(({ source, target }) => ![source, target].some((side) => heldOut.has(comparable(side))));
    const dropped = all.length === pairs.length ? {} : { duplicate: all.length - pairs.length };
    return {
      read: { text, pairs, weights: new Float32Array(pairs.length).fill(weight) },
      report: { source: folder, target: folder, lines: all.length, kept: pairs.length, dropped },
    };
  });
}

async function readTrainingText(
  text: TrainingText,
  directory: string,
  filter: PairFilter,
): Promise<{ read: ReadText; report: TextReport }> {
  const { source, target, origins, only, weight, words, clean } = text;
  const lines = await readPairs(directory, text);
  const originOf = origins && (await readTextLines(join(directory, origins.file)));
  if (originOf && originOf.length !== lines.length) {
    throw new Error(`${origins.file} has ${originOf.length} lines; ${source} has ${lines.length}.`);
  }
  const isAbout = words === undefined ? undefined : anyOf(words);
  const dropped: Partial<Record<PairFault, number>> = {};
  const pairs: SentencePair[] = [];
  const weights: number[] = [];
  for (const [i, pair] of lines.entries()) {
    const own = weight * (origins?.weights[originOf?.[i] ?? ''] ?? 1);
    if (only && (only === 'sentences') !== isSentence(pair)) continue;
    if (own === 0 || !(isAbout?.test(pair.source) ?? true)) continue;
    const fault = clean ? filter.fault(pair.source, pair.target) : emptiness(pair);
    if (fault) {
      dropped[fault] = (dropped[fault] ?? 0) + 1;
      continue;
    }
    pairs.push(pair);
    weights.push(own);
  }
  return {
    read: { text, pairs, weights: Float32Array.from(weights) },
    report: { source, target, lines: lines.length, kept: pairs.length, dropped },
  };
}

/** Whether both sides look like a sentence: some words, and a mark at the end. */
function isSentence(pair: SentencePair): boolean {
  return [pair.source, pair.target].every((side) => /^\p{Lu}/u.test(side) && /\S+ \S+ .*[.!?]["“”'»]?$/u.test(side));
}

/** Finds one of some words, or its plural. @param words with commas between them */
function anyOf(words: string): RegExp {
  const escaped = words.split(',').map((word) => word.trim().replace(/[$()*+./?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}])(${escaped.join('|')})(s|es)?(?![\\p{L}\\p{N}])`, 'iu');
}

function emptiness({ source, target }: SentencePair): PairFault | undefined {
  return source.trim() === '' || target.trim() === '' ? 'empty' : undefined;
}

/** Learns the vocabulary of both sides of all texts; there are language tags where several languages are written. */
export function learnVocabulary(
  config: Pick<TranslatorRunConfig, 'vocabulary'>,
  texts: readonly ReadText[],
): SubwordTokenizer {
  const { linesPerText = Infinity, ...options } = config.vocabulary;
  const languages = [...new Set(texts.map(({ text }) => text.targetLanguage))];
  return SubwordTokenizer.train(someSentences(texts, linesPerText), {
    ...options,
    languages: languages.length > 1 ? languages : [],
  });
}

function* someSentences(texts: readonly ReadText[], most: number): Generator<string> {
  for (const { pairs } of texts) {
    const step = Math.max(1, pairs.length / most);
    for (let i = 0; i < pairs.length; i += step) {
      const { source, target } = pairs[Math.floor(i)]!;
      yield source;
      yield target;
    }
  }
}

/** Token sequences one behind the other: a million of them as arrays would take gigabytes. */
class TokenTable {
  #tokens = new Uint16Array(2 ** 20);
  readonly #ends: number[] = [];

  push(tokens: readonly number[]): void {
    const start = this.#ends.at(-1) ?? 0;
    const end = start + tokens.length;
    if (end > this.#tokens.length) {
      const larger = new Uint16Array(2 * end);
      larger.set(this.#tokens);
      this.#tokens = larger;
    }
    this.#tokens.set(tokens, start);
    this.#ends.push(end);
  }

  at(index: number): number[] {
    return Array.from(this.#tokens.subarray(this.#start(index), this.#ends[index]));
  }

  /** All sequences one behind the other. */
  get flat(): Uint16Array {
    return this.#tokens.subarray(0, this.#ends.at(-1) ?? 0);
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }
}

/** The examples of one epoch: what a batch's numbers stand for. */
export interface Epoch {
  /** Numbers of pairs, for `pair`; see `tokenBatches`. */
  readonly batches: number[][];
  /** A pair as the model reads it: the source with tag and end, the target without start and end. */
  readonly pair: (number: number) => { source: number[]; target: number[] };
}

/** How a stage goes through its pairs. */
export interface ExamplesOptions {
  seed: number;
  /** Pairs with a longer side are left out. */
  maxTokens: number;
  tokensPerBatch: number;
  bpeDropout: number;
}

/** What a stage learns from, epoch after epoch; each the same whenever it is asked for. */
export class TranslationExamples {
  readonly #options: ExamplesOptions;
  readonly #tokenizer: SubwordTokenizer;
  readonly #texts: readonly ReadText[];
  /** Where BPE-dropout cuts anew every time there is nothing to keep. */
  readonly #encoded: Encoded | undefined;

  constructor(options: ExamplesOptions, tokenizer: SubwordTokenizer, texts: readonly ReadText[]) {
    if (tokenizer.size > 2 ** 16) throw new RangeError(`A vocabulary may have 65536 tokens, not ${tokenizer.size}.`);
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.#texts = texts;
    if (options.bpeDropout === 0) this.#encoded = encode(texts, tokenizer, options.maxTokens);
  }

  get seed(): number {
    return this.#options.seed;
  }

  /**
   * All pairs as arrays: tokens one pair behind the other, and by pair how many there are (of targets without the end
   * token) and how often it is seen in an epoch.
   * @throws Error with BPE-dropout, which cuts every epoch otherwise
   */
  arrays(): Record<'sources' | 'targets' | 'source-lengths' | 'target-lengths', Uint16Array> & {
    weights: Float32Array;
  } {
    if (!this.#encoded) throw new Error('With BPE-dropout the pairs are other tokens in every epoch.');
    const { lengths, sources, targets, weights } = this.#encoded;
    return {
      sources: sources.flat,
      targets: targets.flat,
      'source-lengths': Uint16Array.from(lengths, ({ source }) => source),
      'target-lengths': Uint16Array.from(lengths, ({ target }) => target - 1),
      weights: Float32Array.from(weights),
    };
  }

  epoch(number: number): Epoch {
    const { bpeDropout, maxTokens, seed, tokensPerBatch } = this.#options;
    const random = new Random(seed * 7919 + number);
    const dropout = { rate: bpeDropout, random: random.next };
    const { sources, targets, weights, lengths } =
      this.#encoded ?? encode(this.#texts, this.#tokenizer, maxTokens, dropout);
    const chosen: number[] = [];
    for (const [pair, weight] of weights.entries()) {
      const times = Math.floor(weight) + (random.next() < weight % 1 ? 1 : 0);
      for (let i = 0; i < times; i++) chosen.push(pair);
    }
    const batches = tokenBatches(
      chosen.map((pair) => lengths[pair]!),
      tokensPerBatch,
      random,
    );
    return {
      batches: batches.map((places) => places.map((place) => chosen[place]!)),
      pair: (pair) => ({ source: sources.at(pair), target: targets.at(pair) }),
    };
  }
}

interface Encoded {
  readonly sources: TokenTable;
  readonly targets: TokenTable;
  readonly weights: number[];
  readonly lengths: PairLength[];
}

function encode(
  texts: readonly ReadText[],
  tokenizer: SubwordTokenizer,
  maxTokens: number,
  dropout?: { rate: number; random: () => number },
): Encoded {
  const sources = new TokenTable();
  const targets = new TokenTable();
  const weights: number[] = [];
  const lengths: PairLength[] = [];
  for (const { text, pairs, weights: own } of texts) {
    for (const [i, { source, target }] of pairs.entries()) {
      const from = sourceTokens(tokenizer, tokenizer.encode(source, dropout), text.targetLanguage);
      const to = tokenizer.encode(target, dropout);
      const length = { source: from.length, target: to.length + 1 };
      if (to.length === 0 || Math.max(length.source, length.target) > maxTokens) continue;
      sources.push(from);
      targets.push(to);
      weights.push(own[i]!);
      lengths.push(length);
    }
  }
  if (lengths.length === 0) throw new Error(`No sentence pair has at most ${maxTokens} tokens.`);
  return { sources, targets, weights, lengths };
}
