import type { SearchTree } from '../contract/data/traces.ts';
import { padTokens } from '../engine/batches/padded-tokens.ts';
import { beamSearch } from '../engine/decoding/beam.ts';
import type { BeamNode } from '../engine/decoding/beam-tree.ts';
import { plainTree } from '../engine/traces/plain-tree.ts';
import { readSentence, tokenText } from './trace-sentence.ts';
import { decoderOf, searchOf, searchOptions } from './translation-search.ts';
import type { TranslatorModel } from './translator-model.ts';

/**
 * Translates one sentence and tells everything that the beam search looked at.
 * @throws RangeError for a text without letters, or of more than 64 tokens; UnknownLanguageError; the signal's reason
 */
export async function sentenceTree(
  translator: TranslatorModel,
  sentence: string,
  { beam, signal, to }: { beam?: number | undefined; signal: AbortSignal; to: string },
): Promise<SearchTree> {
  const { name, tokenizer } = translator;
  const search = searchOf(translator, { to, ...(beam !== undefined && { beam }) });
  const { encoding, source } = readSentence(translator, sentence, search.to);
  const options = searchOptions(translator, search, encoding.ids.length);
  let found: readonly BeamNode[] = [];
  await beamSearch(decoderOf(translator, padTokens([source])), options, {
    signal,
    onTree: ([nodes = []]) => (found = nodes),
  });
  const { best, nodes, tokens } = plainTree(found, (token) => tokenText(translator, token));
  const written = tokens.filter((token) => token !== tokenizer.end);
  return {
    nodes,
    best,
    text: tokenizer.decodeWithSpans(written, search.to, []).text,
    width: options.width,
    lengthNormalisation: options.lengthNormalisation,
    model: name,
  };
}
