import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { padTokens } from '../../../src/engine/batches/padded-tokens.ts';
import { beamSearch } from '../../../src/engine/decoding/beam.ts';
import { Transformer, type AttentionMaps } from '../../../src/engine/models/transformer.ts';
import { Parameters } from '../../../src/engine/parameters.ts';
import { marianConfig, marianSearch, marianWeights } from '../../../src/engine/published/marian.ts';
import { parseSafetensors } from '../../../src/engine/published/safetensors.ts';
import { MarianTokenizer } from '../../../src/engine/text/marian-tokenizer.ts';
import { SentencePiece } from '../../../src/engine/text/sentence-piece.ts';
import { useTestBackend } from '../../support/backend.ts';

useTestBackend();

interface Vector {
  tag: string;
  sentence: string;
  source: number[];
  target: number[];
  logits: number[][];
  encoder: number[][][][];
  decoder: number[][][][];
  cross: number[][][][];
  beams: { tokens: number[]; score: number }[];
  text: string;
}

const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`fixtures/marian/${name}`, import.meta.url));
const jsonOf = (name: string): unknown => JSON.parse(new TextDecoder().decode(bytesOf(name)));

const vectors = jsonOf('vectors.json') as Vector[];
const config = marianConfig(jsonOf('config.json'));
const sourceModel = SentencePiece.parse(bytesOf('source.spm'));
const tokenizer = new MarianTokenizer({
  source: sourceModel,
  target: SentencePiece.parse(bytesOf('target.spm')),
  ids: new Map(Object.entries(jsonOf('vocab.json') as Record<string, number>)),
});

let parameters: Parameters;
let model: Transformer;

beforeAll(() => {
  const weights = marianWeights(parseSafetensors(bytesOf('model.safetensors')), config);
  const tensors = new Map([...weights].map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]));
  parameters = new Parameters(() => 0, tensors);
  model = new Transformer(config, parameters);
  expect(new Set(parameters.entries().map(([name]) => name))).toEqual(new Set(weights.keys()));
  tf.dispose([...tensors.values()]);
});
afterAll(() => parameters.dispose());

/** The largest difference of two lists of numbers, however they are nested. */
function difference(ours: unknown, theirs: unknown): number {
  if (!Array.isArray(theirs)) return Math.abs((ours as number) - (theirs as number));
  expect((ours as unknown[]).length).toBe(theirs.length);
  return theirs.reduce<number>((most, item, i) => Math.max(most, difference((ours as unknown[])[i], item)), 0);
}

describe("Marian's tokens", () => {
  test('are those of SentencePiece for a thousand odd strings', () => {
    const strings = jsonOf('pieces.json') as [text: string, pieces: string[]][];
    expect(strings.length).toBe(1000);
    for (const [text, pieces] of strings) {
      expect(
        sourceModel.encode(text).map(({ piece }) => piece),
        JSON.stringify(text),
      ).toEqual(pieces);
    }
  });

  test.each(vectors)('are those of its authors: $sentence', ({ sentence, source, tag }) => {
    const language = tag === '>>deu<<' ? 'de' : 'fr';
    expect([tokenizer.language(language), ...tokenizer.encode(sentence), tokenizer.end]).toEqual(source);
  });

  test('know their places in the text, which they cover without white space', () => {
    for (const [text] of jsonOf('pieces.json') as [string, string[]][]) {
      let end = 0;
      for (const piece of sourceModel.encode(text)) {
        expect(piece.start, JSON.stringify(text)).toBeGreaterThanOrEqual(end === 0 ? 0 : Math.min(end, piece.start));
        expect(piece.end).toBeLessThanOrEqual(text.length);
        end = piece.end;
      }
    }
    const text = 'A  captioner, ﬁne.';
    const { ids, spans, words } = tokenizer.encodeWithSpans(text);
    expect(words.map((word) => word.text)).toEqual(['A', 'captioner', ',', 'ﬁne', '.']);
    // A piece that is a space alone writes nothing.
    const writing = ids.flatMap((_, i) => (spans[i]!.end > spans[i]!.start ? [i] : []));
    expect(words.flatMap((word) => word.tokens)).toEqual(writing);
  });

  test('are written as their authors write them', () => {
    for (const { beams, text } of vectors) expect(tokenizer.decodeWithSpans(beams[0]!.tokens).text).toBe(text);
  });

  test('are one language each where the table has tags', () => {
    expect(tokenizer.languages).toEqual(['de', 'fr']);
    expect(() => tokenizer.language('cs')).toThrow('knows de, fr');
  });
});

describe('Marian, as its authors compute it', () => {
  test('has the logits, whatever is in the batch', async () => {
    const decoder = model.decoder(padTokens(vectors.map(({ source }) => source)));
    let state = decoder.start();
    let worst = 0;
    for (let step = 0; step <= vectors[0]!.target.length; step++) {
      const fed = vectors.map(({ target }) => (step === 0 ? config.startToken : target[step - 1]!));
      const next = decoder.step(state, Int32Array.from(fed));
      decoder.dispose(state);
      state = next.state;
      const ours = await next.logProbabilities.array();
      tf.dispose([next.logProbabilities, ...(next.weights ? [next.weights] : [])]);
      const theirs = vectors.map(({ logits }) => {
        const row = logits[step]!;
        const highest = Math.max(...row);
        const total = highest + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
        return row.map((logit) => logit - total);
      });
      worst = Math.max(worst, difference(ours, theirs));
    }
    decoder.dispose(state);
    expect(worst).toBeLessThan(1e-4);
  });

  test('looks where theirs looks, in every layer and head', async () => {
    const maps = model.attentionMaps(
      padTokens(vectors.map(({ source }) => source)),
      vectors.map(({ target }) => target),
    );
    const nested = async (layers: AttentionMaps['source']): Promise<number[][][][][]> =>
      Promise.all(layers.map((layer) => layer.array()));
    const [cross, encoder, decoder] = [
      await nested(maps.source),
      await nested(maps.encoder),
      await nested(maps.decoder),
    ];
    tf.dispose([maps.source, maps.encoder, maps.decoder]);
    for (const [row, vector] of vectors.entries()) {
      const length = vector.source.length;
      const own = (layers: number[][][][][], rows: number): number[][][][] =>
        layers.map((layer) => layer[row]!.map((head) => head.slice(0, rows)));
      const cut = (layers: number[][][][]): number[][][][] =>
        layers.map((layer) => layer.map((head) => head.map((weights) => weights.slice(0, length))));
      expect(difference(cut(own(cross, Infinity)), vector.cross)).toBeLessThan(1e-4);
      expect(difference(cut(own(encoder, length)), vector.encoder)).toBeLessThan(1e-4);
      expect(difference(own(decoder, Infinity), vector.decoder)).toBeLessThan(1e-4);
    }
  });

  test('finds the same by the same search', async () => {
    const { bad, beam, lengthPenalty, maxLength } = marianSearch(
      jsonOf('config.json'),
      jsonOf('generation_config.json'),
    );
    const found = await beamSearch(model.decoder(padTokens(vectors.map(({ source }) => source))), {
      width: beam,
      nBest: 3,
      lengthNormalisation: lengthPenalty,
      maxLength: maxLength - 2,
      minLength: 0,
      noRepeat: 2,
      forbidden: bad,
      refill: true,
      forceEnd: true,
    });
    for (const [row, { beams }] of vectors.entries()) {
      const ours = found[row]!.map(({ tokens }) => [...tokens, config.endToken]);
      expect(ours).toEqual(beams.map(({ tokens }) => tokens));
      for (const [rank, { score }] of beams.entries()) {
        expect(Math.abs(found[row]![rank]!.score / score - 1)).toBeLessThan(1e-4);
      }
    }
  });
});

describe('a configuration that is not of this Marian', () => {
  const usual = jsonOf('config.json') as Record<string, unknown>;
  test.each([
    [{ model_type: 'bart' }, 'config.json\'s model_type is "bart"; it must be "marian"'],
    [{ normalize_before: true }, 'normalize_before is true; it must be false'],
    [{ d_model: undefined }, 'd_model is missing'],
    [{ d_model: 18 }, 'a size of 18 cannot be divided among 4 heads'],
    [{ decoder_ffn_dim: 25 }, 'decoder_ffn_dim is 25; it must be 24'],
    [{ encoder_layers: 1e9 }, 'encoder_layers is 1000000000; it must be a whole number from 1 to 100'],
    [{ activation_function: 'toString' }, 'activation_function is "toString"; it must be one of relu'],
    [{ decoder_start_token_id: 9999 }, 'decoder_start_token_id is 9999'],
  ])('%j is refused', (change, message) => {
    expect(() => marianConfig({ ...usual, ...change })).toThrow(message);
  });

  test('or weights of another shape are refused', () => {
    const tensors = parseSafetensors(bytesOf('model.safetensors'));
    expect(() => marianWeights(tensors, { ...config, feedForwardSize: 25 })).toThrow(
      'has the shape [24, 16], not [25, 16]',
    );
    tensors.delete('model.decoder.layers.1.fc2.bias');
    expect(() => marianWeights(tensors, config)).toThrow('lacks model.decoder.layers.1.fc2.bias');
  });
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['other bytes', new Uint8Array(200).fill(0xa5)],
  ['half a model', bytesOf('source.spm').subarray(0, 500)],
])('%s is no SentencePiece model', (_, bytes) => {
  expect(() => SentencePiece.parse(bytes)).toThrow('Not a SentencePiece unigram model');
});
