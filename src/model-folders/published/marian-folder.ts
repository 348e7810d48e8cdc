import { basename, join, resolve } from 'node:path';
import type { Json } from '../../engine/checkpoint/json.ts';
import { marianConfig, marianSearch, marianWeights } from '../../engine/published/marian.ts';
import { languageOf, MarianTokenizer } from '../../engine/text/marian-tokenizer.ts';
import { SentencePiece } from '../../engine/text/sentence-piece.ts';
import { readBytes } from '../../files/read-file.ts';
import type { ModelFile } from '../model-files.ts';
import { fileOf } from './captioner-files.ts';
import type { PublishedFamily, PublishedFolder } from './published-family.ts';

/** A Marian vocabulary in `model.json`: the files of its folder. */
export interface MarianFiles {
  format: 'marian';
  source: ModelFile;
  target: ModelFile;
  vocabulary: ModelFile;
  /** Of models that number what they write otherwise than what they read. */
  targetVocabulary?: ModelFile;
}

/** What a language of several is called in the names of models: "ROMANCE", "mul"; it reads any of them. */
export const SEVERAL = 'mul';

/** MarianMT as OPUS-MT publishes it. */
export const marianFamily: PublishedFamily = {
  name: 'MarianMT',
  modelType: 'marian',
  async describe(folder) {
    const config = marianConfig(folder.config);
    const generation = await folder.json('generation_config.json');
    const search = marianSearch(folder.config, generation);
    const settings = ((await folder.json('tokenizer_config.json')) ?? {}) as Record<string, unknown>;
    const isSeparate = settings['separate_vocabs'] === true;
    const files: MarianFiles = {
      format: 'marian',
      source: await fileOf(folder.path, 'source.spm'),
      target: await fileOf(folder.path, 'target.spm'),
      vocabulary: await fileOf(folder.path, 'vocab.json'),
      ...(isSeparate && { targetVocabulary: await fileOf(folder.path, 'target_vocab.json') }),
    };
    const tokenizer = await openMarianTokenizer(files, ({ file }) => readBytes(join(folder.path, file)));
    const { from, to } = languagesOf(folder, settings, tokenizer);
    return {
      kind: 'translator',
      architecture: 'transformer',
      config: config as unknown as Json,
      metadata: {
        family: marianFamily.name,
        tokenizer: files,
        from,
        to,
        decoding: {
          beam: search.beam,
          lengthNormalisation: Math.max(0, search.lengthPenalty),
          noRepeat: 0,
          refill: true,
        },
      } as unknown as Json,
      companions: [
        files.source,
        files.target,
        files.vocabulary,
        ...(files.targetVocabulary ? [files.targetVocabulary] : []),
      ],
      weights: (tensors) => marianWeights(tensors, config),
    };
  },
};

/** The vocabulary that `model.json` describes. @param read gives the bytes of a file whose checksum was right */
export async function openMarianTokenizer(
  { source, target, targetVocabulary, vocabulary }: MarianFiles,
  read: (file: ModelFile) => Promise<Uint8Array>,
): Promise<MarianTokenizer> {
  return new MarianTokenizer({
    source: SentencePiece.parse(await read(source)),
    target: SentencePiece.parse(await read(target)),
    ids: idsOf(vocabulary.file, await read(vocabulary)),
    ...(targetVocabulary && { targetIds: idsOf(targetVocabulary.file, await read(targetVocabulary)) }),
  });
}

function idsOf(file: string, bytes: Uint8Array): Map<string, number> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`${file} is not JSON.`, { cause });
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0 || !entries.every(([, id]) => Number.isInteger(id))) {
    throw new Error(`${file} is no table of tokens and their numbers.`);
  }
  return new Map(entries as [string, number][]);
}

/**
 * Which languages a model reads and writes: by its tags and `tokenizer_config.json`, else by its name
 * ("opus-mt-en-de").
 */
function languagesOf(
  folder: PublishedFolder,
  settings: Readonly<Record<string, unknown>>,
  { languages }: MarianTokenizer,
): { from: string; to: string[] } {
  const { source_lang: source, target_lang: target } = settings;
  const names = [folder.config['_name_or_path'], basename(resolve(folder.path))];
  const named = names
    .map((name) => /opus-mt-(?:tc-\w+-)?([A-Za-z_+]+)-([A-Za-z_+]+)$/.exec(String(name)))
    .find(Boolean);
  const from = typeof source === 'string' && source !== '' ? source : named?.[1];
  const to = typeof target === 'string' && target !== '' ? target : named?.[2];
  if (from === undefined || (to === undefined && languages.length === 0)) {
    throw new Error(
      `${folder.path} does not say which languages it translates: tokenizer_config.json needs source_lang and target_lang.`,
    );
  }
  return {
    from: single(from) ?? SEVERAL,
    to: languages.length > 0 ? [...languages] : [single(to as string) ?? (to as string)],
  };
}

/** The language of a code; nothing where the code is of several. */
function single(code: string): string | undefined {
  if (!/^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$/.test(code) || /^mul$/i.test(code)) return undefined;
  return languageOf(code);
}
