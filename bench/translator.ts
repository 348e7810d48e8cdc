// The lane of Attend's translators: a process with one backend (ATTEND_BACKEND), measured through the service's and the
// engine's public functions.
import { graphRunner, parseBackendName, useBackend } from '../src/native/backend.ts';
import { beamSearch } from '../src/engine/decoding/beam.ts';
import { disposeResults, type Decoder } from '../src/engine/decoding/decoder.ts';
import { TextDecoder } from '../src/engine/models/text-decoder.ts';
import { padTokens } from '../src/engine/batches/padded-tokens.ts';
import { Parameters } from '../src/engine/parameters.ts';
import { Random } from '../src/engine/random.ts';
import { sourceTokens } from '../src/engine/text/source-tokens.ts';
import { loadNativeTranslator } from '../src/native/translator-graphs.ts';
import { translate } from '../src/translation/translate.ts';
import { decoderOf, searchOf, searchOptions } from '../src/translation/translation-search.ts';
import { alignmentLayerOf, createTextModel, type TranslatorConfig } from '../src/translation/translator-checkpoint.ts';
import { loadTranslator, type TranslatorModel } from '../src/translation/translator-model.ts';
import { serve } from './harness/serve.ts';

/** A search that every lane can be asked for. */
export interface TokenSearch {
  /** Token ids of each source, with tag and end token. */
  sources: number[][];
  beam: number;
  maxLength: number;
  lengthNormalisation: number;
  forbidden: number[];
  /** The decoder's layer whose attention to the source is wanted for each token. */
  looks: number;
}

/** What it finds. */
export interface FoundTokens {
  /** Of all sources together. */
  milliseconds: number;
  /** Of each source, without the end token. */
  tokens: number[][];
}

let model: TranslatorModel | undefined;

const operations = {
  open: async ({ folder }: { folder: string }) => {
    const { name } = await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
    model = await loadTranslator(folder);
    return { backend: name, to: model.to, title: model.title, beam: model.decoding.beam };
  },

  /** Sentences as what `search` takes. */
  prepare: async ({ sentences, to, beam }: { sentences: string[]; to: string; beam: number }): Promise<TokenSearch> => {
    const { tokenizer } = opened();
    const sources = sentences.map((sentence) => sourceTokens(tokenizer, tokenizer.encode(sentence), to));
    const longest = sources.reduce((most, { length }) => Math.max(most, length), 0);
    const search = searchOf(opened(), { to, beam });
    const { maxLength, forbidden = [], lengthNormalisation } = searchOptions(opened(), search, longest);
    return {
      sources,
      beam,
      maxLength,
      lengthNormalisation,
      forbidden: [...forbidden],
      looks: alignmentLayerOf(opened()) ?? 0,
    };
  },

  /** The search as `translate` runs it, from tokens to tokens with their attention. */
  search: async ({ sources, beam, maxLength, lengthNormalisation, forbidden }: TokenSearch): Promise<FoundTokens> => {
    const begin = performance.now();
    const options = { width: beam, maxLength, lengthNormalisation, forbidden };
    const found = await beamSearch(decoderOf(opened(), padTokens(sources)), options);
    const milliseconds = performance.now() - begin;
    return { milliseconds, tokens: found.map(([best]) => best!.tokens) };
  },

  /** From text to text, with words, probabilities and alignment. */
  text: async ({ sentence, to, beam }: { sentence: string; to: string; beam: number }) => {
    const begin = performance.now();
    const [result] = await translate(opened(), [sentence], { to, beam });
    return { milliseconds: performance.now() - begin, text: result!.text };
  },

  /**
   * A model of a shape with weights that are drawn translates m random tokens into as many, never ending earlier. It
   * runs as `loadTranslator` would have it run.
   * @returns milliseconds for each of `lengths`, `repeats` times
   */
  cost: async ({ config, lengths, repeats }: { config: TranslatorConfig; lengths: number[]; repeats: number }) => {
    await useBackend(parseBackendName(process.env['ATTEND_BACKEND']));
    const random = new Random(5);
    const parameters = new Parameters(random.next);
    try {
      const drawn = createTextModel(config, parameters);
      const runner = graphRunner();
      const graphs = runner && (await loadNativeTranslator(drawn, {}, runner));
      const times = lengths.map((): number[] => []);
      // The first round warms up.
      for (let round = 0; round <= repeats; round++) {
        for (const [i, length] of lengths.entries()) {
          const source = Array.from({ length }, () => random.integer(config.sourceVocabularySize));
          const begin = performance.now();
          const padded = padTokens([source]);
          const decoder: Decoder<unknown> = graphs ? new TextDecoder(config, graphs, padded) : drawn.decoder(padded);
          let state = decoder.start();
          for (let step = 0; step < length; step++) {
            const next = decoder.step(state, Int32Array.of(random.integer(config.targetVocabularySize)));
            decoder.dispose(state);
            state = next.state;
            await (next.likeliest?.tokens ?? next.logProbabilities).data();
            disposeResults(next);
          }
          decoder.dispose(state);
          if (round > 0) times[i]!.push(performance.now() - begin);
        }
      }
      graphs?.dispose();
      return times;
    } finally {
      parameters.dispose();
    }
  },
};

export type TranslatorOperations = typeof operations;

await serve(operations);

function opened(): TranslatorModel {
  if (!model) throw new Error('No model is open.');
  return model;
}
